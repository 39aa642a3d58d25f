package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// small is a store that takes sessions of up to 1000 bytes.
type small struct{ stores.Store }

func (s small) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	if rec.Data.Size() > 1000 {
		return stores.Token{}, stores.ErrTooLarge
	}
	return s.Store.Save(ctx, t, rec, renew)
}

func TestC6_KeysOfLayersGiveWayToTheValuesOfASession(t *testing.T) {
	layers := func(s session.Session) string { return fmt.Sprint(slices.Collect(s.KeysWith("."))) }
	for name, c := range map[string]struct {
		store stores.Store
		max   int
	}{"MaxBytes": {memory.New(), 1000}, "a store that takes less": {small{memory.New()}, 0}} {
		t.Run(name, func(t *testing.T) {
			var told []session.Event
			app := session.Wrap(c.store, session.Options{MaxBytes: c.max, OnEvent: func(_ context.Context, e session.Event) { told = append(told, e) }})(func(req ring.Request) ring.Response {
				s := session.From(req)
				switch req.URL.Path {
				case "/fill":
					for i := range 4 {
						s = session.Key[string](fmt.Sprintf(".%d", i)).Set(s, strings.Repeat("x", 200))
					}
				case "/login":
					return ring.Text("").With(session.Set(theme.Set(s, strings.Repeat("x", 400))), session.Login("ann"))
				case "/huge":
					s = theme.Set(s, strings.Repeat("x", 1100))
				case "/one":
					return ring.Text("").With(session.Set(session.Key[string](".one").Set(s, strings.Repeat("x", 1100))))
				default:
					return ring.Text(fmt.Sprintf("%d %s", len(theme.Get(s)), layers(s)))
				}
				return ring.Text("").With(session.Set(s))
			})
			b := &client{app: app}
			if resp := b.do("/one"); resp.Err == nil || len(b.cookies) != 0 {
				t.Errorf("a key of a layer alone that is too large: %v, cookies %q; want a failure", resp.Err, b.cookies)
			}
			if resp := b.do("/fill"); resp.Err != nil || told[len(told)-1].Err != nil {
				t.Fatalf("%v, %v", resp.Err, told)
			}
			if resp := b.do("/login"); resp.Err != nil {
				t.Fatalf("the log-in fails: %v", resp.Err)
			}
			if got := b.text("/show"); got != "400 [.2 .3]" {
				t.Errorf("after the log-in: %s; want the first two dropped", got)
			}
			if e := told[len(told)-1]; e.Kind != session.LoggedIn || e.Err == nil || !strings.Contains(e.Err.Error(), "2 keys of layers") {
				t.Errorf("the event says %v, %v", e.Kind, e.Err)
			}
			if resp := b.do("/huge"); resp.Err == nil || !errors.Is(resp.Err, stores.ErrTooLarge) {
				t.Errorf("a value that doesn't fit by itself: %v; want a failure", resp.Err)
			}
			if got := b.text("/show"); got != "400 [.2 .3]" {
				t.Errorf("after a failure: %s; want it as before", got)
			}
		})
	}
}

// A client calls a handler as a function, and keeps the newest cookie of each name.
type client struct {
	app     ring.Handler
	cookies map[string]string
}

func (b *client) do(path string) ring.Response {
	req := ring.NewRequest("POST", path, nil)
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	if len(pairs) > 0 {
		req.Header = req.Header.Set("Cookie", strings.Join(pairs, "; "))
	}
	resp := b.app(req)
	for line := range resp.Header.All("Set-Cookie") {
		name, value, _ := strings.Cut(line, "=")
		value, _, _ = strings.Cut(value, ";")
		if b.cookies == nil {
			b.cookies = map[string]string{}
		}
		b.cookies[name] = value
	}
	return resp
}

func (b *client) text(path string) string {
	text, _ := b.do(path).Body.Text()
	return text
}
