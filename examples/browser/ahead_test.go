package browser

import "testing"

// A way is how a page is loaded without going there.
type way struct {
	name    string
	script  func(to string) string
	request string // what Chromium says of it: mode, destination and purpose
}

var ahead = []way{
	{"a link for prefetching", func(to string) string { return element("link", "rel", "prefetch", "href", to) }, "no-cors empty prefetch"},
	{"a prefetch", func(to string) string { return speculate("prefetch", to) }, "navigate document prefetch"},
	{"a prerender", func(to string) string { return speculate("prerender", to) }, "navigate document prefetch;prerender"},
}

var beside = []way{
	{"a preload", func(to string) string {
		return element("link", "rel", "preload", "as", "fetch", "crossorigin", "", "href", to)
	}, "cors empty"},
	{"an image", func(to string) string { return element("img", "src", to) }, "no-cors image"},
	{"a script", func(to string) string { return element("script", "src", to) }, "no-cors script"},
	{"a frame", func(to string) string { return element("iframe", "src", to) }, "navigate iframe"},
	{"an object", func(to string) string { return element("object", "data", to) }, "navigate object"},
}

func TestF2_WhatIsLoadedAheadOrBesideNeitherSeesNorTakesAMessage(t *testing.T) {
	s, b := openSite(t), open(t)
	saving, loading := b.tab(), b.tab()
	s.enter(saving, loading)
	for _, w := range append(ahead, beside...) {
		page := s.newPage()
		saving.open(s.url + "/start")
		loading.open(s.url + "/start")
		hold := s.holdAnswer("POST /save")
		saving.begin(save(page, "for "+page))
		hold.wait()
		before, _ := s.answered()
		loading.run(w.script(page))
		s.waitSince(before, 1, "GET "+page+" "+w.request)
		hold.letGo()
		want(t, w.name+": the page", saving.arrive().Notice, "for "+page)
		want(t, w.name+": the page where it was loaded", loading.follow(link(page)).Notice, "")
		want(t, w.name+": the message was shown to", s.showed("for "+page), "GET "+page+" navigate document")
	}
}

func TestF1_NoPageLoadedAheadTakesThePlaceOfTheRequestThatFollows(t *testing.T) {
	s, b := openSite(t), open(t)
	tb := b.tab()
	s.enter(tb)
	for _, w := range ahead {
		for _, test := range []struct{ form, user string }{{"/save", ""}, {"/login", "Ann"}, {"/logout", ""}} {
			page := s.newPage()
			tb.open(s.url + "/start")
			before, _ := s.answered()
			tb.run(w.script(page))
			s.waitSince(before, 1, "GET "+page+" "+w.request)
			p := tb.follow(form(test.form + "?to=" + page + "&say=saved"))
			want(t, w.name+", then "+test.form+": the page", p.Notice, "saved")
			want(t, w.name+", then "+test.form+": who is logged in", p.User, test.user)
		}
	}
}
