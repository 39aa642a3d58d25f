package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
)

func TestSigningThanksOnce(t *testing.T) {
	b := open(t).visitor()
	b.Get("/")
	p := b.Submit("/", "name", "Anna", "text", "Hello, <b>world</b>.\r\nBye.")
	if p.URL.Path != "/" || see(p, message) != "Thank you for signing, Anna." {
		t.Errorf("%v; want / with thanks", p)
	}
	if got := see(p, entry); got != "Hello, <b>world</b>.\nBye." {
		t.Errorf("the entry is %q", got)
	}
	if cache := p.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q of a page with a message; want no-store", cache)
	}
	p = b.Reload()
	if got := see(p, message); got != "" {
		t.Errorf("after a reload the page says %q; want nothing", got)
	}
	if got := see(p, entry); got != "Hello, <b>world</b>.\nBye." {
		t.Errorf("after a reload the entries are %q", got)
	}
	if got := b.Form("/").Get("name"); got != "Anna" {
		t.Errorf("the form has the name %q; want the one that was used", got)
	}
}

func TestNothingButTheNextPageTakesTheThanks(t *testing.T) {
	b := open(t).visitor()
	b.Get("/")
	sent := b.Start(b.Form("/").Set("name", "Anna").Set("text", "Hello").Request())
	sent.Wait()
	for name, r := range map[string]ringtest.Request{
		"a poll":      ringtest.Fetch("GET", "/"),
		"HEAD":        ringtest.Fetch("HEAD", "/"),
		"an image":    ringtest.Image("/"),
		"a frame":     ringtest.Frame("/"),
		"a prefetch":  ringtest.Prefetch("/"),
		"a prerender": ringtest.Prerender("/"),
		"the style":   ringtest.Fetch("GET", assets.URL("style.css")),
	} {
		if p := b.Tab().Do(r); see(p, message) != "" {
			t.Errorf("%s got the thanks: %v", name, p)
		}
	}
	if got := see(sent.Arrive(), message); got != "Thank you for signing, Anna." {
		t.Errorf("the next page says %q; want thanks", got)
	}
}

func TestAFormWithAMistakeIsShownAgain(t *testing.T) {
	for _, test := range []struct {
		name, text         string
		mistakes           string
		keptName, keptText string
	}{
		{"", "Something.", "Please give a name.", "", "Something."},
		{" \t ", "Something.", "Please give a name.", "", "Something."},
		{"\u200b", "Something.", "Please give a name.", "\u200b", "Something."},
		{"Anna", " \r\n ", "Please write something.", "Anna", ""},
		{"", "", "Please give a name.|Please write something.", "", ""},
		{strings.Repeat("ü", 41), "x", "At most 40 characters, please. These are 41.", strings.Repeat("ü", 41), "x"},
		{"Anna", strings.Repeat("ü", 501), "At most 500 characters, please. These are 501.", "Anna", strings.Repeat("ü", 501)},
		{"An\xffna", "x", "This contains characters that are not text.", "An\uFFFDna", "x"},
		{"Anna", "a\x07b", "This contained control characters. They are taken out now; please look again.", "Anna", "ab"},
		{`"><script>`, "", "Please write something.", `"><script>`, ""},
		{"", "\n</textarea><script>", "Please give a name.", "", "</textarea><script>"},
	} {
		t.Run(fmt.Sprintf("%.12q and %.12q", test.name, test.text), func(t *testing.T) {
			g := open(t)
			b := g.visitor()
			p := b.Post("/", "name", test.name, "text", test.text)
			if p.Status != http.StatusUnprocessableEntity {
				t.Errorf("status %d; want 422", p.Status)
			}
			if got := see(p, mistake); got != test.mistakes {
				t.Errorf("mistakes %q; want %q", got, test.mistakes)
			}
			if name, text := b.Form("/").Get("name"), b.Form("/").Get("text"); name != test.keptName || text != test.keptText {
				t.Errorf("the form has %q and %q; want %q and %q", name, text, test.keptName, test.keptText)
			}
			if n := len(g.book.Entries()); n != 0 {
				t.Errorf("the book has %d entries", n)
			}
		})
	}
}

func TestTheLongestNameAndTextAreSigned(t *testing.T) {
	g := open(t)
	name, text := strings.Repeat("語", maxName), strings.Repeat("🖋", maxText)
	if p := g.visitor().Post("/", "name", name, "text", text); p.Status != http.StatusOK {
		t.Errorf("%v; want thanks", p)
	}
	es := g.book.Entries()
	if len(es) != 1 || es[0].Name != name || es[0].Text != text {
		t.Errorf("the book has %v", es)
	}
}

func TestWhoIsLoggedInSignsWithThatName(t *testing.T) {
	g := open(t)
	g.user("Anna").Post("/", "name", "Bertha", "text", "It was not me.")
	if es := g.book.Entries(); len(es) != 1 || es[0].Name != "Anna" || !es[0].LoggedIn {
		t.Errorf("the book has %v; want an entry of Anna's log-in", es)
	}
}

func TestADoubleClickSignsOnce(t *testing.T) {
	g := open(t)
	b := g.visitor()
	b.Get("/")
	form := b.Form("/").Set("name", "Anna").Set("text", "Hello")
	form.Submit()
	form.Submit()
	form.Set("name", "Bertha").Submit()
	g.wait(doubleClick)
	form.Submit()
	if n := len(g.book.Entries()); n != 3 {
		t.Errorf("the book has %d entries; want 3", n)
	}
}

func TestVisitsAreOfTheSession(t *testing.T) {
	g := open(t)
	b := g.visitor()
	for _, want := range []string{"1", "2", "3"} {
		if got := see(b.Get("/"), visit); got != want {
			t.Errorf("visit no. %s; want %s", got, want)
		}
	}
	if got := see(b.Submit("/"), visit); got != "3" {
		t.Errorf("a form shown again says visit no. %s; want 3", got)
	}
	if got := see(g.visitor().Get("/"), visit); got != "1" {
		t.Errorf("somebody else's visit no. %s; want 1", got)
	}
	if got := see(login(b, "Anna"), visit); got != "4" {
		t.Errorf("visit no. %s after the log-in; want 4", got)
	}
	if got := see(b.Click("Log out"), visit); got != "1" {
		t.Errorf("visit no. %s after the log-out; want 1", got)
	}
}

// A handler is a function, so a test can ask what it answers and what would be stored.
func TestSignRemembersTheNameOfAStranger(t *testing.T) {
	s := &site{book: new(Book)}
	sign := func(info session.Information) (session.Session, session.Decision) {
		req := session.WithSession(ringtest.Post("/", "name", "Anna", "text", "Hello").Value(), session.Session{}, info)
		resp := s.sign(req)
		if got := notice.Out(resp); !slices.Equal(got, []string{"Thank you for signing, Anna."}) {
			t.Errorf("messages %q", got)
		}
		return session.Outcome(req, resp)
	}
	if after, d := sign(session.Information{Now: time.Now()}); penName.Get(after) != "Anna" || d.String() != "save" {
		t.Errorf("a stranger's session is %v, decision %v; want the name saved", after, d)
	}
	if after, d := sign(session.Information{Now: time.Now(), Owner: "Anna"}); penName.Get(after) != "" || d.String() != "leave" {
		t.Errorf("Anna's session is %v, decision %v; want it left alone", after, d)
	}
}
