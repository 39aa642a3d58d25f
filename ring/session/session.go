package session

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
	"github.com/vmihailenco/msgpack/v5"
)

// Session is the content of a session, as a value. It is immutable: methods that change it return a new Session. It
// remembers the session of the request that it was derived from, so that [Set] can tell what is different. The zero
// Session is empty and derived from nothing. A Session is safe for concurrent use.
//
// A value is encoded when it is set: a slice that is changed afterwards changes nothing here.
//
// Keys whose names begin with a dot are reserved for layers, such as the messages of ring/flash. Methods that
// treat the values as a whole (Len, Keys, Equal, Clear, String, MarshalJSON and LogValue) leave them alone.
type Session struct {
	data wire.Map
	from *origin // nil if it was derived from nothing
	err  error   // of the first value that could not be set
}

// An origin is the session of a request, from which handlers derive others. Changes are what differs from it.
type origin struct {
	request uint64         // identifies the request, so that a Session derived in another one is detected
	rec     *stores.Record // as loaded; never nil
}

// ErrAbsent is returned by Lookup for a key that the session doesn't have.
var ErrAbsent = errors.New("session: absent")

// Len returns the number of keys, without reserved ones.
func (s Session) Len() int { return valuesIn(s.data) }

// Keys yields the names of all keys, ascending, without reserved ones.
func (s Session) Keys() iter.Seq[string] { return s.KeysWith("") }

// KeysWith yields the names of the keys that begin with prefix, ascending, without looking at others. Reserved ones are
// among them only if prefix begins with a dot.
func (s Session) KeysWith(prefix string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for p, _, _ := s.data.Find(prefix); p < s.data.Size(); {
			k, _, next := s.data.EntryAt(p)
			if !strings.HasPrefix(k, prefix) {
				return
			}
			if (prefix != "" || !reserved(k)) && !yield(k) {
				return
			}
			p = next
		}
	}
}

// Equal reports whether both have equal values under the same keys, reserved keys aside.
func (s Session) Equal(other Session) bool { return sameValues(s.data, other.data) }

// Clear returns a session without keys. Reserved ones stay, so that a message on its way arrives.
func (s Session) Clear() Session {
	s.data = onlyReserved(s.data)
	return s
}

// Err returns why the session can't be stored: a value that was set and could not be encoded. Returning such a session
// is a failed response.
func (s Session) Err() error { return s.err }

// Data returns the content as a store sees it, reserved keys included.
func (s Session) Data() stores.Data { return stores.Data(s.data) }

// Of returns a session of data, derived from nothing.
func Of(d stores.Data) Session { return Session{data: wire.Map(d)} }

func (s Session) put(key string, head []byte, tail string) Session {
	if err := checkKey(key); err != nil {
		return s.fail(key, err)
	}
	if v := s.data.Get(key); len(v) == len(head)+len(tail) && v[:len(head)] == string(head) && v[len(head):] == tail {
		return s
	}
	if s.data.Len() >= wire.MaxKeys {
		return s.fail(key, limitError(fmt.Sprintf("a session has at most %d keys", wire.MaxKeys)))
	}
	s.data = s.data.Put(key, head, tail)
	return s
}

func (s Session) drop(key string) Session {
	s.data = s.data.Delete(key)
	return s
}

// keep puts an encoded value, or drops the key if it is "".
func (s Session) keep(key, value string) Session {
	if value == "" {
		return s.drop(key)
	}
	return s.put(key, nil, value)
}

func checkKey(key string) error {
	if key == "" || len(key) > wire.MaxKey {
		return limitError(fmt.Sprintf("the name of a key has 1 to %d bytes", wire.MaxKey))
	}
	return nil
}

func (s Session) fail(key string, err error) Session {
	if s.err == nil {
		s.err = fmt.Errorf("session: key %q: %w", key[:min(len(key), wire.MaxKey)], err)
	}
	return s
}

var _ msgpack.CustomEncoder = Session{}

// EncodeMsgpack refuses: a session is not a value to be put into another one.
func (s Session) EncodeMsgpack(*msgpack.Encoder) error {
	return errors.New("a session can't be a value of a session")
}
