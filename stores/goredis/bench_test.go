package goredis

import (
	"context"
	"testing"
	"time"

	redis "github.com/redis/go-redis/v9"
	"github.com/signet-go/signet/stores/internal/redistest"
)

// What a hand-written store would send: a value of the same size, and the least script that compares a version.
func BenchmarkStore(b *testing.B) {
	c := dial(b, "", "", redistest.Single(b))
	compare := redis.NewScript(`if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`)
	redistest.Benchmark(b, NewTable(c, Prefix(redistest.Prefix())), redistest.Hand{
		Get: func(ctx context.Context, key string) error { return c.Get(ctx, key).Err() },
		Set: func(ctx context.Context, key, value string) error { return c.Set(ctx, key, value, time.Hour).Err() },
		Swap: func(ctx context.Context, key, version, value string) error {
			return compare.Run(ctx, c, []string{key}, version, value, "3600000").Err()
		},
		Del: func(ctx context.Context, key string) error { return c.Del(ctx, key).Err() },
	})
}
