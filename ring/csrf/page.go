package csrf

import (
	"html"
	"html/template"
	"log/slog"
	"strings"
	"sync"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

var (
	layer   = ring.NewLayer("csrf.Wrap")
	pageKey = ring.KeyOf[*page](layer, "CSRF token")
)

// Token returns the token for the page that answers req, which a form sends in its field and a script in a header. Each
// call returns another text, and any of them will do. If the session has no secret yet, the response stores one, so
// Token is called before the response is returned, and in a plain handler before its first byte; later it returns "".
// Without [Wrap] around a served request, the response fails with an error that says so. In a test that calls a handler
// as a function it returns "".
func Token(req ring.Request) string {
	p := pageKey.Expect(req)
	if p == nil {
		return ""
	}
	return (*p).token()
}

// Field returns a form's hidden field with a [Token].
func Field(req ring.Request) template.HTML {
	p := pageKey.Expect(req)
	if p == nil {
		return ""
	}
	return template.HTML(`<input type="hidden" name="` + html.EscapeString((*p).Field) + `" value="` + (*p).token() + `">`)
}

// A page is what a response needs of tokens. Handlers may ask for them from several goroutines.
type page struct {
	*guard
	session session.Session // as it came
	info    session.Information

	mu      sync.Mutex
	asked   bool   // for a token
	secret  secret // of the page, once it was asked for
	fresh   bool   // the secret is not stored yet
	settled bool   // the response is known
}

func (p *page) token() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asked && !p.OneTime {
		p.secret, p.asked = newest(p.session)
	}
	if !p.asked && p.settled {
		slog.Warn("csrf: the token was asked for after the first byte of the response, so there is none")
		return ""
	}
	if !p.asked {
		p.secret, p.fresh, p.asked = newSecret(), true, true
	}
	return p.secret.masked()
}

// settle gives a response what its page needs, once it is known.
func (p *page) settle(resp ring.Response) ring.Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settled = true
	if !p.asked {
		return resp
	}
	resp.Header = private(resp.Header)
	if p.fresh {
		resp = resp.With(p.Slot.Update(p.store))
	}
	return resp
}

// private keeps a page with a token out of shared caches, and lets a browser's own be used only if the page is still the same.
func private(h ring.Header) ring.Header {
	h = h.Add("Vary", "Cookie")
	for control := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		switch strings.TrimSpace(control) {
		case "private", "no-store":
			return h
		}
	}
	return h.Set("Cache-Control", "private, no-cache")
}

// store adds the page's secret to a session, which may be a newer one than came with the request.
func (p *page) store(s session.Session) session.Session {
	room := secretsInSession
	if p.OneTime {
		room = pagesInSession
	}
	return keyFor(p.info).Set(makeRoom(s, room-1), p.secret[:])
}
