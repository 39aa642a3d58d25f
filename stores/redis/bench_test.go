package redis

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores/internal/redistest"
)

// What a hand-written store would send: a value of the same size, and the least script that compares a version.
func BenchmarkStore(b *testing.B) {
	c := dial(b, "", "", redistest.Single(b))
	compare := rueidis.NewLuaScript(`if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`)
	redistest.Benchmark(b, NewTable(c, Prefix(redistest.Prefix())), redistest.Hand{
		Get: func(ctx context.Context, key string) error {
			_, err := c.Do(ctx, c.B().Get().Key(key).Build()).ToString()
			return err
		},
		Set: func(ctx context.Context, key, value string) error {
			return c.Do(ctx, c.B().Set().Key(key).Value(value).Px(time.Hour).Build()).Error()
		},
		Swap: func(ctx context.Context, key, version, value string) error {
			_, err := compare.Exec(ctx, c, []string{key}, []string{version, value, "3600000"}).ToInt64()
			return err
		},
		Del: func(ctx context.Context, key string) error { return c.Do(ctx, c.B().Del().Key(key).Build()).Error() },
	})
}
