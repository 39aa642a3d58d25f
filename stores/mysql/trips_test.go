package mysql

import (
	"errors"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
)

func TestRoundTrips(t *testing.T) {
	for name, change := range map[string]func(*mysql.Config){
		"as it comes":  func(*mysql.Config) {},
		"interpolated": func(c *mysql.Config) { c.InterpolateParams = true },
	} {
		t.Run(name, func(t *testing.T) {
			p, dsn := proxied(t, change)
			table := migrated(t, dsn)
			one := table.(ownTable).db
			one.SetMaxOpenConns(1)
			h := insert(t, table)
			now := time.Now()
			for _, c := range []struct {
				name string
				want int64
				call func() error
				err  error
			}{
				{"load", 1, func() error { _, err := table.Load(ctx, h); return err }, nil},
				{"load of nothing", 1, func() error { _, err := table.Load(ctx, sqltest.Handle()); return err }, stores.ErrNotFound},
				{"list", 1, func() error { _, err := table.List(ctx, "ann"); return err }, nil},
				{"insert", 1, func() error { return table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "bob").Row()) }, nil},
				{"insert over one", 2, func() error { return table.Save(ctx, h, 0, sqltest.Record(1, "ann").Row()) }, stores.ErrConflict},
				{"save", 1, func() error { return table.Save(ctx, h, 1, sqltest.Record(1, "bob").Row()) }, nil},
				{"save of another version", 2, func() error { return table.Save(ctx, h, 99, sqltest.Record(2, "ann").Row()) }, stores.ErrConflict},
				{"save of nothing", 2, func() error { return table.Save(ctx, sqltest.Handle(), 1, sqltest.Record(2, "ann").Row()) }, stores.ErrNotFound},
				{"touch", 1, func() error { return table.Touch(ctx, h, 1, now, now.Add(time.Hour)) }, nil},
				{"sweep", 1, func() error { _, err := table.Sweep(ctx, now); return err }, nil},
				{"delete of nothing", 1, func() error { return table.Delete(ctx, sqltest.Handle()) }, nil},
			} {
				_ = c.call() // prepares
				before := p.trips.Load()
				if err := c.call(); !errors.Is(err, c.err) {
					t.Errorf("%s: %v; want %v", c.name, err, c.err)
				}
				if got := p.trips.Load() - before; got != c.want {
					t.Errorf("%s: %d round trips; want %d", c.name, got, c.want)
				}
			}
		})
	}
}
