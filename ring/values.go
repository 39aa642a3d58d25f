package ring

import "slices"

// Values holds what layers attach to a request or a response, by [Key]. It is immutable; the zero Values is empty.
type Values struct{ first entry }

// An entry is a link of the list inside Values. Nodes are generic, so that key and value take one allocation.
type entry interface {
	info() *link
	over(next entry) entry // a copy that is followed by next
	join(below entry) entry
	equal(other entry) bool // whether an entry of the same key has an equal value
	shown() string          // the value, for the failure of a test
}

type link struct {
	key  *identity
	next entry
}

type node[T any] struct {
	link
	value T
}

func (l *link) info() *link { return l }

func (n *node[T]) over(next entry) entry {
	c := *n
	c.next = next
	return &c
}

// join returns one entry for two values of a key; below is the one further in.
func (n *node[T]) join(below entry) entry {
	c := *n
	if f, ok := n.key.joined.(func(inner, outer T) T); ok {
		c.value = f(below.(*node[T]).value, n.value)
	}
	return &c
}

type identity struct {
	name   string
	layer  *Layer
	joined any // nil, or a func(inner, outer T) T
}

// A Key attaches values of type T to a request or a response. Its identity is that of the call that made it: two keys
// of one name are two keys. The zero Key can't be used.
type Key[T any] struct{ id *identity }

// NewKey makes a key. The name is for people who read error messages.
func NewKey[T any](name string) Key[T] { return Key[T]{&identity{name: name}} }

// A Layer is a middleware that provides values to handlers and claims values from their responses. A response value
// that no layer claims is a mistake in the program, which [Response.Failure] reports by naming the layer.
type Layer struct {
	provider string
	onAmend  func(Request, Response) Request
}

// NewLayer makes a layer; provider is what a program has to add if the layer is missing, such as "session.Wrap".
func NewLayer(provider string) *Layer { return &Layer{provider: provider} }

// OnAmend sets the function that brings a request up to date after [Amend]: it returns req with the layer's values as
// they will be once resp, which has the changes so far, is committed. The function may be called any number of times.
// OnAmend returns l. It is called once, before the layer serves requests.
func (l *Layer) OnAmend(f func(req Request, resp Response) Request) *Layer {
	l.onAmend = f
	return l
}

// KeyOf makes a key of a layer. On a request it says that the layer is there; on a response its value must be
// claimed by the layer, which takes it off with [Key.Drop].
func KeyOf[T any](l *Layer, name string) Key[T] { return Key[T]{&identity{name: name, layer: l}} }

// JoinedKeyOf is [KeyOf] for a response key whose values are joined by a function: if a [Placeholder] and the response
// that replaces it both have one, [Response.Settle] calls join. With KeyOf the outer value counts.
func JoinedKeyOf[T any](l *Layer, name string, join func(inner, outer T) T) Key[T] {
	return Key[T]{&identity{name: name, layer: l, joined: join}}
}

// Put returns values in which the value of k is x.
func (k Key[T]) Put(v Values, x T) Values {
	v = k.Drop(v)
	return Values{&node[T]{link{k.id, v.first}, x}}
}

// New returns values in which the value of k is a zero T, and a pointer to it. It is for a large value that a layer
// fills in before it passes the request on.
func (k Key[T]) New(v Values) (Values, *T) {
	v = k.Drop(v)
	n := &node[T]{link: link{k.id, v.first}}
	return Values{n}, &n.value
}

// Get returns the value of k, and whether there is one.
func (k Key[T]) Get(v Values) (T, bool) {
	if p := k.Ref(v); p != nil {
		return *p, true
	}
	var zero T
	return zero, false
}

// Ref returns the value of k where it is stored, or nil. It saves a copy of a large value; whoever shares the Values
// shares it too, so only the layer that has just put it may write to it, before it passes the request on.
func (k Key[T]) Ref(v Values) *T {
	for e := v.first; e != nil; {
		l := e.info()
		if l.key == k.id {
			return &e.(*node[T]).value
		}
		e = l.next
	}
	return nil
}

// Drop returns values without k.
func (k Key[T]) Drop(v Values) Values {
	if v.first == nil {
		return v
	}
	if k.Ref(v) == nil {
		return v
	}
	return Values{without(v.first, k.id)}
}

func without(e entry, key *identity) entry {
	l := e.info()
	if l.key == key {
		return l.next
	}
	return e.over(without(l.next, key))
}

// Expect is Ref for a value that the key's layer provides. Where a request that is being served lacks it, the response
// to it fails with an error that names the layer; a handler called as a plain function just gets nil.
func (k Key[T]) Expect(req Request) *T {
	p := k.Ref(req.Values)
	if p == nil && req.ex != nil && k.id.layer != nil {
		req.ex.miss(k.id)
	}
	return p
}

// layers returns the layers that have attached values.
func (v Values) layers() []*Layer {
	var all []*Layer
	for e := v.first; e != nil; e = e.info().next {
		if l := e.info().key.layer; l != nil && !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

// provides reports whether a value of layer l is attached.
func (v Values) provides(l *Layer) bool {
	for e := v.first; e != nil; e = e.info().next {
		if e.info().key.layer == l {
			return true
		}
	}
	return false
}

// claimed returns v without the values that no layer around req claims, and the names of those.
func (v Values) claimed(req Values) (Values, []string) {
	var names []string
	for id := v.unclaimed(req); id != nil; id = v.unclaimed(req) {
		names = append(names, id.name+" of "+id.layer.provider)
		v = Values{without(v.first, id)}
	}
	return v, names
}

// unclaimed returns the first key of a layer that the given request does not know, or nil.
func (v Values) unclaimed(req Values) *identity {
	for e := v.first; e != nil; e = e.info().next {
		if id := e.info().key; id.layer != nil && !req.provides(id.layer) {
			return id
		}
	}
	return nil
}
