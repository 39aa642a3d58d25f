package browser

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// openLibrarySite serves pages that load their links and forms by a library: those under /h/ by htmx, those under /t/
// by Turbo.
func openLibrarySite(t *testing.T) *site {
	s := new(site)
	mux := http.NewServeMux()
	mux.Handle("GET /lib/", http.StripPrefix("/lib/", http.FileServer(http.Dir("testdata/lib"))))
	mux.Handle("/", ring.Chain(session.Wrap(memory.New(), session.Options{}), flash.Wrap)(libraryAnswer))
	s.front = serve(t, mux)
	return s
}

// enterAt opens tabs at a page, in a session.
func (s *site) enterAt(path string, tabs ...*tab) {
	for _, tb := range tabs {
		tb.t.Helper()
		tb.open(s.url + path)
		tb.say("begun")
		want(tb.t, "the first page", tb.open(s.url+path).Notice, "begun")
	}
}

// libraryAnswer answers POST /say with a message and the header fields of the query, and POST /save as answer does.
func libraryAnswer(req ring.Request) ring.Response {
	message := notice.Put(req.Query("say"))
	switch req.Method + " " + req.URL.Path {
	case "POST /save":
		return ring.Redirect(req.Query("to")).With(message)
	case "POST /say":
		resp := ring.Text("").With(message)
		for _, name := range []string{"HX-Location", "HX-Redirect", "HX-Refresh"} {
			if v := req.Query(name); v != "" {
				resp.Header = resp.Header.Set(name, v)
			}
		}
		return resp
	}
	return ring.HTML(libraryPage, map[string]any{
		"Path":   req.URL.Path,
		"Htmx":   strings.HasPrefix(req.URL.Path, "/h/"),
		"Frame":  req.Header.Get("Turbo-Frame"),
		"Notice": strings.Join(slices.Collect(notice.All(req)), "|"),
	})
}

var libraryPage = template.Must(template.New("").Parse(`<!doctype html>
<html><head><title>A page</title>
<link rel="icon" href="data:,">
<script src="/lib/{{if .Htmx}}htmx.min.js{{else}}turbo.js{{end}}"></script></head>
<body hx-boost="true">
<p id="at">{{.Path}}</p>
{{with .Frame}}<turbo-frame id="{{.}}">{{end}}<p class="notice">{{.Notice}}</p>{{with .Frame}}</turbo-frame>{{end}}
</body></html>
`))

// shown returns which requests showed a message: the libraries themselves have its word too.
func (s *site) shown(message string) string { return s.showed(`class="notice">` + message) }

// say sends a message that waits for the next navigation, by no library.
func (tb *tab) say(text string) {
	tb.t.Helper()
	await[int](tb, fmt.Sprintf(`fetch("/say?say=%s", {method: "POST"}).then(r => r.status)`, text))
}

// insert adds HTML to the page.
func (tb *tab) insert(html string) {
	tb.t.Helper()
	tb.run(fmt.Sprintf(`document.body.insertAdjacentHTML("beforeend", %q); window.htmx?.process(document.body);`, html))
}

// click adds an element to the page and clicks what has the id "x" in it.
func (tb *tab) click(html string) {
	tb.t.Helper()
	tb.insert(html)
	tb.run(`document.querySelector("#x").click();`)
}

// at waits until a library has put the page of that path in the place of the last one.
func (tb *tab) at(path string) page {
	tb.t.Helper()
	return await[page](tb, fmt.Sprintf(`location.pathname == %[1]q && document.querySelector("#at")?.innerText == %[1]q && {
		Path: location.pathname,
		Notice: [...document.querySelectorAll(".notice")].map(n => n.innerText).join("|"),
	}`, path))
}

func anchor(to string) string { return fmt.Sprintf(`<a id="x" href="%s">to</a>`, to) }

func saving(to, say string) string {
	return fmt.Sprintf(`<form method="post" action="/save?to=%s&amp;say=%s"><button id="x">Save</button></form>`, to, say)
}

// A libraryCase is what the same test expects of htmx and of Turbo.
type libraryCase struct{ name, start, visit, beside, partial string }

var libraries = []libraryCase{
	{"htmx", "/h/", "boosted", "htmx", `<div hx-get="%s" hx-trigger="every 50ms" hx-swap="none"></div>`},
	{"Turbo", "/t/", "turbo", "frame", `<turbo-frame id="cart" src="%s"></turbo-frame>`},
}

func TestF1_ALinkThatALibraryFollowsShowsWhatWaits(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	for _, l := range libraries {
		s.enterAt(l.start, tb)
		tb.say("for" + l.name)
		tb.click(anchor(l.start + "one"))
		want(t, l.name+": the page", tb.at(l.start+"one").Notice, "for"+l.name)
		tb.click(anchor(l.start + "two"))
		want(t, l.name+": another one", tb.at(l.start+"two").Notice, "")
		want(t, l.name+": the message was shown to", s.shown("for"+l.name), "GET "+l.start+"one cors empty "+l.visit)
	}
}

func TestF1_AFormThatALibrarySendsIsFollowedByItsMessage(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb, beside := b.tab(), b.tab()
	for _, l := range libraries {
		s.enterAt(l.start, tb, beside)
		hold := s.holdAnswer("POST /save")
		tb.click(saving(l.start+"page", "for"+l.name))
		hold.wait()
		before, _ := s.answered()
		beside.insert(fmt.Sprintf(l.partial, l.start+"page"))
		s.waitSince(before, 1, "GET "+l.start+"page cors empty "+l.beside)
		hold.letGo()
		want(t, l.name+": the page", tb.at(l.start+"page").Notice, "for"+l.name)
		want(t, l.name+": again", tb.open(s.url+l.start+"page").Notice, "")
		want(t, l.name+": the message was shown to", s.shown("for"+l.name), "GET "+l.start+"page cors empty "+l.visit)
	}
}

func TestF2_APollOfHtmxAndAFrameOfTurboTakeNothingThatWaits(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	for _, l := range libraries {
		s.enterAt(l.start, tb)
		tb.say("for" + l.name)
		before, _ := s.answered()
		tb.insert(fmt.Sprintf(l.partial, l.start+"part"))
		s.waitSince(before, 1, "GET "+l.start+"part cors empty "+l.beside)
		tb.click(anchor(l.start + "page"))
		want(t, l.name+": the page", tb.at(l.start+"page").Notice, "for"+l.name)
		want(t, l.name+": the message was shown to", s.shown("for"+l.name), "GET "+l.start+"page cors empty "+l.visit)
	}
}

func TestF2_APrefetchByTurboTakesNothing(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	s.enterAt("/t/", tb)
	tb.say("waiting")
	before, _ := s.answered()
	tb.insert(anchor("/t/page"))
	tb.run(`document.querySelector("#x").dispatchEvent(new MouseEvent("mouseenter"));`)
	s.waitSince(before, 1, "GET /t/page cors empty turbo prefetch")
	tb.run(`document.querySelector("#x").dispatchEvent(new MouseEvent("mouseleave")); document.querySelector("#x").click();`)
	want(t, "the page", tb.at("/t/page").Notice, "waiting")
	want(t, "the message was shown to", s.shown("waiting"), "GET /t/page cors empty turbo")
}

func TestF1_AFormInAFrameOfTurboShowsItsMessageThere(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	s.enterAt("/t/", tb)
	tb.click(`<turbo-frame id="cart">` + saving("/t/page", "saved") + `</turbo-frame>`)
	want(t, "the frame", await[string](tb, `document.querySelector("#cart .notice")?.innerText`), "saved")
	want(t, "the message was shown to", s.shown("saved"), "GET /t/page cors empty frame")
}

func TestF1_HXLocationIsFollowedByItsMessage(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	for name, html := range map[string]string{
		"path": `<button id="x" hx-post="/say?say=path&amp;HX-Location=/h/page">Save</button>`,
		"json": `<button id="x" hx-post="/say?say=json&amp;HX-Location=%7B%22path%22:%22page%22,%22target%22:%22body%22%7D">Save</button>`,
		"form": `<form method="post" action="/say?say=form&amp;HX-Location=/h/page"><button id="x">Save</button></form>`,
	} {
		s.enterAt("/h/", tb)
		tb.click(html)
		want(t, name+": the page", tb.at("/h/page").Notice, name)
		want(t, name+": again", tb.open(s.url+"/h/page").Notice, "")
		want(t, name+": the message was shown to", s.shown(name), "GET /h/page cors empty htmx")
	}
}

func TestF1_HXRedirectAndHXRefreshAreFollowedByTheirMessages(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	for name, test := range map[string]struct{ field, path string }{
		"redirect": {"HX-Redirect=page", "/h/page"},
		"refresh":  {"HX-Refresh=true", "/h/"},
	} {
		s.enterAt("/h/", tb)
		tb.insert(`<button id="x" hx-post="/say?say=` + name + `&amp;` + test.field + `">Save</button>`)
		p := tb.follow(`document.querySelector("#x").click()`)
		want(t, name+": the page", p.Path+" "+p.Notice, test.path+" "+name)
		want(t, name+": again", tb.reload().Notice, "")
		want(t, name+": the message was shown to", s.shown(name), "GET "+test.path+" navigate document")
	}
}

func TestF1_APageOfTheHistoryThatHtmxLoadsAgainShowsWhatWaits(t *testing.T) {
	s, b := openLibrarySite(t), open(t)
	tb := b.tab()
	s.enterAt("/h/", tb)
	tb.run(`htmx.config.historyCacheSize = 0;`)
	tb.click(anchor("/h/one"))
	tb.at("/h/one")
	tb.say("waiting")
	tb.run(`history.back();`)
	want(t, "the page", tb.at("/h/").Notice, "waiting")
	want(t, "the message was shown to", s.shown("waiting"), "GET /h/ cors empty history")
}
