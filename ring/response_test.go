package ring_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestConstructors(t *testing.T) {
	page := template.Must(template.New("").Parse(`<p>{{.}}</p>`))
	for _, c := range []struct {
		name         string
		resp         ring.Response
		status       int
		kind, target string
		body         string
	}{
		{"Text", ring.Text("x"), 200, "text/plain; charset=utf-8", "", "x"},
		{"an empty Text", ring.Text(""), 200, "text/plain; charset=utf-8", "", ""},
		{"Data", ring.Data("text/csv", "a,b"), 200, "text/csv", "", "a,b"},
		{"HTML", ring.HTML(page, "<&>"), 200, "text/html; charset=utf-8", "", "<p>&lt;&amp;&gt;</p>"},
		{"JSON", ring.JSON(map[string]int{"a": 1}), 200, "application/json", "", "{\"a\":1}\n"},
		{"NoContent", ring.NoContent(), 204, "", "", ""},
		{"Redirect", ring.Redirect("/a?b=1#c"), 303, "", "/a?b=1#c", ""},
		{"MovedPermanently", ring.MovedPermanently("/a"), 301, "", "/a", ""},
		{"Found", ring.Found("a b/é"), 302, "", "a%20b/%C3%A9", ""},
		{"TemporaryRedirect", ring.TemporaryRedirect("../a"), 307, "", "../a", ""},
		{"PermanentRedirect", ring.PermanentRedirect("https://example.com/"), 308, "", "https://example.com/", ""},
		{"Fail", ring.Fail(&ring.Error{Status: 404, Message: "No such page."}), 404, "text/plain; charset=utf-8", "", "404 Not Found\nNo such page.\n"},
		{"a changed one", ring.Text("x").With(ring.Status(422), ring.SetHeader("Content-Type", "a/b"), ring.AddHeader("Location", "/y")), 422, "a/b", "/y", "x"},
		{"a body set by hand", ring.Response{Status: 200, Header: ring.Header{}.Set("content-type", "a/b"), Body: ring.TextBody("y")}, 200, "a/b", "", "y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logged(t)
			h := ring.Handler(func(ring.Request) ring.Response { return c.resp })
			w := get(h, "/")
			wantBody(t, w, c.status, c.body)
			if w.Header().Get("Content-Type") != c.kind || w.Header().Get("Location") != c.target {
				t.Errorf("header %v; want type %q, location %q", w.Header(), c.kind, c.target)
			}
			resp, body := fetch(t, h, "GET", "/")
			if resp.StatusCode != c.status || body != c.body {
				t.Errorf("over a socket: %d %q", resp.StatusCode, body)
			}
			resp, body = fetch(t, h, "HEAD", "/")
			if resp.StatusCode != c.status || body != "" || c.body != "" && resp.ContentLength != int64(len(c.body)) {
				t.Errorf("HEAD: %d %q, length %d; want %d", resp.StatusCode, body, resp.ContentLength, len(c.body))
			}
		})
	}
}

// Where a redirect leads is often what the request says, so what can't be sent is the client's mistake.
func TestARedirectThatCannotBeSentIsRefused(t *testing.T) {
	for name, location := range map[string]string{
		"a line break": "/secret\r\nSet-Cookie: a=1", "a NUL": "/secret\x00", "no URL": "http://[/secret", "nowhere": "",
	} {
		for kind, redirect := range map[string]func(string) ring.Response{
			"303": ring.Redirect, "302": ring.Found, "301": ring.MovedPermanently, "307": ring.TemporaryRedirect, "308": ring.PermanentRedirect,
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				log := logged(t)
				w := get(ring.Handler(func(ring.Request) ring.Response { return redirect(location).With(ring.AddHeader("Set-Cookie", "a=1")) }), "/")
				wantBody(t, w, 400, "400 Bad Request\nThe address to go to is malformed.\n")
				if w.Header().Get("Location") != "" || w.Header().Get("Set-Cookie") != "" {
					t.Errorf("header %v", w.Header())
				}
				s := log.String()
				if strings.Count(s, "\n") != 1 || !strings.Contains(s, "ring: redirect") || !strings.Contains(s, "level=INFO") || strings.Contains(s, "secret") {
					t.Errorf("log %q; want one line of information, without the location", s)
				}
			})
		}
	}
}

func TestWhatCannotBeSentFails(t *testing.T) {
	half := template.Must(template.New("").Parse(`<p>half {{.Missing.Field}}</p>`))
	for name, resp := range map[string]ring.Response{
		"a template that fails":            ring.HTML(half, struct{}{}),
		"JSON that can't be encoded":       ring.JSON(func() {}),
		"a failure without an error":       ring.Fail(nil),
		"a status that is none":            ring.Text("x").With(ring.Status(42)),
		"an informational status":          ring.Text("x").With(ring.Status(103)),
		"switching protocols to a text":    ring.Text("x").With(ring.Status(101)),
		"a status that is too high":        ring.Text("x").With(ring.Status(1000)),
		"a line feed in a header":          ring.Text("x").With(ring.SetHeader("X", "a\nSet-Cookie: a=1")),
		"a carriage return in a header":    ring.Text("x").With(ring.AddHeader("X", "a\rb")),
		"a NUL in a header":                ring.Text("x").With(ring.AddHeader("X", "a\x00b")),
		"another control character":        ring.Text("x").With(ring.AddHeader("X", "a\x7fb")),
		"a header without a name":          ring.Text("x").With(ring.SetHeader("", "a")),
		"a header name with a colon":       ring.Text("x").With(ring.SetHeader("A: b\r\nX", "a")),
		"an Err beside a bad header":       {Status: 404, Err: errors.New("secret"), Header: ring.Header{}.Set("X", "a\nb")},
		"an Err beside a bad status":       {Status: 9999, Err: errors.New("secret")},
		"an Err beside a page of success":  {Status: 200, Err: errors.New("secret"), Body: ring.TextBody("Saved!")},
		"an Err beside a missing status":   {Err: errors.New("secret")},
		"an Error with a status that lies": ring.Fail(&ring.Error{Status: 200, Err: errors.New("secret")}),
	} {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			w := get(ring.Handler(func(ring.Request) ring.Response { return resp.With(ring.AddHeader("Set-Cookie", "a=1")) }), "/")
			wantBody(t, w, 500, "500 Internal Server Error\n")
			if len(w.Header().Values("Set-Cookie")) > 0 || strings.Count(log.String(), "request failed") != 1 {
				t.Errorf("cookies %q, log %q", w.Header().Values("Set-Cookie"), log)
			}
		})
	}
	t.Run("a tab and UTF-8 may be in a header", func(t *testing.T) {
		w := get(ring.Handler(func(ring.Request) ring.Response { return ring.Text("x").With(ring.SetHeader("X", "a\té")) }), "/")
		if w.Code != 200 || w.Header().Get("X") != "a\té" {
			t.Errorf("%d %q", w.Code, w.Header())
		}
	})
}

func TestH5_ZeroResponseFails(t *testing.T) {
	log := logged(t)
	h := ring.Handler(func(ring.Request) ring.Response { return ring.Response{} })
	wantBody(t, get(h, "/"), 500, "500 Internal Server Error\n")
	if !strings.Contains(log.String(), "zero Response") {
		t.Errorf("log %q", log)
	}
	if err := (ring.Response{}).Failure(ring.Request{}); !errors.Is(err, ring.ErrNoStatus) {
		t.Errorf("failure %v; want ErrNoStatus", err)
	}
	wantBody(t, get(ring.Use()(plain(h)), "/"), 500, "500 Internal Server Error\n")
}

func TestBodylessStatusHasNoBody(t *testing.T) {
	for _, status := range []int{204, 304} {
		c := &closer{Reader: strings.NewReader("x")}
		for name, resp := range map[string]ring.Response{
			"text":   ring.Text("x"),
			"reader": ring.Read("text/plain", c),
			"stream": ring.Stream("text/plain", func(ring.Writer) error { t.Error("the stream runs"); return nil }),
		} {
			w := get(ring.Handler(func(ring.Request) ring.Response { return resp.With(ring.Status(status)) }), "/")
			if w.Code != status || w.Body.Len() != 0 {
				t.Errorf("%s: %d %q", name, w.Code, w.Body)
			}
		}
		if c.closed != 1 {
			t.Errorf("closed %d times", c.closed)
		}
	}
}

func TestHugeTextHasItsLength(t *testing.T) {
	text := strings.Repeat("x", 1_000_000)
	resp, body := fetch(t, ring.Handler(func(ring.Request) ring.Response { return ring.Text(text) }), "GET", "/")
	if resp.ContentLength != 1_000_000 || body != text {
		t.Errorf("length %d, %d bytes came", resp.ContentLength, len(body))
	}
}

func TestErrorAnswersWithItsStatusAndKeepsItsCause(t *testing.T) {
	cause := errors.New("connection refused")
	e := &ring.Error{Status: 503, Message: "Please come back later.", Err: cause}
	resp := ring.Fail(fmt.Errorf("users: %w", e))
	text, _ := resp.Body.Text()
	if resp.Status != 503 || !errors.Is(resp.Err, cause) || strings.Contains(text, "refused") || !strings.Contains(text, "come back later") {
		t.Errorf("%d %v %q", resp.Status, resp.Err, text)
	}
	if got, want := e.Error(), "503 Service Unavailable: Please come back later. (connection refused)"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestH1_ChangesGiveNewResponses(t *testing.T) {
	a := ring.Text("x")
	b := a.With(ring.SetHeader("X", "1"), ring.Status(201))
	c := a.With(ring.SetHeader("X", "2"))
	if _, has := a.Header.Lookup("X"); has || a.Status != 200 || b.Header.Get("X") != "1" || c.Header.Get("X") != "2" {
		t.Errorf("%v %v %v", a, b, c)
	}
	if ring.Text("y").Header.Len() != 1 {
		t.Error("a change reached every text")
	}
}

func TestSeveralValuesOfAHeaderAreSentInOrder(t *testing.T) {
	h := ring.Handler(func(ring.Request) ring.Response {
		return ring.NoContent().With(ring.AddHeader("Set-Cookie", "a=1"), ring.AddHeader("Link", "<1>"),
			ring.AddHeader("Set-Cookie", "b=2"), ring.AddHeader("Link", "<2>"))
	})
	outside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "z=0")
		w.Header().Set("Link", "<0>")
		w.Header().Set("X-Outside", "kept")
		h.ServeHTTP(w, r)
	})
	w := get(outside, "/")
	wantCookie(t, w.Header(), "z=0; a=1; b=2")
	if got := strings.Join(w.Header().Values("Link"), ""); got != "<1><2>" || w.Header().Get("X-Outside") != "kept" {
		t.Errorf("Link %s, header %v", got, w.Header())
	}
}

func TestChainPutsTheFirstLayerOutermost(t *testing.T) {
	h := ring.Chain(header("X", "outer"), header("X", "inner"))(func(ring.Request) ring.Response { return ring.NoContent() })
	if got, want := fmt.Sprint(get(h, "/").Header()["X"]), "[inner outer]"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	wantBody(t, get(ring.Chain()(writePlain), "/"), 200, "plain")
}

func writePlain(ring.Request) ring.Response { return ring.Text("plain") }

func TestJSONIsWhatEncodingJSONWrites(t *testing.T) {
	var b strings.Builder
	v := map[string]any{"html": "<script>", "n": 1.5}
	_ = json.NewEncoder(&b).Encode(v)
	if text, _ := ring.JSON(v).Body.Text(); text != b.String() {
		t.Errorf("%q; want %q", text, b.String())
	}
}
