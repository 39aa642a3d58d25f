package goredis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	redis "github.com/redis/go-redis/v9"
	"github.com/signet-go/signet/stores/redistable"
)

// client is a redistable.Client of a client of go-redis.
type client struct{ redis.UniversalClient }

var _ redistable.Client = client{}

// once is a command that go-redis doesn't send again by itself. A save whose answer was lost would otherwise be sent
// again, be refused as a conflict with itself, and be made a second time.
type once struct{ *redis.Cmd }

func (once) NoRetry() bool { return true }

// within makes a call and returns when it has, or when the context ends. By default go-redis goes on past a deadline until
// its own timeouts, and it never looks at a context again once it is waiting for an answer.
func within(ctx context.Context, call func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ctx.Done() == nil {
		return call()
	}
	answered := make(chan error, 1)
	go func() { answered <- call() }()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c client) Get(ctx context.Context, key string) (string, bool, error) {
	get := redis.NewStringCmd(ctx, "get", key)
	err := within(ctx, func() error { return c.Process(ctx, get) })
	switch {
	case errors.Is(err, redis.Nil):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	return get.Val(), true, nil
}

func (c client) GetAll(ctx context.Context, keys []string, each func(i int, value string)) error {
	gets := make([]*redis.StringCmd, len(keys))
	err := within(ctx, func() error {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, key := range keys {
				gets[i] = p.Get(ctx, key)
			}
			return nil
		})
		return err
	})
	if err != nil && ctx.Err() != nil {
		return err // and the call may still be writing to the commands
	}
	if errors.Is(err, redis.Nil) {
		err = nil // as the error of the first that has one, it hides what comes after
	}
	for i, get := range gets {
		switch v, failed := get.Result(); {
		case failed == nil:
			each(i, v)
		case err == nil && !errors.Is(failed, redis.Nil):
			err = failed
		}
	}
	return err
}

func (c client) Members(ctx context.Context, key string) ([]string, error) {
	cmd := redis.NewStringSliceCmd(ctx, "zrange", key, 0, -1)
	if err := within(ctx, func() error { return c.Process(ctx, cmd) }); err != nil {
		return nil, err
	}
	return cmd.Val(), nil
}

// Keys asks each master in turn.
func (c client) Keys(ctx context.Context, pattern string, each func([]string) bool) error {
	nodes, err := c.masters(ctx)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			page := redis.NewScanCmd(ctx, node.Process, "scan", cursor, "match", pattern, "count", 256)
			if err := within(ctx, func() error { return node.Process(ctx, page) }); err != nil {
				return err
			}
			var keys []string
			if keys, cursor = page.Val(); !each(keys) {
				return nil
			}
		}
	}
	return nil
}

// masters returns a client of each node that has keys of its own.
func (c client) masters(ctx context.Context) ([]*redis.Client, error) {
	var mu sync.Mutex
	var nodes []*redis.Client
	collect := func(_ context.Context, node *redis.Client) error { // called concurrently
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, node)
		return nil
	}
	var err error
	switch c := c.UniversalClient.(type) {
	case *redis.Client:
		return []*redis.Client{c}, nil
	case interface {
		ForEachMaster(context.Context, func(context.Context, *redis.Client) error) error
	}:
		err = within(ctx, func() error { return c.ForEachMaster(ctx, collect) })
	case interface {
		ForEachShard(context.Context, func(context.Context, *redis.Client) error) error
	}:
		err = within(ctx, func() error { return c.ForEachShard(ctx, collect) })
	default:
		return nil, fmt.Errorf("a %T doesn't tell which nodes it has", c)
	}
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(nodes), err
}

func (c client) Delete(ctx context.Context, key string) error {
	del := redis.NewIntCmd(ctx, "del", key)
	return within(ctx, func() error { return c.Process(ctx, del) })
}

func (c client) Run(ctx context.Context, s *redistable.Script, key string, args ...string) (int64, error) {
	n, err := c.run(ctx, "evalsha", s.SHA1, key, args)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		return c.run(ctx, "eval", s.Source, key, args)
	}
	return n, err
}

func (c client) run(ctx context.Context, how, script, key string, args []string) (int64, error) {
	all := make([]any, 0, 4+len(args))
	all = append(all, how, script, 1, key)
	for _, a := range args {
		all = append(all, a)
	}
	cmd := redis.NewCmd(ctx, all...)
	if err := within(ctx, func() error { return c.Process(ctx, once{cmd}) }); err != nil {
		return 0, err
	}
	return cmd.Int64()
}
