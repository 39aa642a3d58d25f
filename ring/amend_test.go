package ring_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

// amending is a handler of net/http that puts a note on the response by Amend, and then calls another handler.
func amending(t *testing.T, then http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), putNote("hello"), ring.SetHeader("X-Amended", "yes")); err != nil {
			t.Errorf("Amend: %v", err)
		}
		then(w, r)
	})
}

func TestAmendChangesTheResponseOfAPlainHandler(t *testing.T) {
	ways := map[string]func(ring.Middleware, http.Handler) http.Handler{
		"Use":   func(layer ring.Middleware, h http.Handler) http.Handler { return ring.Use(layer)(h) },
		"Adapt": func(layer ring.Middleware, h http.Handler) http.Handler { return layer(ring.Adapt(h)) },
		"a ring handler and Adapt in Use": func(layer ring.Middleware, h http.Handler) http.Handler {
			return ring.Use(layer)(plain(ring.Adapt(h)))
		},
		"a middleware of net/http as a layer": func(layer ring.Middleware, h http.Handler) http.Handler {
			between := ring.FromMiddleware(func(h http.Handler) http.Handler { return http.TimeoutHandler(h, forever, "") })
			return ring.Chain(layer, between)(ring.Adapt(h))
		},
	}
	handlers := map[string]http.HandlerFunc{
		"it writes":          func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "wrote") },
		"it flushes first":   func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); fmt.Fprint(w, "wrote") },
		"it writes a status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); fmt.Fprint(w, "wrote") },
		"it writes nothing":  func(http.ResponseWriter, *http.Request) {},
	}
	for name, way := range ways {
		for what, h := range handlers {
			if name == "a middleware of net/http as a layer" && what == "it flushes first" {
				continue // http.TimeoutHandler has no Flush
			}
			n := &notes{}
			w := get(way(n.wrap, amending(t, h)), "/")
			if n.all() != "hello" || w.Header().Get("X-Amended") != "yes" || w.Header().Get("Set-Cookie") != "note=hello" {
				t.Errorf("%s, %s: committed %q, answered %d %v", name, what, n.all(), w.Code, w.Header())
			}
			if what == "it writes a status" && w.Code != 201 {
				t.Errorf("%s: status %d", name, w.Code)
			}
		}
	}
}

func TestAmendIsAnErrorIfItChangesNothing(t *testing.T) {
	var after error
	begun := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "wrote")
		after = ring.Amend(r.Context(), putNote("late"))
	})
	n := &notes{}
	wantBody(t, get(ring.Use(n.wrap)(begun), "/"), 200, "wrote")
	if after == nil || !strings.Contains(after.Error(), "has begun") || n.all() != "" {
		t.Errorf("after the first byte: %v, committed %q", after, n.all())
	}

	var err error
	say := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { err = ring.Amend(r.Context(), putNote("hello")) })
	for name, c := range map[string]struct {
		h    http.Handler
		want string
	}{
		"no layer":          {say, "no layer is around"},
		"FromHTTP":          {n.wrap(ring.FromHTTP(say)), "ring.Adapt instead of ring.FromHTTP"},
		"FromHTTP in a Use": {ring.Use(n.wrap)(plain(ring.FromHTTP(say))), "ring.Adapt instead of ring.FromHTTP"},
		"Request.HTTP": {ring.Use(n.wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			say(w, ring.FromContext(r.Context()).HTTP())
		})), "the context of Request.HTTP"},
		"the layer of the change is missing": {ring.Use()(say), "notes.Wrap is missing"},
	} {
		get(c.h, "/")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	if n.all() != "" {
		t.Errorf("committed %q", n.all())
	}
}

func TestH4_AFailedChangeFailsTheResponseWhateverIsWritten(t *testing.T) {
	cause := errors.New("no such thing")
	fails := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), func(ring.Response) ring.Response { return ring.Fail(cause) }); !errors.Is(err, cause) {
			t.Errorf("%v; want %v", err, cause)
		}
		if err := ring.Amend(r.Context(), putNote("hello")); !errors.Is(err, cause) {
			t.Errorf("a second call: %v; want %v", err, cause)
		}
		fmt.Fprint(w, "wrote")
	})
	for name, h := range map[string]func(*notes) http.Handler{
		"Use": func(n *notes) http.Handler { return ring.Use(n.wrap)(fails) },
		"around a ring handler": func(n *notes) http.Handler {
			return ring.Use(n.wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = ring.Amend(r.Context(), func(ring.Response) ring.Response { return ring.Fail(cause) })
				ring.Handler(writeNote).ServeHTTP(w, r)
			}))
		},
	} {
		n := &notes{}
		wantBody(t, get(h(n), "/"), 500, "500 Internal Server Error\n")
		if n.all() != "" {
			t.Errorf("%s: committed %q", name, n.all())
		}
	}
}

// A middleware of net/http changes the response of the ring handler that it calls.
func TestAmendAroundARingHandlerAddsToItsResponse(t *testing.T) {
	first := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), ring.AddHeader("X-Trail", "outer"), ring.AddHeader("Set-Cookie", "a=1"), ring.SetHeader("X-Own", "outer"))
		ring.Handler(func(ring.Request) ring.Response {
			return ring.Text("wrote").With(putNote("hello"), ring.SetHeader("X-Own", "inner"), ring.AddHeader("Set-Cookie", "b=2"))
		}).ServeHTTP(w, r)
	})
	n := &notes{}
	w := get(ring.Use(n.wrap)(first), "/")
	wantBody(t, w, 200, "wrote")
	wantCookie(t, w.Header(), "b=2; a=1; note=hello")
	if n.all() != "hello" || w.Header().Get("X-Trail") != "outer" || strings.Join(w.Header().Values("X-Own"), ",") != "inner" {
		t.Errorf("committed %q, header %v", n.all(), w.Header())
	}
}

func TestAmendOfAResponseThatWasReplacedIsAnError(t *testing.T) {
	replaced, said := make(chan struct{}), make(chan error, 1)
	instead := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			h(req)
			return ring.Text("instead")
		}
	}
	h := ring.Use(instead)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "wrote")
		<-replaced
		said <- ring.Amend(r.Context(), putNote("late"))
	}))
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() { defer close(done); h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)) }()
	close(replaced)
	<-done
	if err := <-said; err == nil {
		t.Error("no error")
	}
	wantBody(t, w, 200, "instead")
}

func TestAdaptCalledAsAFunctionReturnsWhatTheHandlerSays(t *testing.T) {
	h := ring.Adapt(amending(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Path", r.URL.Path)
		w.WriteHeader(201)
		fmt.Fprint(w, "wrote")
	}))
	resp := h(ring.NewRequest("POST", "/save?x=1", strings.NewReader("body")))
	if text, _ := resp.Body.Text(); text != "wrote" || resp.Status != 201 || resp.Header.Get("X-Path") != "/save" || resp.Header.Get("X-Amended") != "yes" {
		t.Errorf("%v %q", resp, text)
	}
	if note, ok := noteOut.Get(resp.Values); note != "hello" || !ok {
		t.Errorf("note %q", note)
	}
	n := &notes{}
	if resp := n.wrap(h)(ring.NewRequest("POST", "/save", nil)); n.all() != "hello" || resp.Status != 201 {
		t.Errorf("inside of a layer: committed %q, %v", n.all(), resp)
	}
}

func TestARequestAsOneOfNetHTTP(t *testing.T) {
	for name, req := range map[string]ring.Request{
		"a function's": ring.NewRequest("POST", "https://other.example/a?b=c", strings.NewReader("x=1")).WithHeader("Content-Type", "application/x-www-form-urlencoded"),
	} {
		req = req.WithParams([]string{"id"}, []string{"7"})
		r := req.HTTP()
		if r.Method != "POST" || r.Host != "other.example" || r.URL.String() != "/a?b=c" || r.RequestURI != "/a?b=c" || r.TLS == nil || r.PathValue("id") != "7" {
			t.Errorf("%s: %v %v %v %v", name, r.Method, r.Host, r.URL, r.PathValue("id"))
		}
		if got := r.FormValue("x"); got != "1" {
			t.Errorf("%s: form value %q", name, got)
		}
		if ring.FromContext(r.Context()).Host != "other.example" {
			t.Errorf("%s: FromContext finds another request", name)
		}
	}
	seen := get(ring.Handler(func(req ring.Request) ring.Response {
		r := req.WithHeader("X", "layer").HTTP()
		return ring.Text(r.RemoteAddr + r.Header.Get("X") + r.URL.Path)
	}), "/a")
	wantBody(t, seen, 200, "192.0.2.1:1234layer/a")
}

func TestAChangeThatPanicsIsAPanicOfTheHandler(t *testing.T) {
	calls := 0
	tricky := func(r ring.Response) ring.Response {
		if calls++; calls > 1 {
			panic("the second time")
		}
		return r.With(putNote("hello"))
	}
	n := &notes{}
	logged(t)
	w := get(ring.Use(ring.Recover, n.wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), tricky); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, "wrote")
	})), "/")
	wantBody(t, w, 500, "500 Internal Server Error\n")
	if n.all() != "" {
		t.Errorf("committed %q", n.all())
	}

	calls = 1
	w = get(ring.Use(n.wrap)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			_ = recover()
			fmt.Fprint(w, "wrote")
		}()
		_ = ring.Amend(r.Context(), tricky)
	})), "/")
	wantBody(t, w, 200, "wrote") // the change that panicked is none
}
