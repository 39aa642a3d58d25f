package browser

import (
	"net/http"
	"strings"
	"testing"
)

// openForeignSite gives a page of another site: to browsers, localhost has nothing to do with 127.0.0.1.
func openForeignSite(t *testing.T) string {
	f := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Another site</title><p>Nothing to see"))
	}))
	return strings.Replace(f.url, "127.0.0.1", "localhost", 1)
}

func TestS9_WhatAnotherSiteSendsReplacesNoLogIn(t *testing.T) {
	ways := map[string]func(tb *tab, url string){
		"a form": func(tb *tab, url string) { tb.follow(form(url)) },
		"a script": func(tb *tab, url string) {
			await[bool](tb, `fetch("`+url+`", {method: "POST", mode: "no-cors", credentials: "include"}).then(() => true)`)
		},
		"a frame": func(tb *tab, url string) {
			tb.run(element("iframe", "name", "frame") + strings.Replace(form(url), "form.submit()", `form.target = "frame"; form.submit()`, 1))
		},
	}
	s, b := openSite(t), open(t)
	tb, foreign := b.tab(), b.tab()
	elsewhere := openForeignSite(t)
	tb.open(s.url + "/start")
	tb.follow(form("/login?to=/page&say=welcome"))
	for name, send := range ways {
		for _, path := range []string{"/save", "/logout"} {
			foreign.open(elsewhere)
			before, _ := s.answered()
			send(foreign, s.url+path+"?to=/page&say=foreign")
			came := s.waitSince(before, 1, "POST "+path)[0]
			want(t, name+" to "+path+": cookies that it came with", came.cookies, 0) // nothing stops it but that
			p := tb.follow(link("/page"))
			want(t, name+" to "+path+": who is logged in", p.User, "Ann")
			want(t, name+" to "+path+": the message", p.Notice, "")
		}
	}
}

func TestS9_TheGuestBookRefusesTheFormsOfAnotherSite(t *testing.T) {
	book, b := openGuestBook(t), open(t)
	tb, foreign := b.tab(), b.tab()
	logIn(tb, book.url, "Ann")
	elsewhere := openForeignSite(t)
	for _, path := range []string{"/", "/login", "/logout", "/browsers/all/logout"} {
		foreign.open(elsewhere)
		p := foreign.follow(form(book.url+path, "name", "Mallory", "text", "Hello"))
		if !strings.Contains(p.Text, "This came from another site") {
			t.Errorf("%s: %+v", path, p)
		}
		want(t, path+": who is logged in", tb.reload().User, "Ann")
	}
}
