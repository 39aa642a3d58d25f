package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func TestThePageShowsTheSessionAndTheMessage(t *testing.T) {
	b := ringtest.New(t, app(memory.New()))
	b.Get("/")
	p := b.Submit("Add", "task", "Buy <milk>")
	if got := p.Text(); got != "Added. Tasks of you Buy <milk> Add" || p.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%q, %v", got, p.Header)
	}
	if got := b.Reload().Text(); got != "Tasks of you Buy <milk> Add" {
		t.Errorf("after a reload: %q", got)
	}
}

func TestAHandlerIsCalledAsAFunction(t *testing.T) {
	req := session.WithSession(ring.NewRequest("GET", "/", nil), tasks.Add(session.Session{}, "Rest"))
	if body := ringtest.Body(home(req)); !strings.Contains(body, "<li>Rest</li>") {
		t.Errorf("%s", body)
	}
}

func TestAComponentThatFailsSendsNothing(t *testing.T) {
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half a page")
		return errors.New("no such user")
	})
	resp := render(ring.NewRequest("GET", "/", nil), templ.Join(item("first"), broken))
	if resp.Status != 500 || resp.Err == nil || strings.Contains(ringtest.Body(resp), "first") || strings.Contains(ringtest.Body(resp), "half") {
		t.Errorf("%v %s", resp, ringtest.Body(resp))
	}
}
