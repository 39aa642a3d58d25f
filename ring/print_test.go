package ring_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

// prints are the ways in which a value gets into a log.
func prints(v any) map[string]string {
	var text, json bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&json, nil)).Info("m", "v", v)
	out := map[string]string{"slog text": text.String(), "slog JSON": json.String(), "Sprint": fmt.Sprint(v), "in a slice": fmt.Sprintf("%+v", []any{v})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	return out
}

func TestWhatIsPrintedHoldsNoSecret(t *testing.T) {
	var served ring.Request
	get(ring.Handler(func(req ring.Request) ring.Response { served = req; return ring.NoContent() }), "/")
	raw := httptest.NewRequest("GET", "/page?token=SECRET", nil)
	for _, name := range []string{"Cookie", "Authorization", "Proxy-Authorization", "X-Api-Key", "X-Csrf-Token", "X-Auth-Token", "X-Session", "X-Amz-Signature"} {
		raw.Header.Set(name, "a=SECRET")
	}
	raw.Header.Set("Referer", "https://example.com/before?token=SECRET")
	raw.Header.Set("Accept", "text/html")
	ask(ring.Handler(func(req ring.Request) ring.Response { served = req; return ring.NoContent() }), raw)

	resp := ring.Redirect("/next?token=SECRET").With(
		ring.AddHeader("Set-Cookie", "__Host-session=SECRET; Path=/; Secure"), ring.AddHeader("Set-Cookie", "plain=SECRET"),
		ring.AddHeader("X-Csrf-Token", "SECRET"), putNote("SECRET"))
	text := ring.Text("SECRET").With(ring.Status(500))
	text.Err = errors.New("cause")
	for name, c := range map[string]struct {
		v    any
		want []string
	}{
		"request":           {served, []string{"GET", "/page", "Accept", "text/html", "Authorization"}},
		"changed request":   {served.WithHeader("X", "y"), []string{"GET", "/page", "text/html"}},
		"header":            {served.Header, []string{"Accept", "text/html", "Cookie"}},
		"response":          {resp, []string{"303", "/next", "__Host-session=", "Secure", "plain="}},
		"failed response":   {text, []string{"500", "cause", "6 bytes"}},
		"header of another": {resp.Header, []string{"/next", "__Host-session=", "Secure"}},
		"zero request":      {ring.Request{}, nil},
		"zero response":     {ring.Response{}, nil},
		"placeholder":       {ring.Placeholder(), []string{"placeholder"}},
	} {
		for how, s := range prints(c.v) {
			if strings.Contains(s, "SECRET") || strings.Contains(s, "534543524554") {
				t.Errorf("%s by %s: %s", name, how, s)
			}
			for _, want := range c.want {
				if !strings.Contains(s, want) {
					t.Errorf("%s by %s: %s; want %q in it", name, how, s, want)
				}
			}
		}
	}
	t.Run("the check fails for a plain map", func(t *testing.T) {
		if s := fmt.Sprintf("%v", served.Header.HTTP()); !strings.Contains(s, "SECRET") {
			t.Errorf("%s holds no secret: the check is worth nothing", s)
		}
	})
}
