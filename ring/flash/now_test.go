package flash_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
)

// again shows a form again with what is wrong, after what came. Of "/hand-on" it is a redirect.
func again(req ring.Request) ring.Response {
	if req.URL.Path == "/form" || req.URL.Path == "/hand-on" {
		req = notice.Now(req, "Wrong.")
	}
	resp := pages(req)
	if req.URL.Path == "/hand-on" {
		resp = ring.Redirect("/page")
	}
	return resp
}

func TestF3_AMessageForNowIsShownOnThisPageOnly(t *testing.T) {
	b := open(t, again)
	want(t, "the form", b.do("POST", "/form").Body.String(), "Wrong.")
	want(t, "the next page", b.get("/page"), "")
	want(t, "sessions", fmt.Sprint(b.store.Len()), "0")

	b.post("/hand-on")
	want(t, "after a redirect", b.get("/page"), "")

	b.post("/save?to=/form")
	want(t, "a form that a message has come for", b.get("/form"), "Saved.|Wrong.")
	want(t, "the page after it", b.get("/page"), "")
}

func TestNowIsForTheCopyOfTheRequest(t *testing.T) {
	const wrong flash.Key[error] = "notice" // a type that a session can't hold, under the name of another key
	req := ring.NewRequest("POST", "/", nil)
	one := notice.Now(req, "one")
	two := wrong.Now(notice.Now(one, "two"), io.EOF)
	for name, test := range map[string]struct{ got, want []string }{
		"the request":       {slices.Collect(notice.All(req)), nil},
		"the first copy":    {slices.Collect(notice.All(one)), []string{"one"}},
		"the second copy":   {slices.Collect(notice.All(two)), []string{"one", "two"}},
		"the newest of two": {[]string{notice.Get(two)}, []string{"two"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s has %q; want %q", name, test.got, test.want)
		}
	}
	if got := slices.Collect(wrong.All(two)); !slices.Equal(got, []error{io.EOF}) {
		t.Errorf("messages of another type: %v", got)
	}
	for range notice.All(two) {
		break // a consumer may stop early
	}
}

func TestF3_APlainHandlerShowsAMessageNow(t *testing.T) {
	h := ring.Use(session.Wrap(open(t, pages).store, session.Options{}), flash.Wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := ring.FromContext(r.Context())
		if r.Method == "POST" {
			req = notice.Now(req, "Wrong.")
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		_, _ = io.WriteString(w, strings.Join(slices.Collect(notice.All(req)), "|"))
	}))
	for _, test := range []struct {
		method string
		status int
		page   string
	}{{"POST", 422, "Wrong."}, {"GET", 200, ""}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(test.method, "/form", nil))
		want(t, test.method, fmt.Sprint(w.Code, " ", w.Body), fmt.Sprint(test.status, " ", test.page))
		want(t, test.method+": cookies", fmt.Sprint(len(w.Result().Cookies())), "0")
	}
}

func TestF3_APageOfAPlainHandlerFindsAMessageForNow(t *testing.T) {
	page := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, notice.Get(ring.FromContext(r.Context()))+" "+r.PostFormValue("color"))
	}
	h := ring.Use(session.Wrap(open(t, pages).store, session.Options{}), flash.Wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("color") == "mauve" { // reads the body, which nobody can read again
			r = r.WithContext(notice.Now(ring.FromContext(r.Context()), "No such color:").HTTP().Context())
		}
		page(w, r)
	}))
	for body, text := range map[string]string{"color=mauve": "No such color: mauve", "color=red": " red"} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want(t, body, w.Body.String(), text)
	}
}

func TestAMessageOfAnyTypeComesAsAMap(t *testing.T) {
	const form flash.Key[any] = "form"
	sent := ring.Redirect("/").With(form.Put(struct {
		Title  string
		Errors map[string]string
	}{"a", map[string]string{"Title": "too short"}}))
	want(t, "the message", fmt.Sprint(form.Out(sent)), "[map[Errors:map[Title:too short] Title:a]]")
}

func TestH4_AMessageForNowDoesNotHideAMissingWrap(t *testing.T) {
	w := httptest.NewRecorder()
	ring.Handler(again).ServeHTTP(w, httptest.NewRequest("POST", "/form", nil))
	want(t, "the status", fmt.Sprint(w.Code), "500")
}
