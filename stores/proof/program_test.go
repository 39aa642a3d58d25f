package proof

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"pgregory.net/rapid"
)

// A program is one random story: what people do, on a site and on its model.
type program struct {
	*rapid.T
	*site
	model
	people []*browser
	held   []*ask
	late   []*ask
	known  map[string]bool // tokens that were given out
	asked  int
	steps  int
	story  []string
}

func runProgram(t *rapid.T, s *site) (requests int) {
	p := &program{T: t, site: s, known: map[string]bool{}}
	p.model.now = time.Now().Truncate(time.Second)
	s.begin(p.model.now)
	for _, name := range []string{"Ann", "Ben"} {
		p.people = append(p.people, &browser{name: name})
	}
	defer p.leave()
	t.Repeat(map[string]func(*rapid.T){"step": p.step})
	for len(p.held) > 0 {
		p.letGoOn(0)
	}
	p.check()
	return p.asked
}

// leave ends what is held, and takes the program's records away.
func (p *program) leave() {
	for _, a := range p.held {
		_ = a.finish()
	}
	p.site.end()
}

func (p *program) step(t *rapid.T) {
	p.T = t
	p.pass(time.Millisecond)
	what := []string{"ask", "ask", "ask", "hold", "hold", "wait"}
	if len(p.held) > 0 {
		what = append(what, "go on", "go on", "go on")
	}
	if len(p.late) > 0 {
		what = append(what, "arrive", "arrive")
	}
	if len(p.records) > 0 {
		what = append(what, "revoke", "sweep", "restart", "steal", "forge")
	}
	switch drawOf(t, "step", what...) {
	case "ask":
		p.ask(nowhere)
	case "hold":
		if len(p.held) < 3 {
			p.ask(drawOf(t, "stop", beforeLoading, inTheHandler, beforeStoring, beforeStoring))
		}
	case "go on":
		p.letGoOn(rapid.IntRange(0, len(p.held)-1).Draw(t, "held"))
	case "arrive":
		p.arrive(rapid.IntRange(0, len(p.late)-1).Draw(t, "late"))
	case "wait":
		d := drawOf(t, "time", time.Second, 11*time.Second, 30*time.Second, 61*time.Second, 5*time.Minute, 29*time.Minute, 31*time.Minute, absolute)
		p.tell("%v pass", d)
		p.pass(d)
	case "revoke":
		p.revoke(drawOf(t, "owner", owners...))
	case "sweep":
		p.sweep()
	case "restart":
		b := p.somebody()
		p.tell("%s restarts the browser", b.name)
		b.restart()
	case "steal":
		to, from := p.somebody(), p.somebody()
		p.tell("%s gets the cookies of %s", to.name, from.name)
		to.anonymous, to.owned = from.anonymous, from.owned
	case "forge":
		p.forge()
	}
	if p.steps++; p.site.quick || p.steps%lookEvery == 0 {
		p.check()
	}
}

// lookEvery is how many steps are between two looks at all that is stored, where a look takes long. A program ends with one.
const lookEvery = 5

func (p *program) tell(format string, args ...any) {
	p.story = append(p.story, fmt.Sprintf(format, args...))
}

func (p *program) Fatalf(format string, args ...any) {
	p.T.Fatalf("%s\nafter:\n  %s", fmt.Sprintf(format, args...), strings.Join(p.story, "\n  "))
}

func (p *program) pass(d time.Duration) {
	p.model.now = p.model.now.Add(d)
	p.site.wait(d)
}

func (p *program) somebody() *browser { return rapid.SampledFrom(p.people).Draw(p.T, "who") }

// ask sends a request, and lets it stop on its way.
func (p *program) ask(at stop) {
	t := p.T
	b := p.somebody()
	a := &ask{call: &call{
		method: drawOf(t, "method", "GET", "POST"), path: drawOf(t, "path", "/a", "/b"),
		kind:   drawOf(t, "kind", navigation, navigation, fetching, boosting, imaging, prefetches, oldBrowser),
		script: aScript.Draw(t, "script"), stopAt: at,
	}}
	p.asked++
	a.n, a.from, a.began = p.asked, b, p.model.now
	a.ownerCookie, a.anonymousCookie = b.owned.at(a.began), b.anonymous.at(a.began)
	a.cookies = header(a.ownerCookie, a.anonymousCookie)
	a.arrivesLate = rapid.IntRange(0, 5).Draw(t, "late") == 5

	held, err := p.site.start(a.call)
	p.tell("%s%s", a, map[bool]string{true: " (held " + string(at) + ")"}[held])
	if err != nil {
		p.Fatalf("request %d: %v", a.n, err)
	}
	if held {
		p.held = append(p.held, a)
	}
	if !held || at != beforeLoading {
		p.model.load(a)
	}
	if held {
		return
	}
	p.model.commit(a, a.began)
	p.answered(a)
}

func (a *ask) String() string {
	return fmt.Sprintf("%s %s %s %s [%d]: %s", a.from.name, a.kind.name, a.method, a.path, a.n, a.script)
}

func (p *program) letGoOn(i int) {
	a := p.held[i]
	p.held = slices.Delete(p.held, i, i+1)
	p.tell("request %d goes on", a.n)
	if err := a.finish(); err != nil {
		p.Fatalf("request %d: %v", a.n, err)
	}
	began := p.model.now
	switch a.stopAt {
	case beforeLoading:
		p.model.load(a)
	case beforeStoring:
		began = a.began
	}
	p.model.commit(a, began)
	p.answered(a)
}

// answered compares an answer with that of the model.
func (p *program) answered(a *ask) {
	got, set := a.answer()
	if want := a.line(); got != want {
		p.Fatalf("request %d was answered\n  %s; want\n  %s", a.n, got, want)
	}
	for _, c := range set {
		if c.MaxAge < 0 {
			continue
		}
		h, err := stores.ParseHandle(c.Value[:min(len(c.Value), handleLen)])
		r := a.want.minted.of
		switch {
		case err != nil || len(c.Value) != tokenLen:
			p.Fatalf("request %d got a token of another shape", a.n)
		case p.known[c.Value]:
			p.Fatalf("request %d got a token that was known before", a.n)
		case r.handle != stores.Handle{} && r.handle != h:
			p.Fatalf("request %d: session %d changed its handle", a.n, r.id)
		}
		p.known[c.Value] = true
		r.handle, a.want.minted.text = h, c.Value
	}
	if slices.Contains(a.trips, "insert") {
		p.removed()
	}
	if a.arrivesLate {
		p.tell("  its answer is on the way")
		p.late = append(p.late, a)
		return
	}
	a.from.take(a.want, p.model.now)
}

const (
	handleLen = 24
	tokenLen  = 68
)

func (p *program) arrive(i int) {
	a := p.late[i]
	p.late = slices.Delete(p.late, i, i+1)
	p.tell("the answer to %d arrives", a.n)
	a.from.take(a.want, p.model.now)
}

func (p *program) revoke(owner string) {
	want := 0
	for _, r := range p.records {
		if !r.gone && r.owner == owner {
			r.gone = true
			want++
		}
	}
	p.tell("all sessions of %s are revoked", owner)
	if got, err := p.keeper.DeleteOwned(context.Background(), p.named(owner)); got != want || err != nil {
		p.Fatalf("DeleteOwned: %d, %v; want %d", got, err, want)
	}
}

// sweep may take what has been expired for a minute. Which of those it takes at once is up to the store.
func (p *program) sweep() {
	p.tell("a sweep")
	if _, err := p.keeper.Sweep(context.Background(), p.model.now); errors.Is(err, errors.ErrUnsupported) {
		return
	} else if err != nil {
		p.Fatalf("sweep: %v", err)
	}
	p.removed()
}

// removed notes which records are gone after a sweep, or after an insert, which may remove the same: what has been expired for a minute.
func (p *program) removed() {
	for _, r := range p.records {
		if r.gone || p.model.now.Before(r.expires.Add(time.Minute)) {
			continue
		}
		_, err := p.table.Load(context.Background(), r.handle)
		r.gone = errors.Is(err, stores.ErrNotFound)
	}
}

// forge plants a cookie that the site has not made.
func (p *program) forge() {
	b, r := p.somebody(), rapid.SampledFrom(p.records).Draw(p.T, "session")
	wrong := strings.Repeat("A", tokenLen-handleLen)
	k, in := &b.anonymous, "anonymous"
	if rapid.Bool().Draw(p.T, "owner's") {
		k, in = &b.owned, "owner's"
	}
	switch what := drawOf(p.T, "cookie", "malformed", "unknown", "a guess", "the other one"); what {
	case "malformed":
		p.tell("%s's %s cookie is malformed", b.name, in)
		*k = kept{tok: &token{text: "x", malformed: true}}
	case "unknown":
		p.tell("%s's %s cookie has an unknown token", b.name, in)
		*k = kept{tok: &token{text: strings.Repeat("B", handleLen) + wrong}}
	case "a guess":
		p.tell("%s's %s cookie has a guess at session %d", b.name, in, r.id)
		*k = kept{tok: &token{of: r, text: r.handle.String() + wrong}}
	case "the other one":
		p.tell("%s's cookies are exchanged", b.name)
		b.anonymous, b.owned = b.owned, b.anonymous
	}
}

// check compares what is stored.
func (p *program) check() {
	ctx := context.Background()
	if got := len(p.site.handles); got != len(p.records) {
		p.Fatalf("%d sessions were made; want %d", got, len(p.records))
	}
	for _, r := range p.records {
		row, err := p.table.Load(ctx, r.handle)
		var rec stores.Record
		if err == nil {
			rec, err = row.Record()
		}
		switch {
		case r.gone && errors.Is(err, stores.ErrNotFound):
			continue
		case r.gone:
			p.Fatalf("session %d is there (%v); want it gone", r.id, err)
		case err != nil:
			p.Fatalf("session %d: %v", r.id, err)
		}
		got := describe(r.id, told(session.Of(rec.Data)), unnamed(rec.Owner), rec.Seen, rec.Expires)
		if want := r.String(); got != want {
			p.Fatalf("there is\n  %s; want\n  %s", got, want)
		}
		if !r.current.opens(rec) {
			p.Fatalf("session %d has the verifier of another token", r.id)
		}
	}
	for _, owner := range owners {
		p.lists(owner)
	}
}

// opens reports whether the store keeps the hash of this token in its cookie.
func (tok *token) opens(rec stores.Record) bool {
	secret, err := base64.RawURLEncoding.DecodeString(tok.text[handleLen:])
	return err == nil && sha256.Sum256(append(secret, anonymousCookie...)) == rec.Verifier
}

func (p *program) lists(owner string) {
	recs, err := p.keeper.List(context.Background(), p.named(owner))
	if err != nil {
		p.Fatalf("list: %v", err)
	}
	var want, got []string
	for _, r := range p.records {
		if !r.gone && r.owner == owner {
			want = append(want, r.handle.String())
		}
	}
	for _, rec := range recs {
		got = append(got, rec.Handle.String())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		p.Fatalf("%s has %d sessions listed; want %d", owner, len(got), len(want))
	}
}
