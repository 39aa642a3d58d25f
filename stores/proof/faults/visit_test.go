package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
)

// A truth is what a session holds.
type truth struct {
	owner  string
	visits int
	note   string // that waits for a page
}

// A visit is what one browser does, one request after the other, and what it must therefore be told.
type visit struct {
	site *site
	jar  jar

	// What the session may hold: one truth, or two after a request that failed, until a later one tells.
	maybe []truth

	asked, failed int
	wrong         []string
}

// begin throws the cookies away.
func (v *visit) begin() { v.jar, v.maybe = jar{}, []truth{{}} }

// An act is one thing that a browser may do.
type act struct {
	path  string
	ends  bool // it changes or ends the token
	apply func(truth) truth
	told  func(before, after truth) string // what the answer says; nil for whatever
}

func shown(t truth, note string) string {
	return fmt.Sprintf("%q %d %q", t.owner, t.visits, note)
}

// choose draws what to do next.
func choose() act {
	same := func(t truth) truth { return t }
	switch n := rand.IntN(100); {
	case n < 35:
		return act{"/count", false, func(t truth) truth { t.visits++; return t }, func(_, after truth) string {
			return strconv.Itoa(after.visits)
		}}
	case n < 50:
		return act{"/look", false, same, func(before, _ truth) string { return shown(before, "") }}
	case n < 65:
		return act{"/show", false, func(t truth) truth { t.note = ""; return t }, func(before, _ truth) string {
			return shown(before, before.note)
		}}
	case n < 75:
		text := strconv.Itoa(rand.IntN(1000))
		return act{"/send?text=" + text, false, func(t truth) truth { t.note = text; return t }, nil}
	case n < 83:
		owner := []string{"ann", "bob"}[rand.IntN(2)]
		return act{"/login?as=" + owner, true, func(t truth) truth {
			if t.owner != "" && t.owner != owner {
				t = truth{}
			}
			t.owner = owner
			return t
		}, nil}
	case n < 90:
		return act{"/renew", true, same, nil}
	case n < 93:
		return act{"/logout", true, func(truth) truth { return truth{} }, nil}
	case n < 96:
		return act{"/bye", true, func(truth) truth { return truth{note: "bye"} }, nil}
	case n < 98:
		return act{"/plain", false, same, nil}
	}
	return act{} // leaves, and comes back as somebody new
}

// begins reports whether an answer brings a session.
func begins(a answer) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(a.set)), func(value string) bool { return value != "" })
}

// step makes one request and checks the answer.
func (v *visit) step() {
	a := choose()
	if a.path == "" {
		v.begin()
		return
	}
	if a.path[:2] == "/s" && a.path != "/show" && slices.ContainsFunc(v.maybe, func(t truth) bool { return t.note != "" }) {
		return // a page shows one message only
	}
	got := v.site.get(v.jar, a.path)
	v.asked++
	if got.err != nil {
		v.fail(a, got)
		return
	}
	state := ""
	if a.path == "/look" || a.path == "/show" {
		n, err := fmt.Sscan(got.text, &state)
		if n != 1 || err != nil {
			v.wrong = append(v.wrong, a.path+" says "+got.text)
			v.begin()
			return
		}
		got.text = got.text[len(state)+1:]
	}
	var maybe []truth
	for _, t := range v.maybe {
		after := a.apply(t)
		if a.path == "/bye" && !begins(got) {
			after.note = "" // a log-out waits for nothing but its delete
		}
		if a.told == nil || a.told(t, after) == got.text {
			maybe = append(maybe, after)
		}
	}
	v.jar.take(got)
	if maybe == nil {
		v.wrong = append(v.wrong, fmt.Sprintf("%s says %s %q with one of %+v", a.path, state, got.text, v.maybe))
		v.begin()
		return
	}
	v.maybe = maybe
	if a.path == "/count" || len(got.set) > 0 {
		v.maybe = slices.Compact(v.maybe)
	}
}

// fail notes a request that failed: it may have been done. Where it was to change the token the browser can't know which one
// is good, and comes back as somebody new.
func (v *visit) fail(a act, got answer) {
	v.failed++
	if got.status != 503 || len(got.set) > 0 {
		v.wrong = append(v.wrong, fmt.Sprintf("%s fails with %d, %d cookies: %v", a.path, got.status, len(got.set), got.err))
	}
	if a.ends || len(v.jar) == 0 {
		v.begin()
		return
	}
	for _, t := range slices.Clone(v.maybe) {
		if after := a.apply(t); !slices.Contains(v.maybe, after) {
			v.maybe = append(v.maybe, after)
		}
	}
}
