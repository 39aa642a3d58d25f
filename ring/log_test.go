package ring_test

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestLogWritesALineForEachRequest(t *testing.T) {
	secret := errors.New("secret")
	for _, c := range []struct {
		name string
		h    ring.Handler
		want string
	}{
		{"a text", writePlain, "status=200"},
		{"its size", writePlain, "bytes=5"},
		{"the zero response is the 500 that is sent", func(ring.Request) ring.Response { return ring.Response{} }, "status=500"},
		{"an unclaimed value", writeNote, "status=500"},
		{"a failed page of success", func(ring.Request) ring.Response { return ring.Response{Status: 200, Err: secret} }, "status=500"},
		{"a stream", func(ring.Request) ring.Response { return ring.Stream("a/b", func(ring.Writer) error { return nil }) }, "status=200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logged(t)
			var b syncBuffer
			layer := ring.Log(slog.New(slog.NewTextHandler(&b, nil)))
			get(layer(c.h), "/a?token=hidden")
			if s := b.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, c.want) || !strings.Contains(s, "path=/a ") || strings.Contains(s, "hidden") {
				t.Errorf("log %q; want one line with %s", s, c.want)
			}
		})
	}
	t.Run("a panic has its line too", func(t *testing.T) {
		b := logged(t)
		func() {
			defer func() { _ = recover() }()
			get(ring.Log(nil)(boom), "/a")
		}()
		if s := b.String(); strings.Count(s, "msg=request ") != 1 || !strings.Contains(s, "status=0") {
			t.Errorf("log %q", s)
		}
	})
	t.Run("a response found later is logged when it is known", func(t *testing.T) {
		var b syncBuffer
		settle := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).Settle(ring.Text("found").With(ring.Status(201))) }
		}
		get(settle(ring.Log(slog.New(slog.NewTextHandler(&b, nil)))(func(ring.Request) ring.Response { return ring.Placeholder() })), "/")
		if s := b.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "status=201") {
			t.Errorf("log %q", s)
		}
	})
	t.Run("a panic further out has its line too", func(t *testing.T) {
		b := logged(t)
		late := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { h(req); panic("late") }
		}
		func() {
			defer func() { _ = recover() }()
			get(late(ring.Log(nil)(writePlain)), "/a")
		}()
		if s := b.String(); strings.Count(s, "msg=request ") != 1 || !strings.Contains(s, "status=0") {
			t.Errorf("log %q", s)
		}
	})
	t.Run("a function called as one has its line", func(t *testing.T) {
		b := logged(t)
		ring.Log(nil)(writePlain)(ring.NewRequest("GET", "/a", nil))
		if s := b.String(); strings.Count(s, "msg=request ") != 1 || !strings.Contains(s, "status=200") {
			t.Errorf("log %q", s)
		}
	})
}

// rerunning finds the response of a placeholder in two runs, as a session does after a conflict.
func rerunning(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		resp := h(req)
		if resp.IsPlaceholder() {
			resp.Settle(ring.Text("discarded"))
			return resp.Settle(ring.Text("gone").With(ring.Status(410)))
		}
		return resp
	}
}

func TestLogWritesOneLineWithWhatIsSent(t *testing.T) {
	later := func(ring.Request) ring.Response { return ring.Placeholder() }
	twice := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); return h(req) }
	}
	recovered := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { ring.Recover(h)(req); return ring.Text("again") }
	}
	instead := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).FailWith(&ring.Error{Status: 503}) }
	}
	for _, c := range []struct {
		name   string
		around ring.Middleware
		h      ring.Handler
		want   string
	}{
		{"a conflict", rerunning, later, "status=410"},
		{"a handler that is called twice", twice, writePlain, "status=200"},
		{"a layer that answers in its place", instead, writePlain, "status=503"},
		{"a panic that is recovered", recovered, boom, "status=0"},
	} {
		for where, app := range map[string]func(ring.Middleware) http.Handler{
			"a handler":     func(log ring.Middleware) http.Handler { return c.around(log(c.h)) },
			"around Use":    func(log ring.Middleware) http.Handler { return ring.Use(c.around, log)(plain(c.h)) },
			"inside of Use": func(log ring.Middleware) http.Handler { return ring.Use(c.around)(plain(log(c.h))) },
			"with another Log there": func(log ring.Middleware) http.Handler {
				return c.around(ring.Log(slog.New(slog.DiscardHandler))(log(c.h)))
			},
		} {
			t.Run(c.name+"/"+where, func(t *testing.T) {
				logged(t)
				var b syncBuffer
				get(app(ring.Log(slog.New(slog.NewTextHandler(&b, nil)))), "/a")
				lines := 1
				if where == "inside of Use" && c.name == "a handler that is called twice" {
					lines = 2 // for net/http these are two requests
				}
				if s := b.String(); strings.Count(s, "\n") != lines || !strings.Contains(s, c.want) && where != "inside of Use" {
					t.Errorf("log %q; want one line with %s", s, c.want)
				}
			})
		}
	}
}
