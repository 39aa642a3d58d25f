package proof

import (
	"fmt"
	"strings"

	"github.com/signet-go/signet/ring/session"
	"pgregory.net/rapid"
)

// An edit is one change of a value. It can be done to a session and to its model.
type edit struct {
	what editKind
	name string
	text string
	n    int64
}

type editKind string

const (
	put      editKind = "put"
	drop     editKind = "drop"
	count    editKind = "count"
	zero     editKind = "zero"
	load     editKind = "load" // the cart
	unload   editKind = "unload"
	tag      editKind = "tag"
	untag    editKind = "untag"
	bind     editKind = "bind"
	clearAll editKind = "clear"
)

var anEdit = rapid.Custom(func(t *rapid.T) edit {
	e := edit{what: rapid.SampledFrom([]editKind{put, count, drop, zero, load, unload, tag, untag, bind, clearAll}).Draw(t, "edit")}
	switch e.what {
	case put:
		e.name, e.text = drawOf(t, "key", "a", "b"), drawOf(t, "value", "1", "2")
	case drop:
		e.name = drawOf(t, "key", "a", "b")
	case count:
		e.n = drawOf(t, "n", int64(1), 2, -1)
	case load:
		e.name, e.n = drawOf(t, "thing", "apple", "pear"), drawOf(t, "n", int64(1), -1)
	case unload:
		e.name = drawOf(t, "thing", "apple", "pear")
	case tag, untag:
		e.name = drawOf(t, "tag", "x", "y")
	case bind:
		e.text = drawOf(t, "value", "1", "2")
	}
	return e
})

func drawOf[T any](t *rapid.T, what string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, what)
}

func (e edit) String() string {
	switch e.what {
	case put:
		return e.name + "=" + e.text
	case count:
		return fmt.Sprintf("n%+d", e.n)
	case load:
		return fmt.Sprintf("%s%+d", e.name, e.n)
	case bind:
		return "csrf=" + e.text
	}
	return strings.TrimSpace(string(e.what) + " " + e.name)
}

// do edits a session.
func (e edit) do(s session.Session) session.Session {
	switch e.what {
	case put:
		return session.Key[string](e.name).Set(s, e.text)
	case drop:
		return session.Key[string](e.name).Delete(s)
	case count:
		return visits.Add(s, e.n)
	case zero:
		return visits.Delete(s)
	case load:
		return cart.Add(s, e.name, e.n)
	case unload:
		return cart.Remove(s, e.name)
	case tag:
		return tags.Add(s, e.name)
	case untag:
		return tags.Remove(s, e.name)
	case bind:
		return csrf.Set(s, e.text)
	}
	return s.Clear()
}

// think edits a model's value.
func (e edit) think(v value) value {
	switch e.what {
	case put:
		return v.with(e.name, item{text: e.text})
	case drop:
		return v.with(e.name, item{})
	case count:
		return v.with("n", item{n: v["n"].n + e.n})
	case zero:
		return v.with("n", item{})
	case load:
		return v.with("cart/"+e.name, item{n: v["cart/"+e.name].n + e.n})
	case unload:
		return v.with("cart/"+e.name, item{})
	case tag:
		return v.with("tags/"+e.name, item{text: "in"})
	case untag:
		return v.with("tags/"+e.name, item{})
	case bind:
		return v.with("csrf", item{text: e.text})
	}
	return v.without(func(name string) bool { return !isMessage(name) })
}

type edits []edit

func (es edits) String() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func (es edits) do(s session.Session) session.Session {
	for _, e := range es {
		s = e.do(s)
	}
	return s
}

func (es edits) think(v value) value {
	for _, e := range es {
		v = e.think(v)
	}
	return v
}
