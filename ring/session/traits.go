package session

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/signet-go/signet/internal/wire"
)

// traits are what the codec has to know of a type.
type traits struct {
	unordered bool         // it contains a map, an interface or an encoder of its own: its encoding has no fixed order
	reread    bool         // it contains an interface or an encoder of its own: what it encodes to may not decode
	unbounded bool         // it is recursive or contains an interface: a value may nest without end
	integers  bool         // it contains an integer, which msgpack may truncate
	blank     reflect.Type // a struct in it whose fields are all unexported, so that nothing of it is stored; or nil
	partial   reflect.Type // a struct in it with a field that isn't stored; or nil
}

var knownTraits sync.Map // reflect.Type to traits

func traitsOf(t reflect.Type) traits {
	if known, ok := knownTraits.Load(t); ok {
		return known.(traits)
	}
	var tr traits
	tr.collect(t, map[reflect.Type]bool{})
	knownTraits.Store(t, tr)
	return tr
}

// collect adds the traits of t. seen has the types it has come by: true while it is inside of them.
func (tr *traits) collect(t reflect.Type, seen map[reflect.Type]bool) {
	if inside, ok := seen[t]; ok {
		tr.unbounded = tr.unbounded || inside
		return
	}
	if t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	defer func() { seen[t] = false }()
	if encodesItself(t) {
		tr.unordered, tr.reread, tr.integers = true, true, true
		return
	}
	switch t.Kind() {
	case reflect.Map:
		tr.unordered = true
		tr.collect(t.Key(), seen)
		tr.collect(t.Elem(), seen)
	case reflect.Interface:
		tr.unordered, tr.reread, tr.unbounded = true, true, true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			tr.collect(t.Elem(), seen)
		}
	case reflect.Struct:
		stored := 0
		for f := range t.Fields() {
			switch {
			case isStored(f):
				stored++
				tr.collect(f.Type, seen)
			case f.Name != "_" && f.Name != "_msgpack" && tr.partial == nil:
				tr.partial = t
			}
		}
		if stored == 0 && t.NumField() > 0 && tr.blank == nil {
			tr.blank = t
		}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr, reflect.Int, reflect.Int64:
		tr.integers = true
	}
}

// isStored reports whether msgpack encodes a field.
func isStored(f reflect.StructField) bool {
	name, _, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
	return name != "-" && (f.IsExported() || f.Anonymous)
}

var encoders = []reflect.Type{
	reflect.TypeFor[msgpack.CustomEncoder](), reflect.TypeFor[msgpack.Marshaler](),
	reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
}

// encodesItself reports whether msgpack leaves the encoding of a type to its methods.
func encodesItself(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return false // what it holds may
	}
	for _, e := range encoders {
		if t.Implements(e) || reflect.PointerTo(t).Implements(e) {
			return true
		}
	}
	return false
}

// maxNesting bounds pointers, interfaces and containers inside of each other, before anything is encoded. Encoded
// values may nest up to maxDepth; a pointer to a struct in an interface is one level there and three here.
const maxNesting = 3*wire.MaxDepth + 2

// An inspector looks at a value before msgpack does, which would follow a value that contains itself until the stack
// overflows. No recover catches that.
type inspector struct {
	member bool // the value is a member of a tally or a set
	values int
}

func (in *inspector) look(v reflect.Value, nesting int) error {
	if nesting > maxNesting {
		return errTooDeep
	}
	if v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer {
		if in.values++; in.values > maxValue { // each takes a byte at least
			return errTooBig
		}
	}
	t := v.Type()
	if t == reflect.TypeFor[time.Time]() || encodesItself(t) {
		return nil
	}
	nesting++
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return in.inside(v.Elem(), nesting)
	case reflect.Slice, reflect.Array:
		if !traitsOf(t.Elem()).unbounded {
			return nil
		}
		for i := range v.Len() {
			if err := in.inside(v.Index(i), nesting); err != nil {
				return err
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if err := in.inside(entries.Key(), nesting); err != nil {
				return err
			}
			if err := in.inside(entries.Value(), nesting); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !isStored(t.Field(i)) {
				continue
			}
			if err := in.inside(v.Field(i), nesting); err != nil {
				return err
			}
		}
	}
	return nil
}

// inside looks at a value in another one, if there is anything to see.
func (in *inspector) inside(v reflect.Value, nesting int) error {
	t := traitsOf(v.Type())
	if err := in.checkType(t); err != nil {
		return err
	}
	if !t.unbounded {
		return nil
	}
	return in.look(v, nesting)
}

// checkType refuses types of which something would be lost without a word.
func (in *inspector) checkType(t traits) error {
	switch {
	case t.blank != nil:
		return fmt.Errorf("nothing of a %v can be stored: its fields are unexported", t.blank)
	case in.member && t.partial != nil:
		return fmt.Errorf("a %v can't be a member: it has fields that are not stored, so different ones would be the same", t.partial)
	}
	return nil
}
