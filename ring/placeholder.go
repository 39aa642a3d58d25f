package ring

import "fmt"

// A pending response is not known yet: what is to be done to it once it is.
type pending struct{ then []Change }

var pendingNothing = &pending{}

// Placeholder returns a response that a layer further out will settle. The caller attaches, under a key that this layer
// claims, whatever the layer needs to produce the real response. Layers in between may change the placeholder as any
// response; those that need to see the real one use [Response.Then].
func Placeholder() Response { return Response{pending: pendingNothing} }

// IsPlaceholder reports whether the response is one that has not been settled.
func (r Response) IsPlaceholder() bool { return r.pending != nil }

// Then applies a change to the response once it is known: at once, unless it is a placeholder. A middleware that looks
// at status or body of what its handler answers does so in Then.
func (r Response) Then(c Change) Response {
	if r.pending == nil {
		return c(r)
	}
	then := r.pending.then
	r.pending = &pending{append(then[:len(then):len(then)], c)}
	return r
}

// Settle replaces a placeholder by the real response. It returns found, with what layers have changed in the
// placeholder laid over it (status, body, error and attached values where set, header fields by name, Set-Cookie fields
// of both), and then what they have asked for by Then. If found is a placeholder too, the result is one.
func (r Response) Settle(found Response) Response {
	if r.Status != 0 {
		found.Status = r.Status
	}
	if text, isText := r.Body.Text(); !isText || text != "" {
		_ = found.Body.Close()
		found.Body = r.Body
	} else {
		found.Body = r.Body.settledTo(found.Body)
	}
	if r.Err != nil {
		found.Err = r.Err
	}
	for name := range r.Header.Fields() {
		if name != "Set-Cookie" {
			found.Header = found.Header.Del(name)
		}
	}
	for name, value := range r.Header.Fields() {
		if name == "Set-Cookie" && found.setsCookie(value) && found.Err == nil {
			found.Err = fmt.Errorf("ring: two cookies of one name in a response: one on an attempt's answer and one on its placeholder")
		}
		found.Header = found.Header.Add(name, value)
	}
	found.Values = r.Values.over(found.Values)
	if r.pending != nil {
		for _, c := range r.pending.then {
			found = found.Then(c)
		}
	}
	return found
}

// setsCookie reports whether the response sets the cookie that the field sets.
func (r Response) setsCookie(field string) bool {
	for other := range r.Header.All("Set-Cookie") {
		if cookieName(other) == cookieName(field) {
			return true
		}
	}
	return false
}

func (v Values) over(below Values) Values {
	if v.first == nil {
		return below
	}
	for e := below.first; e != nil; e = e.info().next {
		if mine := v.entry(e.info().key); mine != nil {
			both := mine.join(e)
			v = Values{both.over(without(v.first, e.info().key))}
		} else {
			v = Values{e.over(v.first)}
		}
	}
	return v
}

func (v Values) entry(id *identity) entry {
	for e := v.first; e != nil; e = e.info().next {
		if e.info().key == id {
			return e
		}
	}
	return nil
}
