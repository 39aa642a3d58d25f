package redistest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
)

// Patience is a client's own timeout. It is far longer than anything takes, so that a call ends with its context or not at all.
const Patience = 10 * time.Minute

// calls makes every call there is, and checks that each ends with its context and fails. Whether it does so in time is not measured:
// with nothing else to end it, it would come only after Patience.
func (p *place) calls(t *testing.T, h stores.Handle, limit func() (context.Context, context.CancelFunc)) {
	t.Helper()
	rec := record("")
	for name, call := range map[string]func(context.Context) error{
		"load":         func(ctx context.Context) error { return second(p.Load(ctx, h)) },
		"insert":       func(ctx context.Context) error { return p.Save(ctx, newHandle(), 0, rec.Row()) },
		"insert owned": func(ctx context.Context) error { return p.Save(ctx, newHandle(), 0, record("ann").Row()) },
		"save":         func(ctx context.Context) error { return p.Save(ctx, h, 7, rec.Row()) },
		"touch":        func(ctx context.Context) error { return p.Touch(ctx, h, 7, rec.Seen, rec.Expires.Add(time.Hour)) },
		"delete":       func(ctx context.Context) error { return p.Delete(ctx, h) },
		"list":         func(ctx context.Context) error { return second(p.List(ctx, "ann")) },
	} {
		ctx, cancel := limit()
		began := time.Now()
		if err := call(ctx); isAnswer(err) {
			t.Errorf("%s: %v; want a failure", name, err)
		}
		if time.Since(began) >= Patience {
			t.Errorf("%s ended with the client's timeout", name)
		}
		cancel()
	}
}

func brief() (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 200*time.Millisecond)
}

func gone(t *testing.T, open Open) {
	proxy := NewProxy(t, Single(t))
	p := placeAt(open(t, "", "", proxy.Addr()), proxy.target)
	h := p.insert(t, record("ann"))
	proxy.Stop()
	p.calls(t, h, brief)
}

func silent(t *testing.T, open Open) {
	for _, reconnect := range []bool{false, true} {
		name := "on a connection that there was"
		if reconnect {
			name = "on a new connection"
		}
		t.Run(name, func(t *testing.T) {
			proxy := NewProxy(t, Single(t))
			p := placeAt(open(t, "", "", proxy.Addr()), proxy.target)
			h := p.insert(t, record("ann"))
			proxy.Hold()
			if reconnect {
				proxy.Cut()
			}
			p.calls(t, h, brief)
		})
	}
	t.Run("a call that is cancelled meanwhile", func(t *testing.T) {
		proxy := NewProxy(t, Single(t))
		p := placeAt(open(t, "", "", proxy.Addr()), proxy.target)
		h := p.insert(t, record("ann"))
		proxy.Hold()
		p.calls(t, h, func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			held := proxy.Next()
			go func() {
				select {
				case <-held:
					cancel()
				case <-ctx.Done():
				}
			}()
			return ctx, cancel
		})
	})
}

func wrongPassword(t *testing.T, open Open) {
	addr := Single(t)
	user, password := "test-"+rand.Text()[:12], rand.Text()
	admin := &place{addr: addr}
	admin.do(t, "ACL", "SETUSER", user, "on", ">"+password, "~*", "&*", "+@all")
	t.Cleanup(func() { admin.do(t, "ACL", "DELUSER", user) })
	p := placeAt(open(t, user, password, addr), addr)
	h := p.insert(t, record("ann"))

	admin.do(t, "ACL", "SETUSER", user, "resetpass", ">"+rand.Text())
	admin.do(t, "CLIENT", "KILL", "USER", user)
	p.calls(t, h, brief)
	limited, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if _, err := p.Load(limited, h); isAnswer(err) || !strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), password) {
		t.Errorf("load: %v; want what the server says, and no password", err)
	}
}

// Refused checks that every call fails after a few tries where all connections are refused. The context has no deadline
// that would end a call; most bounds the dials of one.
func Refused(t *testing.T, most int, open func(t *testing.T, dials *atomic.Int64) redistable.Client) {
	var dials atomic.Int64
	table := redistable.New(open(t, &dials))
	rec := record("")
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"load", func() error { return second(table.Load(ctx, newHandle())) }},
		{"insert", func() error { return table.Save(ctx, newHandle(), 0, rec.Row()) }},
		{"insert owned", func() error { return table.Save(ctx, newHandle(), 0, record("ann").Row()) }},
		{"save", func() error { return table.Save(ctx, newHandle(), 7, rec.Row()) }},
		{"touch", func() error { return table.Touch(ctx, newHandle(), 7, rec.Seen, rec.Expires) }},
		{"delete", func() error { return table.Delete(ctx, newHandle()) }},
		{"list", func() error { return second(table.List(ctx, "ann")) }},
	} {
		dials.Store(0)
		done := make(chan error, 1)
		go func() { done <- c.call() }()
		select {
		case err := <-done:
			if isAnswer(err) || !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: %v; want what the dial says", c.name, err)
			}
		case <-time.After(Patience):
			t.Fatalf("%s: no answer, after %d dials", c.name, dials.Load())
		}
		if n := dials.Load(); n > int64(most) {
			t.Errorf("%s: %d dials; want %d at most", c.name, n, most)
		}
	}
}
