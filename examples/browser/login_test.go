package browser

import (
	"strings"
	"testing"
)

func TestC4_ALogOutInOneTabEndsTheOther(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	leaving, early, late := b.tab(), b.tab(), b.tab()
	want(t, "the log-in", logIn(leaving, book.url, "Ann").Notice, "Welcome, Ann.")
	want(t, "another tab", early.open(book.url).User, "Ann")
	want(t, "a third tab", late.open(book.url).User, "Ann")

	// One signs before the log-out and gets its answer after it, the other is heard only then.
	answered := book.holdAnswer("POST /")
	early.begin(fill("text", "early") + press("Sign"))
	answered.wait()
	asked := book.holdRequest("POST /")
	late.begin(fill("text", "late") + press("Sign"))
	asked.wait()
	p := leaving.follow(press("Log out"))
	want(t, "the log-out", p.Notice, "You are logged out.")
	want(t, "after it", p.User, "")
	answered.letGo()
	want(t, "the tab with the answer from before", early.arrive().User, "")
	asked.letGo()
	p = late.arrive()
	want(t, "the tab with the request from before", p.User, "")
	if !strings.Contains(p.Text, "Please give a name") { // it was asked as a stranger
		t.Errorf("what was sent before the log-out and handled after it: %+v", p)
	}

	for _, tb := range []*tab{leaving, early, late} {
		want(t, "each tab, later", tb.open(book.url).User, "")
	}
	p = early.open(book.url + "/browsers")
	want(t, "what is for users only", p.Path+" "+p.Notice, "/login Please log in first.")
}

func TestC4_ALogOutBeatsALogInWhoseAnswerIsLate(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	leaving, again := b.tab(), b.tab()
	logIn(leaving, book.url, "Ann")
	again.open(book.url)
	hold := book.holdAnswer("POST /login")
	again.begin(form("/login", "name", "Ann"))
	hold.wait()
	want(t, "the log-out", leaving.follow(press("Log out")).Notice, "You are logged out.")
	hold.letGo()
	want(t, "the tab with the log-in", again.arrive().User, "")
	want(t, "the other one", leaving.reload().User, "")
}

func TestC4_ALogOutEndsThePagesThatTheBackButtonFinds(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	tb := b.tab()
	logIn(tb, book.url, "Ann")
	want(t, "what is for users only", tb.follow(link("/browsers")).Path, "/browsers")
	tb.follow(press("Log out"))
	if p := tb.back(); p.User != "" || strings.Contains(p.Text, "Ann") {
		t.Errorf("back after the log-out: %+v", p)
	}
}

func TestC4_ALogInThatIsSubmittedTwiceIsOne(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	tb, clock := b.tab(), b.tab()
	clock.open(book.url)
	tb.open(book.url + "/login")
	first := book.holdAnswer("POST /login")
	tb.begin(fill("name", "Ann") + press("Log in") + `new BroadcastChannel("again").onmessage = () => { ` + press("Log in") + ` }`)
	first.wait()
	clock.run(`new BroadcastChannel("again").postMessage("")`)
	p := tb.arrive()
	want(t, "the page", p.Path+" "+p.Notice, "/ Welcome, Ann.")
	want(t, "who is logged in", p.User, "Ann")
	first.letGo()
	p = tb.reload()
	want(t, "again", p.User+" "+p.Notice, "Ann ")
}

func TestC4_ALogInThatIsSubmittedTwiceInAMomentIsOne(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	tb := b.tab()
	tb.open(book.url + "/login")
	p := tb.follow(fill("name", "Ann") + press("Log in") + press("Log in"))
	want(t, "who is logged in", p.User, "Ann")
	p = tb.reload()
	want(t, "again", p.User+" "+p.Notice, "Ann ")
}

func TestS9_AnAnonymousAnswerThatIsLateReplacesNoLogIn(t *testing.T) {
	for _, first := range []string{"/login", "/"} { // a page without a session, and one that begins an anonymous one
		book, b := openGuestBook(t), open(t)
		slow, person := b.tab(), b.tab()
		slow.open(book.url + first)
		hold := book.holdAnswer("POST /")
		slow.begin(form("/", "name", "Nobody", "text", "Hello"))
		hold.wait()
		want(t, first+": the log-in", logIn(person, book.url, "Ann").User, "Ann")
		hold.letGo()
		want(t, first+": the slow tab", slow.arrive().User, "Ann")
		want(t, first+": the other one", person.reload().User, "Ann")
		person.follow(press("Log out"))
	}
}

func TestS9_NothingButALogOutEndsALogIn(t *testing.T) {
	s, b := openSite(t), open(t)
	tb, other := b.tab(), b.tab()
	tb.open(s.url + "/start")
	want(t, "the log-in", tb.follow(form("/login?to=/page&say=welcome")).User, "Ann")
	other.open(s.url + "/start")
	other.run(poll("/page"))
	for _, w := range append(ahead, beside...) {
		other.run(w.script("/page"))
	}
	for _, step := range []string{
		"location.reload()", link("/other"), "history.back()", save("/page", "one"), form("/nowhere"),
		"let f = document.createElement('form'); f.method = 'post'; f.action = '/save?to=/page&say=two'; document.body.append(f); f.submit(); f.submit();",
		"history.back()", "location.reload()", form("/login?to=/other&say=again"),
	} {
		want(t, step, tb.follow(step).User, "Ann")
	}
	s.wait(2, "GET /page cors empty")
	want(t, "the other tab", other.reload().User, "Ann")
	want(t, "after a log-out", tb.follow(form("/logout?to=/page&say=bye")).User, "")
	want(t, "the other tab after it", other.reload().User, "")
}
