package redistest

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/redistable"
)

// Hand is a client's own commands, for comparison.
type Hand struct {
	Get  func(ctx context.Context, key string) error
	Set  func(ctx context.Context, key, value string) error
	Swap func(ctx context.Context, key, version, value string) error // where the first eight bytes are version
	Del  func(ctx context.Context, key string) error
}

// Benchmark compares a table with its client's own commands, one at a time and from sixty-four goroutines, under a
// context with a deadline as a site has it.
func Benchmark(b *testing.B, table *redistable.Table, hand Hand) {
	limited, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	rec := record("")
	for i := range 9 {
		rec.Data = session.Key[string](fmt.Sprint("key ", i)).Set(session.Of(rec.Data), "a value of some length").Data()
	}
	h, key := newHandle(), Prefix()
	version := string(binary.BigEndian.AppendUint64(nil, rec.Version))
	value := version + strings.Repeat("x", len(rec.Row().Body.Bytes())+head-8)
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(table.Save(limited, h, 0, rec.Row()))
	must(hand.Set(limited, key, value))
	defer func() { _ = hand.Del(ctx, key) }()
	defer func() { _ = table.Delete(ctx, h) }()
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"load/hand", func() error { return hand.Get(limited, key) }},
		{"load/signet", func() error { return second(table.Load(limited, h)) }},
		{"save/hand", func() error { return hand.Swap(limited, key, version, value) }},
		{"save/signet", func() error { return table.Save(limited, h, rec.Version, rec.Row()) }},
	} {
		for _, goroutines := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", c.name, goroutines), func(b *testing.B) {
				b.ReportAllocs()
				if goroutines == 1 {
					for b.Loop() {
						must(c.call())
					}
					return
				}
				b.SetParallelism(goroutines / 2)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := c.call(); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}
