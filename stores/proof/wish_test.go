package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"pgregory.net/rapid"
)

// A wish is one thing that the answer to a request asks for.
type wish struct {
	what  wishKind
	edits edits
	text  string // of a message, an owner, a path
}

type wishKind string

const (
	set       wishKind = "set"
	update    wishKind = "update"
	say       wishKind = "say"
	redirect  wishKind = "redirect to"
	login     wishKind = "log in"
	logout    wishKind = "log out"
	renew     wishKind = "renew"
	remember  wishKind = "remember"
	discard   wishKind = "discard"
	fail      wishKind = "fail"
	complain  wishKind = "422"
	elsewhere wishKind = "https://elsewhere.example/"
)

const notice flash.Key[string] = "notice"

var aWish = rapid.Custom(func(t *rapid.T) wish {
	w := wish{what: rapid.SampledFrom([]wishKind{
		set, set, set, update, update, say, say, redirect, redirect, login, logout, renew, remember, discard, fail, complain,
	}).Draw(t, "wish")}
	switch w.what {
	case set, update:
		w.edits = rapid.SliceOfN(anEdit, 1, 2).Draw(t, "edits")
	case say:
		w.text = drawOf(t, "message", "Saved.", "Oh.")
	case redirect:
		w.text = drawOf(t, "to", "/a", "/b", string(elsewhere))
	case login:
		w.text = drawOf(t, "owner", owners...)
	}
	return w
})

var owners = []string{"ann", "ben"}

// What "remember" asks for.
const (
	longIdle     = time.Hour
	longAbsolute = 90 * time.Minute
)

func (w wish) String() string {
	switch {
	case w.edits != nil:
		return fmt.Sprintf("%s %s", w.what, w.edits)
	case w.text != "":
		return fmt.Sprintf("%s %s", w.what, w.text)
	}
	return string(w.what)
}

// change is the wish as a change of the response to req.
func (w wish) change(req ring.Request) ring.Change {
	switch w.what {
	case set:
		return session.Set(w.edits.do(session.From(req)))
	case update:
		return session.Update(w.edits.do)
	case say:
		return notice.Put(w.text)
	case login:
		return session.Login(callOf(req.Context()).site.named(w.text))
	case logout:
		return session.Delete
	case renew:
		return session.Renew
	case remember:
		return session.Lifetime(longIdle, longAbsolute, true)
	case discard:
		return session.Discard
	case complain:
		return ring.Status(422)
	}
	return func(r ring.Response) ring.Response { return r }
}

// A script is all that a handler does with a request.
type script struct {
	wishes  []wish
	attempt edits // not nil: the answer is that of an Attempt
	inside  bool  // the attempt's own response has the wishes, not its placeholder
}

var aScript = rapid.Custom(func(t *rapid.T) script {
	sc := script{wishes: rapid.SliceOfN(aWish, 0, 3).Draw(t, "wishes")}
	sc.wishes = slices.CompactFunc(sc.wishes, func(a, b wish) bool { return a.what == b.what && a.edits == nil && a.what != say })
	if rapid.IntRange(0, 4).Draw(t, "attempt") == 4 {
		sc.attempt = rapid.SliceOfN(anEdit, 1, 1).Draw(t, "edits")
		sc.inside = rapid.Bool().Draw(t, "inside")
	}
	return sc
})

func (sc script) String() string {
	var parts []string
	for _, w := range sc.wishes {
		parts = append(parts, w.String())
	}
	all := strings.Join(parts, "; ")
	switch {
	case sc.attempt == nil && all == "":
		return "read"
	case sc.attempt == nil:
		return all
	case all == "":
		return fmt.Sprintf("attempt(%s)", sc.attempt)
	case sc.inside:
		return fmt.Sprintf("attempt(%s; %s)", sc.attempt, all)
	}
	return fmt.Sprintf("attempt(%s); %s", sc.attempt, all)
}

func (sc script) has(what wishKind) (wish, bool) {
	for _, w := range slices.Backward(sc.wishes) {
		if w.what == what {
			return w, true
		}
	}
	return wish{}, false
}

// respond is the handler.
func (sc script) respond(req ring.Request) ring.Response {
	body := greeting(session.Info(req).State, unnamed(session.Info(req).Owner), told(session.From(req)), slices.Collect(notice.All(req)))
	if sc.attempt == nil {
		return sc.dress(req, sc.page(body))
	}
	resp := session.Attempt(func(s session.Session) (session.Session, ring.Response) {
		s = sc.attempt.do(s)
		resp := sc.page(body + " then " + told(s))
		if sc.inside {
			resp = sc.dress(req, resp)
		}
		return s, resp
	})
	if sc.inside {
		return resp
	}
	return sc.dress(req, resp)
}

// greeting is what a page shows of the session that came.
func greeting(state session.State, owner, content string, messages []string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s%s %s", state, owner, content, strings.Join(messages, " ")))
}

func (sc script) page(body string) ring.Response {
	if _, fails := sc.has(fail); fails {
		return ring.Fail(errors.New(whyFailed))
	}
	resp := ring.Text(body)
	if w, ok := sc.has(redirect); ok {
		resp = ring.Redirect(w.text)
		resp.Body = ring.TextBody(body)
	}
	return resp
}

func (sc script) dress(req ring.Request, resp ring.Response) ring.Response {
	for _, w := range sc.wishes {
		resp = resp.With(w.change(req))
	}
	return resp
}
