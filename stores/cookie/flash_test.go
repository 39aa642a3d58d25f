package cookie_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

func TestF3_AMessageIsShownOnceOneRequestAfterTheOther(t *testing.T) {
	const notice flash.Key[string] = "notice"
	for name, options := range map[string][]cookie.Option{"alone": nil, "revocable": {cookie.Revocable(memory.New())}} {
		t.Run(name, func(t *testing.T) {
			app := ring.Chain(session.Wrap(open(t, secret, options...), session.Options{}), flash.Wrap)(func(req ring.Request) ring.Response {
				switch req.URL.Path {
				case "/login":
					return ring.Redirect("/").With(session.Login("ann"), notice.Put("Welcome."))
				case "/logout":
					return ring.Redirect("/").With(session.Delete, notice.Put("Bye."))
				}
				return ring.Text(session.Info(req).Owner + " " + notice.Get(req))
			})
			b := ringtest.New(t, app)
			for _, c := range []struct{ path, first, second string }{
				{"/login", "ann Welcome.", "ann "}, {"/logout", " Bye.", " "},
			} {
				if got := b.Post(c.path).Body; got != c.first {
					t.Errorf("after %s: %q; want %q", c.path, got, c.first)
				}
				if got := b.Get("/").Body; got != c.second {
					t.Errorf("after %s and once more: %q; want %q", c.path, got, c.second)
				}
			}
		})
	}
}

func TestC6_MessagesThatNobodyFetchesNeverMakeALogInFail(t *testing.T) {
	const notice flash.Key[string] = "notice"
	for name, options := range map[string][]cookie.Option{"alone": nil, "revocable": {cookie.Revocable(memory.New())}} {
		for _, filled := range []int{0, 2400} { // bytes of the visitor's own
			t.Run(fmt.Sprint(name, ", beside ", filled, " bytes"), func(t *testing.T) {
				app := ring.Chain(session.Wrap(open(t, secret, options...), session.Options{}), flash.Wrap)(func(req ring.Request) ring.Response {
					switch req.URL.Path {
					case "/fill":
						return ring.Text("").With(theme.Put(strings.Repeat("~", filled)))
					case "/api":
						return ring.Text("done").With(notice.Put("Your settings have been saved."))
					case "/login":
						return ring.Redirect("/").With(session.Login("ann"), notice.Put("Welcome."))
					}
					return ring.Text(fmt.Sprint(session.Info(req).Owner, " ", len(theme.Get(session.From(req))), " ", notice.Get(req)))
				})
				b := ringtest.New(t, app)
				b.Post("/fill")
				for i := range 60 {
					if got := b.Post("/api"); got.Status != 200 {
						t.Fatalf("message %d: %v", i, got)
					}
				}
				if got, want := b.Post("/login").Body, fmt.Sprint("ann ", filled, " Welcome."); got != want {
					t.Errorf("%q; want %q", got, want)
				}
			})
		}
	}
}
