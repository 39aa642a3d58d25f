package stores

import (
	"context"
	"log/slog"
	"time"
)

// SweepEvery sweeps now and then every interval until ctx ends, and returns ctx's error. It blocks; start it with go. After each sweep
// that fails it waits twice as long, up to ten minutes or the interval if that is longer, and goes on. It logs to
// [slog.Default]: the first failure, later ones once an hour, and the first sweep that succeeds again. SweepEvery panics if store is
// nil or interval isn't positive.
//
// A store that has nothing to sweep, such as one in Redis, is no Sweeper. [As] finds out whether a Store is one.
func SweepEvery(ctx context.Context, store Sweeper, interval time.Duration) error {
	if store == nil || interval <= 0 {
		panic("stores: SweepEvery needs a store and a positive interval")
	}
	var failing outage
	for {
		_, err := store.Sweep(ctx, time.Now())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failing.add(err, time.Now())
		wait := time.NewTimer(failing.wait(interval))
		select {
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		case <-wait.C:
		}
	}
}

// An outage is a series of sweeps that failed.
type outage struct {
	failures int
	logged   time.Time // the last failure that was logged
}

// add counts the result of a sweep, and logs it if it is news.
func (o *outage) add(err error, now time.Time) {
	switch {
	case err == nil && o.failures > 0:
		slog.Info("stores: expired sessions are removed again", "failures", o.failures)
		*o = outage{}
	case err != nil:
		if o.failures++; o.failures == 1 || now.Sub(o.logged) >= time.Hour {
			o.logged = now
			slog.Error("stores: expired sessions are not removed", "error", err, "failures", o.failures)
		}
	}
}

// wait returns how long to wait before the next sweep.
func (o *outage) wait(interval time.Duration) time.Duration {
	longest := max(interval, 10*time.Minute)
	for range o.failures {
		if interval *= 2; interval >= longest {
			return longest
		}
	}
	return interval
}
