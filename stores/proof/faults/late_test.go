package faults

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/engine"
	"github.com/signet-go/signet/stores/redis"
)

// An interrupted table is one whose first write is held back by the network. The application gives up on it once it is on its
// way, and reaches the server no more.
type interrupted struct {
	stores.Table
	proxy *Proxy
	over  bool
}

func (i *interrupted) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if i.over {
		return stores.Row{}, context.DeadlineExceeded
	}
	return i.Table.Load(ctx, h)
}

func (i *interrupted) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	return i.write(ctx, h, func(ctx context.Context) error { return i.Table.Save(ctx, h, expected, row) })
}

func (i *interrupted) Delete(ctx context.Context, h stores.Handle) error {
	return i.write(ctx, h, func(ctx context.Context) error { return i.Table.Delete(ctx, h) })
}

func (i *interrupted) write(ctx context.Context, h stores.Handle, call func(context.Context) error) error {
	if i.over {
		return context.DeadlineExceeded
	}
	i.over = true
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	stopped := i.proxy.HoldMarked(h.String())
	// PostgreSQL's driver asks the server on another connection to cancel what it has given up. Whether that overtakes the write is
	// chance, and so would be whether the write is made.
	i.proxy.Set(Faults{Refuse: 1})
	go func() {
		select {
		case <-stopped:
			giveUp()
		case <-ctx.Done():
		}
	}()
	return call(ctx)
}

// connectCancellable is e.Connect with clients that notice when a context is cancelled. That of Redis does so only if it pipelines.
func connectCancellable(ctx context.Context, e engine.Engine, where, space string) (stores.Table, func() error, error) {
	if e.Name != "Redis" {
		return e.Connect(ctx, where, space)
	}
	o, err := rueidis.ParseURL(where)
	if err != nil {
		return nil, nil, err
	}
	o.DisableCache, o.AlwaysPipelining = true, true
	client, err := rueidis.NewClient(o)
	if err != nil {
		return nil, nil, err
	}
	return redis.NewTable(client, redis.Prefix(space+":")), func() error { client.Close(); return nil }, nil
}

// A write is held back by the network. The application gives up, the browser does something else by way of another one, and
// then the write arrives.
func TestC5_AWriteThatArrivesAfterItsDeadlineIsOneForItsVersionOnly(t *testing.T) {
	tests := []struct {
		name   string
		before []string
		late   string
		then   []string
		want   view
		owned  int // sessions of ann in the end
	}{
		{"a count after nothing", nil, "/count", nil, view{State: "live", Visits: 2}, 0}, // that it arrives at all
		{"a count after a count", nil, "/count", []string{"/count"}, view{State: "live", Visits: 2}, 0},
		{"a count after a log-out", nil, "/count", []string{"/logout"}, gone, 0},
		{"a log-in after a log-out", nil, "/login?as=ann", []string{"/logout"}, gone, 0},
		{"a log-in after a log-in", nil, "/login?as=ann", []string{"/login?as=ann"}, renewed, 1},
		{"a renewal after a count", nil, "/renew", []string{"/count"}, view{State: "live", Visits: 2}, 0},
		// A log-out has no version: it ends whatever the session has become meanwhile.
		{"a log-out after a count", []string{"/login?as=ann"}, "/logout", []string{"/count"}, gone, 0},
	}
	for _, name := range engines {
		t.Run(name, func(t *testing.T) {
			e, server := engine.Named(name), own(t, name)
			space := engine.Space()
			table := e.OpenAt(t, server.URL(), space) // for what the browser sees in the end
			for i, test := range tests {
				if testing.Short() && i%2 == 1 {
					continue
				}
				t.Run(test.name, func(t *testing.T) {
					if _, err := stores.Keep(table).(stores.Owners).DeleteOwned(t.Context(), "ann"); err != nil {
						t.Fatal(err)
					}
					idle := connected(t, e, server.URL())
					other, closeOther, err := e.Connect(t.Context(), server.URL(), space)
					if err != nil {
						t.Fatal(err)
					}
					elsewhere := newSite(other, time.Minute)
					j := begin(t, elsewhere)
					elsewhere.must(t, j, test.before...)

					there, proxy := through(t, e, server.URL())
					held, closeHeld, err := connectCancellable(t.Context(), e, there, space)
					if err != nil {
						t.Fatal(err)
					}
					// A statement that a connection does not know yet would first be prepared, and only that be held back.
					newSite(held, time.Minute).must(t, jar{}, "/count", "/count", "/login?as=eve", "/logout")
					s := newSite(&interrupted{Table: held, proxy: proxy}, time.Minute)
					if a := s.get(j, test.late); a.status != 503 || len(a.set) > 0 {
						t.Errorf("%s: %d, %d cookies; want 503 and none", test.late, a.status, len(a.set))
					}
					elsewhere.must(t, maps.Clone(j), test.then...)
					if proxy.Held() == 0 {
						t.Error("nothing was held back")
					}
					proxy.Hold(false)
					until(t, "all that was held back has arrived", func() bool { return proxy.Held() == 0 })
					if err := errors.Join(closeHeld(), closeOther()); err != nil {
						t.Error(err)
					}
					until(t, "the server is done with it", func() bool { return connected(t, e, server.URL()) <= idle })
					if got := look(t, table, j); got != test.want {
						t.Errorf("the browser sees %v; want %v", got, test.want)
					}
					if n := owned(t, table, "ann"); n != test.owned {
						t.Errorf("ann has %d sessions; want %d", n, test.owned)
					}
				})
			}
		})
	}
}
