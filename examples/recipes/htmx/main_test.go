package main

import (
	"html"
	"os"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

func open(t *testing.T) *ringtest.Browser {
	scripts, err := os.OpenRoot("../../browser/testdata/lib")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = scripts.Close() })
	b := ringtest.New(t, app(memory.New(), scripts))
	b.Get("/")
	b.Submit("Log in", "name", "Ann")
	return b
}

// part is a request of htmx.
func part(b *ringtest.Browser, method, target string, fields ...string) *ringtest.Page {
	return b.Do(ringtest.Fetch(method, target, fields...).WithHeader("HX-Request", "true").WithHeader("HX-Current-URL", "https://example.com/"))
}

func TestHtmxGetsThePartThatChanges(t *testing.T) {
	b := open(t)
	p := part(b, "POST", "/tasks", "task", "Buy <milk> & tea")
	if strings.Contains(p.Body, "<title>") || p.Text() != "Added. Buy <milk> & tea Done" {
		t.Errorf("%v", p)
	}
	if p := part(b, "POST", "/tasks", "task", " "); p.Text() != "A task needs a name. Buy <milk> & tea Done" {
		t.Errorf("%v", p)
	}
	if p := b.Get("/"); p.Title() != "Tasks" || strings.Contains(p.Text(), "Added.") || !strings.Contains(html.UnescapeString(p.Body), `hx-delete="/tasks?task=Buy+%3Cmilk%3E+%26+tea"`) {
		t.Errorf("%v; want the whole page without a message", p)
	}
	if p := part(b, "DELETE", "/tasks?task=Buy+%3Cmilk%3E+%26+tea"); p.Text() != "Done." {
		t.Errorf("%v", p)
	}
}

func TestWithoutScriptsTheFormWorksToo(t *testing.T) {
	b := open(t)
	p := b.Submit("Add", "task", "Buy milk")
	if p.Title() != "Tasks" || len(p.Hops) != 1 || !strings.Contains(p.Text(), "Added. Buy milk") {
		t.Errorf("%v", p)
	}
	if p := b.Submit("Add", "task", ""); p.Title() != "Tasks" || !strings.Contains(p.Text(), "A task needs a name.") {
		t.Errorf("%v", p)
	}
}

func TestABoostedRequestGetsTheWholePage(t *testing.T) {
	b := open(t)
	if p := b.Do(ringtest.Fetch("GET", "/").WithHeader("HX-Request", "true").WithHeader("HX-Boosted", "true")); p.Title() != "Tasks" {
		t.Errorf("%v", p)
	}
	if vary := b.Page().Header.Get("Vary"); !strings.Contains(vary, "HX-Request") {
		t.Errorf("Vary %q", vary)
	}
}

func TestTheLogInPageIsNeverAPart(t *testing.T) {
	b := open(t)
	tab := b.Tab()
	tab.Get("/")
	if p := part(b, "POST", "/logout"); p.Header.Get("HX-Redirect") != "/login" {
		t.Fatalf("%v", p)
	}
	if p := b.Get("/login"); !strings.Contains(p.Text(), "You are logged out.") {
		t.Errorf("%v", p)
	}
	p := part(tab, "POST", "/tasks", "task", "Buy milk")
	if p.Body != "" || p.Header.Get("HX-Redirect") != "/login" {
		t.Errorf("a part without a log-in: %v", p)
	}
	if p := part(tab, "GET", "/login"); strings.Contains(p.Text(), "Please log in again.") {
		t.Errorf("the message went to a part: %v", p)
	}
	if p := tab.Get("/login"); !strings.Contains(p.Text(), "Please log in again.") {
		t.Errorf("%v", p)
	}
}

func TestTheScriptIsServed(t *testing.T) {
	if p := open(t).Get("/htmx.min.js"); p.Status != 200 || !strings.Contains(p.Body, "htmx") {
		t.Errorf("%d %d", p.Status, len(p.Body))
	}
}
