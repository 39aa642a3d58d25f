package redis

import (
	"context"
	"errors"
	"time"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores/redistable"
)

// client is a redistable.Client of a rueidis.Client. By itself, that sends what only reads again and again until a
// context's deadline, also to a server that refuses every connection. Nothing is marked as a read here, so each command is
// sent once, and never to a replica. What may be repeated is repeated by [again].
type client struct{ rueidis.Client }

var _ redistable.Client = client{}

// pauses are those before a command that failed is sent again. A connection that was cut is made anew at once; a server
// that is restarted may be there after a moment. Who waits longer for one that is gone, waits in vain.
var pauses = []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond}

// again makes a call whose repetition does no harm, until it doesn't fail, for up to len(pauses) more times.
func again[T any](ctx context.Context, call func() (T, error)) (T, error) {
	for _, pause := range pauses {
		if v, err := call(); !maySucceed(err) || !wait(ctx, pause) {
			return v, err
		}
	}
	return call()
}

// maySucceed reports whether a call that has ended with err may end otherwise in a moment.
func maySucceed(err error) bool {
	if err == nil || rueidis.IsRedisNil(err) || errors.Is(err, rueidis.ErrClosing) {
		return false
	}
	if e, ok := rueidis.IsRedisErr(err); ok {
		return e.IsLoading() || e.IsTryAgain() || e.IsClusterDown()
	}
	return true
}

// wait reports whether the context lasts for longer than d.
func wait(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (c client) get(key string) rueidis.Completed {
	return c.B().Arbitrary("GET").Keys(key).Build()
}

func (c client) Get(ctx context.Context, key string) (string, bool, error) {
	v, err := again(ctx, func() (string, error) { return c.Do(ctx, c.get(key)).ToString() })
	if rueidis.IsRedisNil(err) {
		return "", false, nil
	}
	return v, err == nil, err
}

func (c client) GetAll(ctx context.Context, keys []string, each func(i int, value string)) error {
	// The error is the first one: where the server is gone, all are the same.
	answers, failed := again(ctx, func() ([]rueidis.RedisResult, error) {
		gets := make(rueidis.Commands, len(keys))
		for i, key := range keys {
			gets[i] = c.get(key)
		}
		answers := c.DoMulti(ctx, gets...)
		for _, a := range answers {
			if err := a.Error(); err != nil && !rueidis.IsRedisNil(err) {
				return answers, err
			}
		}
		return answers, nil
	})
	for i, a := range answers {
		if v, err := a.ToString(); err == nil {
			each(i, v)
		}
	}
	return failed
}

func (c client) Members(ctx context.Context, key string) ([]string, error) {
	return again(ctx, func() ([]string, error) {
		return c.Do(ctx, c.B().Arbitrary("ZRANGE").Keys(key).Args("0", "-1").Build()).AsStrSlice()
	})
}

// Keys asks each node in turn. A node that is not a master has another node's keys.
func (c client) Keys(ctx context.Context, pattern string, each func([]string) bool) error {
	nodes := c.Nodes()
	for _, node := range nodes {
		if len(nodes) > 1 {
			is, err := isMaster(ctx, node)
			if err != nil {
				return err
			}
			if !is {
				continue
			}
		}
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			page, err := again(ctx, func() (rueidis.ScanEntry, error) {
				return node.Do(ctx, node.B().Scan().Cursor(cursor).Match(pattern).Count(256).Build()).AsScanEntry()
			})
			if err != nil {
				return err
			}
			if cursor = page.Cursor; !each(page.Elements) {
				return nil
			}
		}
	}
	return nil
}

func isMaster(ctx context.Context, node rueidis.Client) (bool, error) {
	role, err := again(ctx, func() ([]rueidis.RedisMessage, error) {
		return node.Do(ctx, node.B().Role().Build()).ToArray()
	})
	if err != nil || len(role) == 0 {
		return false, err
	}
	name, err := role[0].ToString()
	return name == "master", err
}

func (c client) Delete(ctx context.Context, key string) error {
	_, err := again(ctx, func() (int64, error) { return c.Do(ctx, c.B().Del().Key(key).Build()).ToInt64() })
	return err
}

func (c client) Run(ctx context.Context, s *redistable.Script, key string, args ...string) (int64, error) {
	n, err := c.Do(ctx, c.B().Evalsha().Sha1(s.SHA1).Numkeys(1).Key(key).Arg(args...).Build()).ToInt64()
	if e, ok := rueidis.IsRedisErr(err); ok && e.IsNoScript() {
		return c.Do(ctx, c.B().Eval().Script(s.Source).Numkeys(1).Key(key).Arg(args...).Build()).ToInt64()
	}
	return n, err
}
