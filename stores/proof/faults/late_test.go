package faults

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// An interrupted table has something happen before its next write.
type interrupted struct {
	session.Table
	happen func()
}

func (i *interrupted) Save(ctx context.Context, h session.Handle, seen uint64, rec session.Record) error {
	i.happen()
	return i.Table.Save(ctx, h, seen, rec)
}

func (i *interrupted) Delete(ctx context.Context, h session.Handle) error {
	i.happen()
	return i.Table.Delete(ctx, h)
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
					if _, err := session.Keep(table).DeleteOwned(t.Context(), "ann"); err != nil {
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
					held, closeHeld, err := e.Connect(t.Context(), there, space)
					if err != nil {
						t.Fatal(err)
					}
					// A statement that a connection does not know yet would first be prepared, and only that be held back.
					newSite(held, time.Minute).must(t, jar{}, "/count", "/count", "/login?as=eve", "/logout")
					s := newSite(&interrupted{held, func() { proxy.Hold(true) }}, deadline)
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
