package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestErrorsHaveAPage(t *testing.T) {
	v := open(t).visitor()
	v.login("Anna")
	huge := url.Values{"name": {"Anna"}, "text": {strings.Repeat("x", maxBody)}}
	odd := v.request("POST", "/", nil, navigation.and(header{"Content-Type": "application/json"}))
	broken := v.request("POST", "/", nil, navigation.and(header{"Content-Type": "multipart/form-data; boundary=x"}))
	tests := []struct {
		name   string
		r      *http.Request
		status int
		says   string
	}{
		{"no such page", v.request("GET", "/nothing", nil, navigation), 404, "There is no such page"},
		{"a form's address", v.request("GET", "/logout", nil, navigation), 405, "This is not a page to visit"},
		{"too much", v.request("POST", "/", huge, navigation), 413, "That is too much"},
		{"an unknown asset", v.request("GET", "/static/old/style.css", nil, navigation), 404, "There is no such page"},
		{"not a form", withBody(odd, `{}`), 415, "The request must be a form."},
		{"half a form", withBody(broken, "--x\r\nContent-Disposition: form-data; name=text\r\n\r\nHel"), 400, "That did not arrive whole"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := v.answer(test.r)
			v.take(resp)
			p := v.read("", resp)
			if p.status != test.status || !strings.Contains(p.text, test.says) {
				t.Errorf("status %d; want %d and a page that says %q: %s", p.status, test.status, test.says, p.text)
			}
			if test.status == 405 && p.header.Get("Allow") == "" {
				t.Error("no Allow")
			}
			if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
				t.Errorf("Content-Type %q", p.header.Get("Content-Type"))
			}
		})
	}
	v.mustBe("Anna")
}

func withBody(r *http.Request, body string) *http.Request {
	r.Body = io.NopCloser(strings.NewReader(body))
	r.ContentLength = int64(len(body))
	return r
}

func TestThePageOfAFailureKeepsItToItself(t *testing.T) {
	failed := ring.Fail(&ring.Error{Status: 503, Message: "Please wait.", Err: http.ErrAbortHandler})
	page := errorPage(ring.NewRequest("GET", "/", nil), failed)
	text, _ := page.Body.Text()
	if page.Status != 503 || !strings.Contains(text, "Please wait.") || strings.Contains(text, http.ErrAbortHandler.Error()) {
		t.Errorf("status %d, page %s", page.Status, text)
	}
}

func TestAssetsAreForEverybody(t *testing.T) {
	v := open(t).visitor()
	v.login("Anna")
	for _, a := range []asset{styleSheet, icon} {
		resp := v.answer(v.request("GET", a.path, nil, nil))
		if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Cache-Control"), "public") || resp.Header.Get("Vary") != "" {
			t.Errorf("%s: status %d, header %v", a.path, resp.StatusCode, resp.Header)
		}
	}
}
