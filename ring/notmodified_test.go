package ring_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestNotModifiedAnswersWithoutTheBody(t *testing.T) {
	const modified = "Mon, 02 Jan 2006 15:04:05 GMT"
	page := ring.Text("page").With(ring.SetHeader("Cache-Control", "private"), ring.SetHeader("Set-Cookie", "a=b"))
	tag := ring.NotModified(func(ring.Request) ring.Response { return page })(ring.NewRequest("GET", "/", nil)).Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("ETag: %s", tag)
	}
	dated := page.With(ring.SetHeader("Last-Modified", modified))
	for name, c := range map[string]struct {
		resp   ring.Response
		method string
		header []string
		status int
	}{
		"nothing is known":                 {page, "GET", nil, 200},
		"the page is known":                {page, "GET", []string{"If-None-Match", tag}, 304},
		"one of several":                   {page, "GET", []string{"If-None-Match", `"x", ` + tag}, 304},
		"in another line":                  {page, "GET", []string{"If-None-Match", `"x"`, "If-None-Match", tag}, 304},
		"strong for weak":                  {page, "GET", []string{"If-None-Match", strings.TrimPrefix(tag, "W/")}, 304},
		"any page":                         {page, "GET", []string{"If-None-Match", "*"}, 304},
		"another page":                     {page, "GET", []string{"If-None-Match", `W/"x"`}, 200},
		"HEAD":                             {page, "HEAD", []string{"If-None-Match", tag}, 304},
		"POST":                             {page, "POST", []string{"If-None-Match", tag}, 200},
		"not since then":                   {dated, "GET", []string{"If-Modified-Since", modified}, 304},
		"since then":                       {dated, "GET", []string{"If-Modified-Since", "Mon, 02 Jan 2006 15:04:04 GMT"}, 200},
		"the tag counts, and not the time": {dated, "GET", []string{"If-None-Match", `"x"`, "If-Modified-Since", modified}, 200},
		"a malformed time":                 {dated, "GET", []string{"If-Modified-Since", "yesterday"}, 200},
		"a page without a time":            {page, "GET", []string{"If-Modified-Since", modified}, 200},
		"a tag of its own":                 {page.With(ring.SetHeader("ETag", `"own"`)), "GET", []string{"If-None-Match", `"own"`}, 304},
		"what must not be stored":          {page.With(ring.SetHeader("Cache-Control", "private, No-Store")), "GET", []string{"If-None-Match", tag}, 200},
		"a status of its own":              {page.With(ring.Status(201)), "GET", []string{"If-None-Match", tag}, 201},
		"a failure":                        {page.With(func(r ring.Response) ring.Response { return ring.Fail(io.EOF) }), "GET", []string{"If-None-Match", "*"}, 500},
		"a stream":                         {ring.Read("text/plain", strings.NewReader("page")), "GET", []string{"If-None-Match", "*"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			req := ring.NewRequest(c.method, "/", nil)
			for i := 0; i < len(c.header); i += 2 {
				req.Header = req.Header.Add(c.header[i], c.header[i+1])
			}
			resp := ring.NotModified(func(ring.Request) ring.Response { return c.resp })(req)
			if resp.Status != c.status {
				t.Fatalf("status %d; want %d", resp.Status, c.status)
			}
			if c.status != http.StatusNotModified {
				return
			}
			if text, _ := resp.Body.Text(); text != "" || resp.Header.Get("Content-Type") != "" {
				t.Errorf("it has a body: %q, %v", text, resp.Header)
			}
			if h := resp.Header; h.Get("ETag") == "" || h.Get("Cache-Control") == "" || h.Get("Set-Cookie") == "" {
				t.Errorf("it lacks what belongs to it: %v", h)
			}
		})
	}
}

func TestNotModifiedKeepsThePageThatMustNotBeStored(t *testing.T) {
	resp := ring.NotModified(func(ring.Request) ring.Response {
		return ring.Text("page").With(ring.SetHeader("Cache-Control", "no-store"))
	})(ring.NewRequest("GET", "/", nil))
	if tag := resp.Header.Get("ETag"); tag != "" {
		t.Errorf("ETag: %s", tag)
	}
}
