package ring_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
)

func TestH1_ValuesAgreeWithAMapAndNeverChange(t *testing.T) {
	keys := make([]ring.Key[int], 5)
	for i := range keys {
		keys[i] = ring.NewKey[int]("same name")
	}
	type state struct {
		v     ring.Values
		model map[int]int
	}
	rapid.Check(t, func(t *rapid.T) {
		all := []state{{}}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			from := all[rapid.IntRange(0, len(all)-1).Draw(t, "from")]
			k := rapid.IntRange(0, len(keys)-1).Draw(t, "key")
			next := state{model: map[int]int{}}
			for i, x := range from.model {
				next.model[i] = x
			}
			if rapid.Bool().Draw(t, "put") {
				x := rapid.Int().Draw(t, "value")
				next.v, next.model[k] = keys[k].Put(from.v, x), x
			} else {
				next.v = keys[k].Drop(from.v)
				delete(next.model, k)
			}
			all = append(all, next)
		}
		for _, s := range all {
			for i, k := range keys {
				got, ok := k.Get(s.v)
				want, had := s.model[i]
				if got != want || ok != had || (k.Ref(s.v) != nil) != had {
					t.Fatalf("key %d: %d %v; want %d %v", i, got, ok, want, had)
				}
			}
		}
	})
}

func TestKeysOfOneNameAreTwoKeys(t *testing.T) {
	a, b := ring.NewKey[string]("user"), ring.NewKey[string]("user")
	if v, ok := b.Get(a.Put(ring.Values{}, "x")); ok {
		t.Errorf("found %q under another key", v)
	}
}

func namesLayer(resp ring.Response, req ring.Request) error {
	err := resp.Failure(req)
	if err == nil || !strings.Contains(err.Error(), "notes.Wrap") || !strings.Contains(err.Error(), "note") {
		return fmt.Errorf("failure %v; want one that names the note and notes.Wrap", err)
	}
	return nil
}

func TestH4_ValueNobodyClaimsNamesTheMissingLayer(t *testing.T) {
	log := logged(t)
	w := get(ring.Handler(writeNote), "/")
	wantBody(t, w, 500, "500 Internal Server Error\n")
	if !strings.Contains(log.String(), "notes.Wrap is missing") {
		t.Errorf("log %q; want the name of the layer", log)
	}
	if err := namesLayer(writeNote(ring.Request{}), ring.Request{}); err != nil {
		t.Error(err)
	}

	t.Run("a layer that doesn't claim what it provides is found out", func(t *testing.T) {
		log := logged(t)
		forgetful := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response {
				req.Values = noteIn.Put(req.Values, "")
				return h(req)
			}
		}
		if w := get(forgetful(writeNote), "/"); w.Code != 500 || !strings.Contains(log.String(), "notes.Wrap") {
			t.Errorf("%d, log %q; want 500 and the name of the layer", w.Code, log)
		}
	})
	t.Run("the check fails for a response that carries nothing", func(t *testing.T) {
		if namesLayer(ring.Text(""), ring.Request{}) == nil {
			t.Error("no failure was found and the check says nothing")
		}
	})
	t.Run("a value of no layer needs no claim", func(t *testing.T) {
		k := ring.NewKey[int]("free")
		resp := ring.Text("x")
		resp.Values = k.Put(resp.Values, 1)
		if err := resp.Failure(ring.Request{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("inside of its layer a response isn't failed", func(t *testing.T) {
		wantBody(t, get((&notes{}).wrap(writeNote), "/"), 200, "wrote")
	})
}

func TestH4_ValueOfAMissingLayerFailsTheServedRequestOnly(t *testing.T) {
	h := func(req ring.Request) ring.Response { return ring.Text(note(req)) }

	if text, _ := ring.Handler(h)(ring.NewRequest("GET", "/", nil)).Body.Text(); text != "none" {
		t.Errorf("as a function: %q; want the empty note", text)
	}
	log := logged(t)
	if w := get(ring.Handler(h), "/"); w.Code != 500 || !strings.Contains(log.String(), "notes.Wrap is missing") {
		t.Errorf("%d, log %q; want 500 and the name of the layer", w.Code, log)
	}
	wantBody(t, get((&notes{}).wrap(h), "/"), 200, "loaded")
}
