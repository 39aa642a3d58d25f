package browser

import (
	"testing"
	"time"
)

// navigation is the only request that shows a message after a form.
const navigation = "GET /page navigate document"

func TestF1_EachTabGetsItsOwnMessage(t *testing.T) {
	s, b := openSite(t), open(t)
	one, two := b.tab(), b.tab()
	s.enter(one, two)

	forOne := s.holdAnswer("POST /save")
	one.begin(save("/one", "first"))
	forOne.wait()
	want(t, "the other tab, while the first is on its way", two.open(s.url+"/two").Notice, "")
	forTwo := s.holdAnswer("POST /save")
	two.begin(save("/two", "second"))
	forTwo.wait()

	forTwo.letGo()
	want(t, "the second tab", two.arrive().Notice, "second")
	forOne.letGo()
	want(t, "the first tab", one.arrive().Notice, "first")
	want(t, "the first tab, again", one.reload().Notice, "")
	want(t, "the second tab, again", two.reload().Notice, "")
}

func TestF1_TwoTabsWithOneTargetOneAfterTheOther(t *testing.T) {
	s, b := openSite(t), open(t)
	one, two := b.tab(), b.tab()
	s.enter(one, two)
	want(t, "the first tab", one.follow(save("/page", "first")).Notice, "first")
	want(t, "the second tab", two.follow(save("/page", "second")).Notice, "second")
	want(t, "the first tab, again", one.reload().Notice, "")
	want(t, "the second tab, again", two.reload().Notice, "")
}

// fetchSave sends the form in the background. What comes of it is {url, text}.
func fetchSave(redirect string) string {
	return `fetch("/save?to=/page&say=saved", {method: "POST", redirect: "` + redirect + `"})
		.then(async r => ({Type: r.type, URL: r.url, Text: await r.text()}))`
}

type fetched struct{ Type, URL, Text string }

func TestF1_AScriptThatIsRedirectedGetsTheMessageItself(t *testing.T) {
	s, b := openSite(t), open(t)
	script, person := b.tab(), b.tab()
	s.enter(script)
	hold := s.holdAnswer("POST /save")
	script.run("window.answer = " + fetchSave("follow"))
	hold.wait()
	want(t, "somebody who goes there meanwhile", person.open(s.url+"/page").Notice, "")
	hold.letGo()
	got := await[fetched](script, "window.answer")
	want(t, "where the script came to", got.URL, s.url+"/page")
	want(t, "then the page itself", script.follow(`answer.then(a => location = a.URL)`).Notice, "")
	want(t, "the message was shown to", s.showed("saved"), "GET /page cors empty")
}

func TestF1_AScriptThatIsNotRedirectedFindsItAfterTenSeconds(t *testing.T) {
	s, b := openSite(t), open(t)
	tb := b.tab()
	s.enter(tb)
	want(t, "the answer", await[fetched](tb, fetchSave("manual")).Type, "opaqueredirect")
	want(t, "the page that it goes to itself", tb.follow(`location = "/page"`).Notice, "")
	s.pass(10 * time.Second)
	want(t, "the first page after ten seconds", tb.follow(link("/other")).Notice, "saved")
}

func TestF2_APollNeitherSeesNorTakesAMessage(t *testing.T) {
	s, b := openSite(t), open(t)
	polling, saving := b.tab(), b.tab()
	for _, tb := range []*tab{polling, saving} {
		s.enter(tb)
		tb.run(poll("/page"))
		tb.run(poll("/other"))
	}
	hold := s.holdAnswer("POST /save")
	saving.begin(save("/page", "saved"))
	hold.wait()
	s.wait(8, "GET /page cors empty")
	s.wait(8, "GET /other cors empty")
	hold.letGo()
	want(t, "the page", saving.arrive().Notice, "saved")
	s.wait(4, "GET /page cors empty")
	want(t, "the page, again", saving.reload().Notice, "")
	want(t, "the message was shown to", s.showed("saved"), navigation)
}

func TestF3_AMessageIsShownOnceWhereverOneGoes(t *testing.T) {
	s, b := openSite(t), open(t)
	tb := b.tab()
	s.enter(tb)
	want(t, "the page", tb.follow(save("/page", "saved")).Notice, "saved")
	want(t, "another one", tb.follow(link("/other")).Notice, "")
	if p := tb.back(); !p.Restored { // else it is the very page that was shown, and nobody asked for it
		want(t, "back", p.Notice, "")
	}
	want(t, "reloaded", tb.reload().Notice, "")
	want(t, "in another tab", b.tab().open(s.url+"/page").Notice, "")
	want(t, "the message was shown to", s.showed("saved"), navigation)
}
