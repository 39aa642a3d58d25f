package ring_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

// proxy is where the requests of tests come from.
var proxy = netip.MustParsePrefix("192.0.2.0/24")

func TestARequestHasAnID(t *testing.T) {
	seen := map[string]bool{}
	h := ring.RequestID()(func(req ring.Request) ring.Response { return ring.Text(req.ID()) })
	for range 3 {
		resp := h(ring.NewRequest("GET", "/", nil).WithHeader("X-Request-Id", "theirs"))
		id, _ := resp.Body.Text()
		if len(id) < 22 || seen[id] || resp.Header.Get("X-Request-Id") != id {
			t.Errorf("id %q, X-Request-Id %q", id, resp.Header.Get("X-Request-Id"))
		}
		seen[id] = true
	}
	if id := ring.NewRequest("GET", "/", nil).ID(); id != "" {
		t.Errorf("without the layer: %q", id)
	}
}

func TestAnIDOfAnybodyElseIsReplaced(t *testing.T) {
	h := ring.RequestID(netip.MustParsePrefix("10.0.0.0/8"))(func(req ring.Request) ring.Response { return ring.Text(req.ID()) })
	if id, _ := h(ring.NewRequest("GET", "/", nil).WithHeader("X-Request-Id", "theirs")).Body.Text(); id == "theirs" || id == "" {
		t.Errorf("id %q", id)
	}
}

func TestAnIDOfAProxyIsKept(t *testing.T) {
	h := ring.RequestID(proxy)(func(req ring.Request) ring.Response { return ring.Text(req.ID()) })
	for sent, kept := range map[string]bool{
		"f47ac10b-58cc-4372-a567-0e02b2c3d479": true, "a_b.C9": true, "": false, "a b": false, "a\"b": false, "é": false,
		strings.Repeat("x", 64): true, strings.Repeat("x", 65): false,
	} {
		if id, _ := h(ring.NewRequest("GET", "/", nil).WithHeader("X-Request-Id", sent)).Body.Text(); (id == sent) != kept || id == "" {
			t.Errorf("%q: %q", sent, id)
		}
	}
}

func TestLinesOfTheLogHaveTheID(t *testing.T) {
	failing := ring.Handler(func(ring.Request) ring.Response { return ring.Fail(errors.New("broken")) })
	for name, layers := range map[string][]ring.Middleware{
		"Log":                     {ring.RequestID(proxy), ring.Log(nil), ring.OnError(slog.New(slog.DiscardHandler), nil)},
		"Log outside":             {ring.Log(nil), ring.RequestID(proxy), ring.OnError(slog.New(slog.DiscardHandler), nil)},
		"OnError inside":          {ring.RequestID(proxy), ring.OnError(nil, nil)},
		"OnError outside":         {ring.OnError(nil, nil), ring.RequestID(proxy)},
		"neither Log nor OnError": {ring.RequestID(proxy)},
	} {
		t.Run(name, func(t *testing.T) {
			var lines bytes.Buffer
			before := slog.Default()
			slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
			defer slog.SetDefault(before)
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("X-Request-Id", "abc")
			ring.Chain(layers...)(failing).ServeHTTP(httptest.NewRecorder(), r)
			if strings.Count(lines.String(), "id=abc") != 1 {
				t.Errorf("the log has\n%s", lines.String())
			}
		})
	}
}
