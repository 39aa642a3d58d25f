package csrf

import (
	"net/http"
	"slices"
	"strings"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// serve answers a request, or refuses it.
func (g *guard) serve(h ring.Handler, req ring.Request) ring.Response {
	p := &page{guard: g, session: g.Slot.From(req), info: g.Slot.Info(req)}
	inner := req
	inner.Values = pageKey.Put(inner.Values, p)
	v := verdict{}
	if !isSafe(req.Method) && !g.isExempt(&req) {
		v = g.check(&req, p)
	}
	if v.refused != nil {
		return p.settle(g.refuse(inner, v.refused))
	}
	resp := h(inner)
	if v == (verdict{}) && !resp.IsPlaceholder() {
		return p.settle(resp)
	}
	return resp.Then(func(resp ring.Response) ring.Response { return p.settle(g.finish(inner, resp, v)) })
}

// finish applies what the checks have left to do to a response.
func (g *guard) finish(req ring.Request, resp ring.Response, v verdict) ring.Response {
	if v.mayNotLogIn && g.logsIn(req, resp) {
		_ = resp.Body.Close()
		return g.refuse(req, ErrToken)
	}
	if v.used != "" {
		return resp.With(g.Slot.Update(v.used.Delete))
	}
	return resp
}

// A verdict is the result of the checks. The zero verdict lets a request through.
type verdict struct {
	refused     error
	mayNotLogIn bool
	used        secretKey // of a one-time token, which the response takes out of the session
}

func (g *guard) check(req *ring.Request, p *page) verdict {
	fetchSite, origin := req.Header.Get("Sec-Fetch-Site"), req.Header.Get("Origin")
	if g.isCrossOrigin(req, fetchSite, origin) {
		return verdict{refused: ErrCrossOrigin}
	}
	told := fetchSite != "" || origin != ""
	if told && !g.Always || g.SafeHeader != "" && has(req.Header, g.SafeHeader) {
		return verdict{}
	}
	key, ok := find(p.session, g.sent(req))
	switch {
	case ok && g.OneTime:
		return verdict{used: key}
	case ok:
		return verdict{}
	case g.Always || p.info.State != session.None:
		return verdict{refused: ErrToken}
	}
	return verdict{mayNotLogIn: true}
}

func (g *guard) isCrossOrigin(req *ring.Request, fetchSite, origin string) bool {
	r := &http.Request{Method: req.Method, Host: req.Host, URL: &req.URL, Header: http.Header{}}
	if fetchSite != "" {
		r.Header["Sec-Fetch-Site"] = []string{fetchSite}
	}
	if origin != "" {
		r.Header["Origin"] = []string{origin}
	}
	if g.origins.Check(r) != nil {
		return true
	}
	// Without Sec-Fetch-Site, hosts alone are compared above: a page that somebody on the network has put under http could
	// post to https.
	downgraded := fetchSite == "" && req.Scheme == "https" && strings.HasPrefix(origin, "http:")
	return downgraded && !slices.Contains(g.TrustedOrigins, origin)
}

func (g *guard) isExempt(req *ring.Request) bool {
	if g.exempt == nil {
		return false
	}
	h, _ := g.exempt.Handler(&http.Request{Method: req.Method, Host: req.Host, URL: &req.URL})
	_, is := h.(exempt) // and no redirect to a path that is
	return is
}

// exempt is the handler of every pattern, which is never called.
type exempt struct{ http.Handler }

// sent returns the token that came with a request, "" for none. A form that can't be read has none: its handler answers
// what is wrong with it, if another rule lets it through.
func (g *guard) sent(req *ring.Request) string {
	for _, name := range g.Headers {
		if t := req.Header.Get(name); t != "" {
			return t
		}
	}
	form, _ := req.Form()
	return form.Get(g.Field)
}

// refuse answers a request that is refused.
func (g *guard) refuse(req ring.Request, err error) ring.Response {
	if g.Refuse != nil {
		return g.Refuse(req, err)
	}
	return ring.Fail(&ring.Error{Status: http.StatusForbidden, Message: messages[err], Err: err})
}

var messages = map[error]string{
	ErrCrossOrigin: "This request was made by another site.",
	ErrToken:       "The page that made this request has expired. Load it again, and try once more.",
}

// logsIn reports whether a response logs somebody in.
func (g *guard) logsIn(req ring.Request, resp ring.Response) bool {
	_, d := g.Slot.Outcome(req, resp)
	return d.LogsIn()
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func has(h ring.Header, name string) bool {
	_, ok := h.Lookup(name)
	return ok
}
