package cookie_test

import (
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
