package session

import (
	"context"
	"log/slog"
	"time"
)

// SweepEvery sweeps now and then every interval until ctx ends, and returns ctx's error. It blocks; start it with go. After sweeps
// that fail it waits longer and longer, up to ten minutes or an interval that is longer, and goes on. [slog.Default] is told of the first
// failure, of those that follow once an hour, and of the first sweep that succeeds again. SweepEvery panics if store is nil or interval
// isn't positive.
//
// A store that has nothing to sweep, such as one in Redis, is no Sweeper. To find out whether a Store is one, ask [As].
func SweepEvery(ctx context.Context, store Sweeper, interval time.Duration) error {
	if store == nil || interval <= 0 {
		panic("session: SweepEvery needs a store and a positive interval")
	}
	var failing outage
	for {
		_, err := store.Sweep(ctx, time.Now())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failing.note(err, time.Now())
		wait := time.NewTimer(failing.wait(interval))
		select {
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		case <-wait.C:
		}
	}
}

// outage is a row of sweeps that failed.
type outage struct {
	failures int
	told     time.Time
}

// note counts a sweep, and says what somebody should know.
func (o *outage) note(err error, now time.Time) {
	switch {
	case err == nil && o.failures > 0:
		slog.Info("session: expired sessions are removed again", "failures", o.failures)
		*o = outage{}
	case err != nil:
		if o.failures++; o.failures == 1 || now.Sub(o.told) >= time.Hour {
			o.told = now
			slog.Error("session: expired sessions are not removed", "error", err, "failures", o.failures)
		}
	}
}

// wait returns how long to wait for the next sweep: twice as long after each failure.
func (o *outage) wait(interval time.Duration) time.Duration {
	longest := max(interval, 10*time.Minute)
	for range o.failures {
		if interval *= 2; interval >= longest {
			return longest
		}
	}
	return interval
}
