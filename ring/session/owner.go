package session

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/signet-go/signet/ring"
)

// Owner is a kind of owner whose ids are of type T: an integer, a string, or a type with the methods of
// encoding.TextMarshaler and, with a pointer receiver, encoding.TextUnmarshaler, such as an UUID. Make it a constant:
//
//	const user session.Owner[int64] = "user"
//
//	ring.Redirect("/").With(user.Login(42))
//	id, ok := user.From(req)
//
// Sessions and stores know an owner as a string: the name of the kind, a colon and the id as text, such as "user:42". So
// two kinds are never taken for each other. With an empty name it is the text alone, as in sessions of a program that
// called strconv itself.
type Owner[T any] string

// Login is [Login] for the owner id. An id that can't be written as text is a failed response.
func (o Owner[T]) Login(id T) ring.Change {
	owner, err := o.Text(id)
	if err != nil {
		return func(r ring.Response) ring.Response { return r.FailWith(err) }
	}
	return Login(owner)
}

// From returns the id of the owner of a request's session. It is false if the session is anonymous or the owner is of
// another kind. In a handler of net/http req is [ring.FromContext].
func (o Owner[T]) From(req ring.Request) (id T, ok bool) {
	id, err := o.Parse(Info(req).Owner)
	return id, err == nil
}

// Text returns the owner of an id as a string, for [stores.Owners], [Information] and [Slot.Login].
func (o Owner[T]) Text(id T) (string, error) {
	text, err := idText(id)
	if err == nil && text == "" {
		err = errors.New("the text is empty")
	}
	if err != nil {
		return "", fmt.Errorf("session: owner %q: an id of type %T: %w", string(o), id, err)
	}
	return o.prefix() + text, nil
}

// Parse returns the id of an owner that [Owner.Text] made, as in [Information], in an [Event] or in a record.
func (o Owner[T]) Parse(owner string) (id T, err error) {
	text, ok := strings.CutPrefix(owner, o.prefix())
	if !ok || text == "" {
		return id, fmt.Errorf("session: owner %q: the owner is of another kind", string(o))
	}
	err = parseID(text, &id)
	if err == nil {
		if again, _ := idText(id); again != text { // two texts of one id would be two owners
			err = errors.New("it is not written as Text writes it")
		}
	}
	if err != nil {
		return *new(T), fmt.Errorf("session: owner %q: no id of type %T: %w", string(o), id, err)
	}
	return id, nil
}

func (o Owner[T]) prefix() string {
	if o == "" {
		return ""
	}
	return string(o) + ":"
}

func idText(id any) (string, error) {
	if m, ok := id.(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		return string(b), err
	}
	v := reflect.ValueOf(id)
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.Kind() == reflect.String:
		return v.String(), nil
	}
	return "", errNoID
}

var errNoID = errors.New("it must be an integer, a string or an encoding.TextMarshaler")

// parseID reads an id into the pointer id.
func parseID(text string, id any) error {
	if u, ok := id.(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	v := reflect.ValueOf(id).Elem()
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err
	case v.Kind() == reflect.String:
		v.SetString(text)
		return nil
	}
	return errNoID
}
