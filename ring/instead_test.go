package ring_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

// protecting are fields that a layer sets on every response, whatever it is.
var protecting = map[string]string{
	"Content-Security-Policy":             "default-src 'self'",
	"Content-Security-Policy-Report-Only": "default-src 'none'",
	"Strict-Transport-Security":           "max-age=31536000",
	"X-Frame-Options":                     "DENY",
	"X-Content-Type-Options":              "nosniff",
	"Referrer-Policy":                     "no-referrer",
	"Cross-Origin-Opener-Policy":          "same-origin",
	"Access-Control-Allow-Origin":         "https://other.example",
	"X-Request-Id":                        "17",
	"Vary":                                "Origin",
}

// ofPage are fields of a page that must not come with another one.
var ofPage = map[string]string{
	"Content-Type": "text/html", "Content-Encoding": "gzip", "Content-Language": "tlh", "Content-Disposition": "attachment",
	"Etag": `"1"`, "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control": "public, max-age=60", "Expires": "Thu, 01 Jan 2099 00:00:00 GMT",
	"Set-Cookie": "note=secret", "Location": "/elsewhere", "Refresh": "0; url=/elsewhere", "Clear-Site-Data": `"cookies"`, "Link": "</a.css>; rel=preload",
	"Retry-After": "1", "Accept-Ranges": "bytes",
}

func with(fields map[string]string) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			for name, value := range fields {
				resp = resp.With(ring.SetHeader(name, value))
			}
			return resp
		}
	}
}

// headed is a response that a layer has a reason to replace, with the fields of a page.
func headed(change func(ring.Response) ring.Response) ring.Handler {
	return with(ofPage)(func(ring.Request) ring.Response { return change(ring.Text("secret page")) })
}

func TestAFailureInPlaceOfAPageKeepsTheFieldsOfLayers(t *testing.T) {
	failed := errors.New("failed")
	same := func(r ring.Response) ring.Response { return r }
	onError := ring.OnError(nil, func(ring.Request, ring.Response) ring.Response { return ring.Text("page of the site") })
	for name, h := range map[string]ring.Handler{
		"no status":           headed(ring.Status(0)),
		"the zero Response":   func(ring.Request) ring.Response { return ring.Response{} },
		"a bad status":        headed(ring.Status(99)),
		"a bad field":         headed(ring.SetHeader("X-Bad", "a\r\nb")),
		"an unclaimed value":  headed(putNote("x")),
		"a missing layer":     func(req ring.Request) ring.Response { note(req); return headed(same)(req) },
		"success that failed": headed(func(r ring.Response) ring.Response { r.Err = failed; return r }),
		"FailWith":            func(req ring.Request) ring.Response { return headed(same)(req).FailWith(failed) },
		"a page for it": func(req ring.Request) ring.Response {
			return headed(same)(req).FailWith(failed).With(ring.SetHeader("Content-Type", "text/plain; charset=utf-8"))
		},
	} {
		for where, app := range map[string]http.Handler{
			"outside":                  with(protecting)(h),
			"behind Use":               ring.Use(with(protecting))(plain(h)),
			"inside of OnError":        onError(with(protecting)(h)),
			"outside of OnError":       with(protecting)(onError(h)),
			"inside of OnError in Use": ring.Use(onError, with(protecting))(plain(h)),
		} {
			t.Run(name+"/"+where, func(t *testing.T) {
				logged(t)
				resp, body := fetch(t, app, "GET", "/")
				if err := keepsWhatProtects(resp, body); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("the check fails for a page that takes everything away", func(t *testing.T) {
		resp, body := fetch(t, ring.Handler(func(ring.Request) ring.Response { return ring.Fail(failed) }), "GET", "/")
		if keepsWhatProtects(resp, body) == nil {
			t.Error("nothing protects the page and the check says nothing")
		}
	})
	t.Run("and for one that keeps everything", func(t *testing.T) {
		page := headed(func(r ring.Response) ring.Response { r.Err = failed; return r.With(ring.Status(500)) })
		resp, body := fetch(t, with(protecting)(func(req ring.Request) ring.Response {
			resp := page(req)
			resp.Header = resp.Header.Del("Content-Encoding") // the client would decode it
			return resp
		}), "GET", "/")
		if keepsWhatProtects(resp, body) == nil {
			t.Error("fields of the page are there and the check says nothing")
		}
	})
}

func keepsWhatProtects(resp *http.Response, body string) error {
	var wrong []string
	for name, value := range protecting {
		if got := resp.Header[name]; len(got) != 1 || got[0] != value {
			wrong = append(wrong, fmt.Sprintf("%s is %q", name, got))
		}
	}
	for name, value := range ofPage {
		if got := resp.Header.Get(name); got == value {
			wrong = append(wrong, fmt.Sprintf("%s is %q", name, got))
		}
	}
	if resp.StatusCode != 500 || resp.Header.Get("X-Bad") != "" || strings.Contains(body, "secret") || body == "" {
		wrong = append(wrong, fmt.Sprintf("%d %q, X-Bad %q", resp.StatusCode, body, resp.Header.Get("X-Bad")))
	}
	if wrong == nil {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}

func TestAFailureBeforeTheFirstByteKeepsTheFieldsOfLayers(t *testing.T) {
	logged(t)
	n := &notes{}
	h := ring.Chain(with(protecting), n.wrap)(func(ring.Request) ring.Response {
		return ring.Stream("text/html", func(ring.Writer) error { return errors.New("failed") }).With(putNote("x"), ring.SetHeader("Etag", `"1"`))
	})
	resp, body := fetch(t, h, "GET", "/")
	if err := keepsWhatProtects(resp, body); err != nil {
		t.Error(err)
	}
	wantCookie(t, resp.Header, "note=x") // it has been stored
	if resp.Header.Get("Etag") != "" {
		t.Errorf("header %v", resp.Header)
	}
}

func TestFailWithClosesTheBodyAndKeepsTheValues(t *testing.T) {
	key := ring.NewKey[int]("number")
	c := &closer{Reader: strings.NewReader("x")}
	resp := ring.Read("a/b", c)
	resp.Values = key.Put(resp.Values, 7)
	failed := resp.FailWith(&ring.Error{Status: 409, Message: "Not now."})
	text, _ := failed.Body.Text()
	if n, _ := key.Get(failed.Values); n != 7 || c.closed != 1 || failed.Status != 409 || text != "409 Conflict\nNot now.\n" || failed.Err == nil {
		t.Errorf("value %d, closed %d times, %d %q %v", n, c.closed, failed.Status, text, failed.Err)
	}
	if placeholder := ring.Placeholder().FailWith(nil); placeholder.IsPlaceholder() || placeholder.Err == nil {
		t.Errorf("placeholder %v, error %v", placeholder.IsPlaceholder(), placeholder.Err)
	}
}
