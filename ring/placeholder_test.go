package ring_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestPlaceholderBecomesWhatIsFoundUnderWhatLayersChanged(t *testing.T) {
	find := func(found ring.Response) ring.Middleware {
		return func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).Settle(found) }
		}
	}
	var seen int
	look := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			return h(req).Then(func(r ring.Response) ring.Response {
				seen = r.Status
				return r
			})
		}
	}
	found := ring.Text("found").With(ring.Status(201), ring.SetHeader("X", "below"), ring.AddHeader("Set-Cookie", "a=1"))
	layers := ring.Chain(find(found), look, header("X", "above"), header("Set-Cookie", "b=2"))
	w := get(layers(func(ring.Request) ring.Response { return ring.Placeholder() }), "/")
	wantBody(t, w, 201, "found")
	wantCookie(t, w.Header(), "a=1; b=2")
	if got := w.Header().Values("X"); len(got) != 1 || got[0] != "above" || seen != 201 {
		t.Errorf("X %q, seen %d; want above, 201", got, seen)
	}

	t.Run("H5: one that nobody settles fails", func(t *testing.T) {
		logged(t)
		if w := get(ring.Handler(func(ring.Request) ring.Response { return ring.Placeholder() }), "/"); w.Code != 500 {
			t.Errorf("status %d; want 500", w.Code)
		}
	})
	for name, mw := range between(io.Discard) {
		t.Run("it passes through Use with "+name+" between", func(t *testing.T) {
			h := ring.Use(find(found))(mw(ring.Handler(func(ring.Request) ring.Response { return ring.Placeholder() })))
			wantBody(t, get(h, "/"), 201, "found")
		})
	}
	t.Run("what stands between sees the one that was found", func(t *testing.T) {
		var b syncBuffer
		get(ring.Use(find(found))(between(&b)["Logger"](ring.Handler(func(ring.Request) ring.Response { return ring.Placeholder() }))), "/")
		if !strings.Contains(b.String(), " 201 5B") {
			t.Errorf("log %q; want status 201 and 5 bytes", b.String())
		}
	})
}

func TestPlaceholderKeepsWhatLayersSetInIt(t *testing.T) {
	key, other := ring.NewKey[string]("key"), ring.NewKey[string]("other")
	found := ring.Read("text/plain", &closer{Reader: strings.NewReader("")})
	found.Values = key.Put(other.Put(found.Values, "found"), "found")

	p := ring.Placeholder()
	p.Values = key.Put(p.Values, "layer")
	p.Body, p.Err, p.Status = ring.TextBody("layer"), errors.New("layer"), 409
	if !p.IsPlaceholder() {
		t.Error("it isn't a placeholder any more")
	}
	got := p.Settle(found)
	text, _ := got.Body.Text()
	mine, _ := key.Get(got.Values)
	theirs, _ := other.Get(got.Values)
	if got.IsPlaceholder() || text != "layer" || got.Status != 409 || got.Err == nil || mine != "layer" || theirs != "found" {
		t.Errorf("%q %d %v %q %q", text, got.Status, got.Err, mine, theirs)
	}
}

func TestPlaceholderSettledByAnotherIsOne(t *testing.T) {
	mark := func(name string) ring.Change {
		return func(r ring.Response) ring.Response { return r.With(ring.AddHeader("X", name)) }
	}
	a := ring.Placeholder().Then(mark("a"))
	b := ring.Placeholder().Then(mark("b"))
	got := a.Settle(b)
	if !got.IsPlaceholder() {
		t.Fatal("it is settled")
	}
	if x := strings.Join(got.Settle(ring.NoContent()).Header.HTTP()["X"], ""); x != "ba" {
		t.Errorf("changes ran as %q; want ba", x)
	}
}
