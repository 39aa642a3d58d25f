package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

func TestSigningThanksOnce(t *testing.T) {
	v := open(t).visitor()
	p := v.sign("Anna", "Hello, <b>world</b>.\r\nBye.")
	if p.path != "/" || p.notice() != "Thank you for signing, Anna." {
		t.Errorf("at %s with the notice %q; want / and thanks", p.path, p.notice())
	}
	if got := p.find(entryPart); !slices.Equal(got, []string{"Hello, <b>world</b>.\nBye."}) {
		t.Errorf("entries %q", got)
	}
	if cache := p.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q of a page with a message; want no-store", cache)
	}
	p = v.get("/")
	if p.notice() != "" {
		t.Errorf("after a reload the notice is %q; want none", p.notice())
	}
	if len(p.find(entryPart)) != 1 {
		t.Errorf("after a reload there are %d entries; want 1", len(p.find(entryPart)))
	}
	if !strings.Contains(p.text, `name="name" value="Anna"`) {
		t.Error("the form has forgotten the name")
	}
}

func TestNothingButTheNextPageTakesTheThanks(t *testing.T) {
	v := open(t).visitor()
	v.get("/")
	v.take(v.answer(v.request("POST", "/", url.Values{"name": {"Anna"}, "text": {"Hello"}}, navigation)))
	others := map[string]*http.Request{
		"a poll":     v.request("GET", "/", nil, background),
		"an image":   v.request("GET", "/", nil, header{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
		"a prefetch": v.request("GET", "/", nil, navigation.and(header{"Sec-Purpose": "prefetch"})),
		"HEAD":       v.request("HEAD", "/", nil, navigation),
		"the style":  v.request("GET", styleSheet.path, nil, header{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "style"}),
	}
	for name, r := range others {
		resp := v.answer(r)
		v.take(resp)
		if got := v.read("/", resp).notice(); got != "" {
			t.Errorf("%s got the notice %q", name, got)
		}
	}
	if got := v.get("/").notice(); got != "Thank you for signing, Anna." {
		t.Errorf("the next page says %q; want thanks", got)
	}
}

func TestAFormWithAMistakeIsShownAgain(t *testing.T) {
	tests := []struct {
		name, text string
		problems   []string
		kept       []string
	}{
		{"", "Something.", []string{"Please give a name."}, []string{">\nSomething.</textarea>"}},
		{" \t ", "Something.", []string{"Please give a name."}, []string{">\nSomething.</textarea>"}},
		{"Anna", " \r\n ", []string{"Please write something."}, []string{`value="Anna"`}},
		{"", "", []string{"Please give a name.", "Please write something."}, nil},
		{strings.Repeat("ü", 41), "x", []string{"At most 40 characters, please. These are 41."}, []string{`value="` + strings.Repeat("ü", 41) + `"`}},
		{"Anna", strings.Repeat("ü", 501), []string{"At most 500 characters, please. These are 501."}, []string{strings.Repeat("ü", 501), `value="Anna"`}},
		{"An\xffna", "x", []string{"This contains characters that are not text."}, []string{"An\uFFFDna"}},
		{"Anna", "a\x00b", []string{"This contained control characters. They are taken out now; please look again."}, []string{"ab</textarea>"}},
		{`"><script>`, "", []string{"Please write something."}, []string{`value="&#34;&gt;&lt;script&gt;"`}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.12q and %.12q", test.name, test.text), func(t *testing.T) {
			g := open(t)
			p := g.visitor().sign(test.name, test.text)
			if p.status != http.StatusUnprocessableEntity {
				t.Errorf("status %d; want 422", p.status)
			}
			if got := p.find(badPart); !slices.Equal(got, test.problems) {
				t.Errorf("problems %q; want %q", got, test.problems)
			}
			for _, kept := range test.kept {
				if !strings.Contains(p.text, kept) {
					t.Errorf("the page does not have %q", kept)
				}
			}
			if n := len(g.site.book.Entries()); n != 0 {
				t.Errorf("the book has %d entries", n)
			}
		})
	}
}

func TestTheLongestNameAndTextAreSigned(t *testing.T) {
	g := open(t)
	name, text := strings.Repeat("語", maxName), strings.Repeat("🖋", maxText)
	if p := g.visitor().sign(name, text); p.status != http.StatusOK {
		t.Errorf("status %d; want 200", p.status)
	}
	es := g.site.book.Entries()
	if len(es) != 1 || es[0].Name != name || es[0].Text != text {
		t.Errorf("the book has %v", es)
	}
}

func TestWhoIsLoggedInSignsWithThatName(t *testing.T) {
	g := open(t)
	v := g.visitor()
	v.login("Anna")
	v.sign("Bertha", "It was not me.")
	if es := g.site.book.Entries(); len(es) != 1 || es[0].Name != "Anna" || !es[0].LoggedIn {
		t.Errorf("the book has %v; want an entry of Anna's log-in", es)
	}
}

func TestADoubleClickSignsOnce(t *testing.T) {
	g := open(t)
	v := g.visitor()
	v.sign("Anna", "Hello")
	v.sign("Anna", "Hello")
	v.sign("Bertha", "Hello")
	g.wait(doubleClick)
	v.sign("Anna", "Hello")
	if n := len(g.site.book.Entries()); n != 3 {
		t.Errorf("the book has %d entries; want 3", n)
	}
}

func TestVisitsAreOfTheSession(t *testing.T) {
	g := open(t)
	v := g.visitor()
	for _, want := range []string{"1", "2", "3"} {
		if got := v.get("/").visits(); got != want {
			t.Errorf("visit no. %s; want %s", got, want)
		}
	}
	if got := v.sign("", "").visits(); got != "3" {
		t.Errorf("a form shown again says visit no. %s; want 3", got)
	}
	if got := g.visitor().get("/").visits(); got != "1" {
		t.Errorf("somebody else's visit no. %s; want 1", got)
	}
	if got := v.login("Anna").visits(); got != "4" {
		t.Errorf("visit no. %s after the log-in; want 4", got)
	}
	if got := v.post("/logout", nil).visits(); got != "1" {
		t.Errorf("visit no. %s after the log-out; want 1", got)
	}
}

// A handler is a function, so a test can ask what it answers and what would be stored.
func TestSignRemembersTheNameOfAStranger(t *testing.T) {
	s := &site{book: new(Book)}
	sign := func(info session.Information) (session.Session, session.Decision) {
		req := ring.NewRequest("POST", "/", strings.NewReader("name=Anna&text=Hello")).
			WithHeader("Content-Type", "application/x-www-form-urlencoded")
		req = session.In(req, session.Session{}, info)
		resp := s.sign(req)
		if got := notice.Out(resp); !slices.Equal(got, []string{"Thank you for signing, Anna."}) {
			t.Errorf("messages %q", got)
		}
		return session.Out(req, resp)
	}
	if after, d := sign(session.Information{Now: time.Now()}); penName.Get(after) != "Anna" || d.Write != session.WriteValue {
		t.Errorf("a stranger's session is %v, decision %v; want the name saved", after, d)
	}
	if after, d := sign(session.Information{Now: time.Now(), Owner: "Anna"}); penName.Get(after) != "" || d.String() != "leave" {
		t.Errorf("Anna's session is %v, decision %v; want it left alone", after, d)
	}
}
