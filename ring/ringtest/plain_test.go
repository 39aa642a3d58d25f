package ringtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
)

const (
	plainTheme  session.Key[string] = "theme"
	plainNotice flash.Key[string]   = "notice"
)

// saveTheme is a plain handler.
func saveTheme(w http.ResponseWriter, r *http.Request) {
	if plainTheme.Get(session.FromContext(r.Context())) == r.FormValue("theme") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err := ring.Amend(r.Context(), plainTheme.Put(r.FormValue("theme")), plainNotice.Put("Saved.")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func TestAPlainHandlerIsCalledAsAFunction(t *testing.T) {
	req := session.WithSession(ringtest.Post("/save", "theme", "dark").Value(), plainTheme.Set(session.Session{}, "light"))
	resp := ringtest.Call(saveTheme, req)
	if diff := ringtest.Diff(ring.Redirect("/").With(plainTheme.Put("dark"), plainNotice.Put("Saved.")), resp); diff != "" {
		t.Error(diff)
	}
	if s, d := session.Outcome(req, resp); plainTheme.Get(s) != "dark" || d.String() != "save" {
		t.Errorf("%v, session %v; want a save of dark", d, s)
	}
	req = session.WithSession(ringtest.Post("/save", "theme", "light").Value(), plainTheme.Set(session.Session{}, "light"))
	if diff := ringtest.Diff(ring.NoContent(), ringtest.Call(saveTheme, req)); diff != "" {
		t.Error(diff)
	}
}

func TestARequestOfHTTPTestIsARingRequest(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	r := httptest.NewRequestWithContext(ctx, "POST", "https://example.org/save?a=b", strings.NewReader("theme=dark"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req := session.WithSession(ringtest.FromHTTP(r), session.Session{})
	want := ring.NewRequest("POST", "https://example.org/save?a=b", strings.NewReader("theme=dark")).
		WithHeader("Content-Type", "application/x-www-form-urlencoded")
	if req.Method != "POST" || req.Scheme != "https" || req.Host != "example.org" || req.Query("a") != "b" ||
		req.RemoteAddr != want.RemoteAddr || !req.Header.Equal(want.Header) || req.Context().Value(key{}) != "value" {
		t.Errorf("the request is\n%v", req)
	}
	s, _ := session.Outcome(req, ringtest.Call(saveTheme, req))
	if plainTheme.Get(s) != "dark" {
		t.Errorf("session %v; want the theme dark", s)
	}
	none := ringtest.FromHTTP(httptest.NewRequest("GET", "/", nil))
	if b, err := none.Bytes(); err != nil || len(b) != 0 {
		t.Errorf("a request without a body has %q (%v)", b, err)
	}
}

func ExampleCall() {
	const theme session.Key[string] = "theme"
	save := func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), theme.Put(r.FormValue("theme")))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}

	req := session.WithSession(ringtest.Post("/save", "theme", "dark").Value(), theme.Set(session.Session{}, "light"))
	resp := ringtest.Call(save, req)
	stored, decision := session.Outcome(req, resp)
	fmt.Println(resp.Status, stored, decision)
	// Output: 303 {"theme":"dark"} save
}
