package ringtest

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answers are handlers whose response depends on what a server makes of it.
var answers = map[string]http.HandlerFunc{
	"nothing":      func(http.ResponseWriter, *http.Request) {},
	"implicit 200": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") },
	"a second status": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		w.WriteHeader(200)
	},
	"sniffed": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><p>x") },
	"not sniffed": func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		fmt.Fprint(w, "<!doctype html><p>x")
	},
	"encoded": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "x-own")
		fmt.Fprint(w, "abc")
	},
	"a field too late": func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "hello")
		w.Header().Set("X-Late", "1")
	},
	"a line break in a field": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Broken", "a\r\nSet-Cookie: b=c")
	},
	"hints": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(201)
	},
	"no content": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(204)
		if _, err := fmt.Fprint(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
			w.Header().Set("Trailer", "no error")
		}
	},
	"longer than it says": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		fmt.Fprint(w, "abc")
		if _, err := fmt.Fprint(w, "def"); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	},
	"text after nothing": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(nil)
		fmt.Fprint(w, "hello")
	},
}

func TestTheRecorderDoesWhatTheServerDoes(t *testing.T) {
	for what, h := range answers {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(what+" "+method, func(t *testing.T) {
				srv := httptest.NewUnstartedServer(h)
				srv.Config.ErrorLog = log.New(io.Discard, "", 0)
				srv.Start()
				defer srv.Close()
				r, err := http.NewRequest(method, srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				want, err := srv.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer want.Body.Close()
				var body strings.Builder
				if err := want.Write(&body); err != nil {
					t.Fatal(err)
				}
				got := New(t, h).Fetch(method, "/")
				if got.Status != want.StatusCode || got.Err != nil || !strings.HasSuffix(body.String(), "\r\n\r\n"+got.Body) {
					t.Errorf("%v; the server sends %s", got, body.String())
				}
				for _, name := range []string{"Content-Type", "X-Late", "X-Broken", "Content-Encoding", "Set-Cookie"} {
					if method == "HEAD" && name == "Content-Type" {
						continue // of what isn't sent, the server guesses more
					}
					if got.Header.Get(name) != want.Header.Get(name) {
						t.Errorf("%s is %q; the server sends %q", name, got.Header.Get(name), want.Header.Get(name))
					}
				}
			})
		}
	}
}

func TestAStatusOutOfRangePanicsAsInTheServer(t *testing.T) {
	b := New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(99) }))
	if p := b.Get("/"); !errors.Is(p.Err, ErrBrokeOff) || !strings.Contains(p.Err.Error(), "99") {
		t.Errorf("%v", p.Err)
	}
}
