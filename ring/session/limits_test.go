package session_test

import (
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func TestC6_WhatAVisitorSendsTooMuchOfIsA413(t *testing.T) {
	const (
		text session.Key[string]   = "k"
		list session.Key[[]int]    = "k"
		open session.Key[any]      = "k"
		once session.Bound[string] = "k"
	)
	var deep any = 1
	for range 16 {
		deep = []any{deep}
	}
	answer := func(s session.Session) ring.Response {
		return session.Wrap(memory.New(), session.Options{})(func(ring.Request) ring.Response {
			return ring.Text("").With(session.Set(s))
		})(ring.NewRequest("POST", "/", nil))
	}
	var none session.Session
	for name, s := range map[string]session.Session{
		"a value of 300 KB":      text.Set(none, strings.Repeat("x", 300_000)),
		"a bound one of 300 KB":  once.Set(none, strings.Repeat("x", 300_000)),
		"a list of 300,000":      list.Set(none, make([]int, 300_000)),
		"a value of 100 KB":      text.Set(none, strings.Repeat("x", 100_000)),
		"17 levels":              open.Set(none, deep),
		"a name of 256 bytes":    session.Key[int](strings.Repeat("n", 256)).Set(none, 1),
		"a name of a million":    session.Key[int](strings.Repeat("n", 1<<20)).Set(none, 1),
		"an empty name":          session.Key[int]("").Set(none, 1),
		"a counter without name": session.Counter("").Add(none, 1),
	} {
		resp := answer(s)
		if resp.Status != 413 || resp.Err == nil || len(resp.Err.Error()) > 1000 {
			t.Errorf("%s: %d, %.1000v; want 413 and a short error", name, resp.Status, resp.Err)
		}
		if body, _ := resp.Body.Text(); strings.Contains(body, "bytes") || strings.Contains(body, "key") {
			t.Errorf("%s: the page says %q; want that in the log alone", name, body)
		}
	}
	if resp := answer(session.Key[chan int]("k").Set(none, nil)); resp.Status != 500 {
		t.Errorf("a type that can't be stored: %d; want 500, as no visitor has chosen it", resp.Status)
	}
}
