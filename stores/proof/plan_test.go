package proof

import (
	"slices"
	"strings"
	"time"
)

// What a script asks for beside values.
type asks struct {
	end, renew, discard, fail, remember bool
	owner                               string // to be logged in; "" for nobody
}

func (sc script) asks() asks {
	var a asks
	_, a.end = sc.has(logout)
	_, a.renew = sc.has(renew)
	_, a.discard = sc.has(discard)
	_, a.fail = sc.has(fail)
	_, a.remember = sc.has(remember)
	w, _ := sc.has(login)
	a.owner = w.text
	return a
}

// otherOwner reports whether somebody logs in where somebody else was: S6.
func (a asks) otherOwner(c content) bool {
	return a.owner != "" && c.owner != "" && c.owner != a.owner
}

// otherLimits reports whether the cookie has to be sent again, as it lives otherwise than before.
func (a asks) otherLimits(c content) bool {
	return a.remember && (c.ownIdle != longIdle || c.ownAbsolute != longAbsolute || !c.persistent)
}

// start is what changes are applied to: S5, S6.
func (a asks) start(c content) value {
	switch {
	case a.end, a.otherOwner(c):
		return value{}
	case a.owner != "" || a.renew || a.otherLimits(c):
		return c.value.without(func(name string) bool { return name == string(csrf) })
	}
	return c.value
}

// A plan is what a script makes of a content.
type plan struct {
	value  value
	status string
	body   string
	shows  bool // messages, on a page
}

// plan applies the script to cur: S5, C1 to C3, F1 to F4. came are the messages that the handler sees. If some came with
// the request, what the script asks for isn't known when it begins.
func (a *ask) plan(cur content, came []string, begins bool) plan {
	all := a.script.asks()
	texts := make([]string, len(came))
	for i, name := range came {
		texts[i] = cur.value[name].text
	}
	to, bound, forwards := a.next()
	p := plan{
		value: all.start(cur), status: "200", shows: len(came) > 0 && !forwards,
		body: greeting(a.state, a.content.owner, a.value.String(), texts),
	}
	_, complains := a.script.has(complain)
	switch {
	case complains:
		p.status = "422"
	case forwards:
		p.status = "303"
	}

	if a.script.attempt != nil {
		known := all
		if a.script.inside || begins {
			known = asks{}
		}
		base := known.start(cur)
		mine := a.script.attempt.think(base)
		p.body += " then " + mine.String()
		if !all.end {
			p.value = merged(base, mine, p.value)
		}
	}
	for _, w := range a.script.wishes {
		switch {
		case w.what == set && !all.end:
			p.value = merged(a.value, w.edits.think(a.value), p.value)
		case w.what == update:
			p.value = w.edits.think(p.value)
		}
	}
	p.value = a.deliver(p.value, came, to, bound, forwards)
	return p
}

// next is the request that follows an answer that is a redirect, until when that is expected, and whether it is one.
func (a *ask) next() (to target, bound time.Time, forwards bool) {
	w, ok := a.script.has(redirect)
	if _, complains := a.script.has(complain); !ok || complains {
		return target{}, time.Time{}, false
	}
	if strings.HasPrefix(w.text, "https:") {
		return target{}, time.Time{}, true
	}
	return target{w.text, a.kind.standsFor()}, a.began.Add(10 * time.Second), true
}

// deliver takes the messages that came out of a session, or hands them on, and adds those that are sent.
func (a *ask) deliver(v value, came []string, to target, bound time.Time, forwards bool) value {
	for _, name := range came {
		it, still := v[name]
		switch {
		case !forwards:
			v = v.with(name, item{})
		case still:
			it.msg.boundTo, it.msg.to = bound, to
			v = v.with(name, it)
		}
	}
	i := 0
	for _, w := range a.script.wishes {
		if w.what != say {
			continue
		}
		if i == 0 {
			v = v.without(func(name string) bool { return isMessage(name) && !a.began.Before(v[name].msg.until) })
			v = v.withNewest(16 - a.script.says())
		}
		v = v.with(messageName(a.began, i), item{text: w.text, msg: message{a.began.Add(5 * time.Minute), bound, to}})
		i++
	}
	return v
}

// withNewest keeps n of the messages.
func (v value) withNewest(n int) value {
	var names []string
	for name := range v {
		if isMessage(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	old := names[:max(0, len(names)-max(0, n))]
	return v.without(func(name string) bool { return slices.Contains(old, name) })
}

// says returns the number of messages that a script sends.
func (sc script) says() int {
	n := 0
	for _, w := range sc.wishes {
		if w.what == say {
			n++
		}
	}
	return n
}

// messages are those that a request sees: F1, F2.
func (a *ask) messages(v value) []string {
	if a.method != "GET" || a.kind.purpose != "" {
		return nil
	}
	var names []string
	for name, it := range v {
		if isMessage(name) && a.sees(it.msg) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (a *ask) sees(m message) bool {
	switch {
	case !a.began.Before(m.until):
		return false
	case a.began.Before(m.boundTo):
		return m.to == target{a.path, a.kind.standsFor()}
	}
	return a.kind.standsFor() == navigation
}
