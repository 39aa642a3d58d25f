package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
)

func TestErrorsHaveAPage(t *testing.T) {
	b := open(t).user("Anna")
	form := ringtest.Post("/")
	for _, test := range []struct {
		name   string
		r      ringtest.Request
		status int
		says   string
	}{
		{"no such page", ringtest.Get("/nothing"), 404, "There is no such page"},
		{"an asset of another version", ringtest.Get("/static/old/style.css"), 404, "There is no such page"},
		{"the address of a form", ringtest.Get("/logout"), 405, "This is not a page to visit"},
		{"too much", ringtest.Post("/", "name", "Anna", "text", strings.Repeat("x", maxBody)), 413, "That is too much"},
		{"too many fields", form.WithBody("application/x-www-form-urlencoded", strings.Repeat("a=b&", 100)), 413, "That is too much"},
		{"no form", form.WithBody("application/json", `{}`), 415, "The request must be a form."},
		{"half a form", form.WithBody("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=text\r\n\r\nHel"), 400, "That did not arrive whole"},
		{"a bad escape", form.WithBody("application/x-www-form-urlencoded", "text=%zz"), 400, "That did not arrive whole"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := b.Do(test.r)
			if p.Status != test.status || !strings.Contains(p.Text(), test.says) {
				t.Errorf("%v; want %d and a page that says %q", p, test.status, test.says)
			}
			if test.status == http.StatusMethodNotAllowed && p.Header.Get("Allow") == "" {
				t.Error("no Allow")
			}
			if got := p.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
	mustBe(t, b, "Anna")
}

func TestThePageOfAFailureKeepsItToItself(t *testing.T) {
	failed := ring.Fail(&ring.Error{Status: 503, Message: "Please wait.", Err: http.ErrAbortHandler})
	page := errorPage(ring.NewRequest("GET", "/", nil), failed)
	text := ringtest.Body(page)
	if page.Status != 503 || !strings.Contains(text, "Please wait.") || strings.Contains(text, http.ErrAbortHandler.Error()) {
		t.Errorf("status %d, page %s", page.Status, text)
	}
}

func TestAssetsAreForEverybody(t *testing.T) {
	b := open(t).user("Anna")
	for _, name := range []string{"style.css", "icon.svg"} {
		path := assets.URL(name)
		p := b.Fetch("GET", path)
		if p.Status != 200 || !strings.HasPrefix(p.Header.Get("Cache-Control"), "public") || p.Header.Get("Vary") != "" {
			t.Errorf("%s: status %d, header %v", path, p.Status, p.Header)
		}
	}
}
