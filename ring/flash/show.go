package flash

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// Messages as people read them, for tests that compare responses and requests.

// Equal reports whether both have the same messages, in the same order.
func (s sendings) Equal(other sendings) bool {
	if s.list.Len() != other.list.Len() {
		return false
	}
	for i := range s.list.Len() {
		if *s.list.At(i) != *other.list.At(i) {
			return false
		}
	}
	return true
}

// String returns a line for each message.
func (s sendings) String() string {
	var lines []string
	for i := range s.list.Len() {
		lines = append(lines, s.list.At(i).text())
	}
	return strings.Join(lines, "\n")
}

// Equal reports whether the same messages have arrived, in the same order.
func (a arrivals) Equal(other arrivals) bool { return a.String() == other.String() }

// String returns a line for each message.
func (a arrivals) String() string {
	var lines []string
	for i := range a.list.Len() {
		lines = append(lines, a.list.At(i).content.text())
	}
	return strings.Join(lines, "\n")
}

// Equal reports whether both have the same messages, in the same order.
func (g givens) Equal(other givens) bool {
	if g.list.Len() != other.list.Len() {
		return false
	}
	for i := range g.list.Len() {
		if !reflect.DeepEqual(*g.list.At(i), *other.list.At(i)) {
			return false
		}
	}
	return true
}

// String returns a line for each message.
func (g givens) String() string {
	var lines []string
	for i := range g.list.Len() {
		lines = append(lines, fmt.Sprint(*g.list.At(i)))
	}
	return strings.Join(lines, "\n")
}

// String returns the key and the value.
func (g given[T]) String() string {
	text, err := json.Marshal(g.value)
	if err != nil {
		return fmt.Sprintf("%s = %v", string(g.key), g.value)
	}
	return fmt.Sprintf("%s = %s", string(g.key), text)
}

// text returns the key and the value.
func (c content) text() string {
	var values map[string]json.RawMessage
	if d, err := stores.ParseData(string(c), len(c)); err == nil {
		b, _ := session.Of(d).MarshalJSON()
		_ = json.Unmarshal(b, &values)
	}
	for key, value := range values {
		return fmt.Sprintf("%s = %s", key, value)
	}
	return fmt.Sprintf("encoded %x", string(c))
}
