package flash_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
)

// fields adds header fields to a request: names and values in turn.
func fields(pairs ...string) func(*http.Request) {
	return func(r *http.Request) {
		for i := 0; i+1 < len(pairs); i += 2 {
			r.Header.Set(pairs[i], pairs[i+1])
		}
	}
}

var (
	boosted = fields("HX-Request", "true", "HX-Boosted", "true")
	htmx    = fields("HX-Request", "true", "HX-Current-URL", "http://example.com/list/first")
	turbo   = fields("X-Turbo-Request-Id", "5d1c")
	frame   = fields("X-Turbo-Request-Id", "5d1c", "Turbo-Frame", "cart")
)

// visits are the requests that load a page in place of a navigation.
var visits = map[string]func(*http.Request){
	"a boosted link":                        boosted,
	"htmx going back":                       fields("HX-History-Restore-Request", "true"),
	"htmx going back, as one of its others": fields("HX-Request", "true", "HX-History-Restore-Request", "true"),
	"a visit of Turbo":                      turbo,
}

// partials are the requests that load something beside the page.
var partials = map[string]func(*http.Request){
	"a poll by htmx":                fields("HX-Request", "true", "HX-Trigger", "clock"),
	"a frame of Turbo":              frame,
	"a script that uses Turbo":      fields("X-Turbo-Request-Id", "5d1c", "X-Requested-With", "XMLHttpRequest"),
	"a prefetch by Turbo":           fields("X-Turbo-Request-Id", "5d1c", "X-Sec-Purpose", "prefetch"),
	"a preload of a boosted link":   fields("HX-Request", "true", "HX-Boosted", "true", "HX-Preloaded", "true"),
	"a prefetch for a Turbo frame":  fields("X-Turbo-Request-Id", "5d1c", "Turbo-Frame", "cart", "X-Sec-Purpose", "prefetch"),
	"a boosted field that says not": fields("HX-Request", "true", "HX-Boosted", "false"),
}

// scripted sends the header fields of its query, and a message unless the request is a GET.
func scripted(req ring.Request) ring.Response {
	resp := pages(req)
	if req.URL.Path == "/script" {
		resp = ring.Text("")
		for _, name := range []string{"HX-Location", "HX-Redirect", "HX-Refresh"} {
			if v := req.Query(name); v != "" {
				resp.Header = resp.Header.Set(name, v)
			}
		}
		if req.Method != "GET" {
			resp = resp.With(notice.Put("Saved."))
		}
	}
	return resp
}

// script is the target for which scripted sends a header field.
func script(name, value string) string { return "/script?" + url.Values{name: {value}}.Encode() }

func (b *browser) show(path string, change ...func(*http.Request)) string {
	return b.do("GET", path, change...).Body.String()
}

func TestF1_APageThatAScriptLoadsIsANavigation(t *testing.T) {
	for who, visit := range visits {
		for _, mode := range []string{"cors", "same-origin", ""} {
			b := open(t, scripted).as(mode, "empty")
			b.do("POST", "/render")
			want(t, who+" "+mode, b.show("/any", visit), "Rendered.")
			want(t, who+" "+mode+", again", b.show("/any", visit), "")
		}
	}
}

func TestF1_ARedirectThatAScriptFollowsBelongsToThatScript(t *testing.T) {
	for _, metadata := range []string{"cors", ""} {
		for name, test := range map[string]struct{ by, other func(*http.Request) }{
			"a boosted form":    {boosted, htmx},
			"hx-post":           {htmx, boosted},
			"a form of Turbo":   {turbo, frame},
			"a form in a frame": {frame, turbo},
		} {
			b := open(t, scripted).as(metadata, "empty")
			b.do("POST", "/save?to=/page", test.by)
			want(t, name+": of another kind", b.show("/page", test.other), "")
			want(t, name+": another page", b.show("/other", test.by), "")
			want(t, name+": the page", b.show("/page", test.by), "Saved.")
			want(t, name+": again", b.show("/page", test.by), "")
		}
	}
}

func TestF1_HXLocationIsARedirectToARequestByHtmx(t *testing.T) {
	for _, value := range []string{"/list/page", "page", "./page?x=1", "http://example.com/list/page", `{"path":"/list/page"}`,
		`{"target":"#main", "path":"page", "values":{"a":[1]}}`, `{"path":"/no", "path":"/list/p\u0061ge"}`} {
		for who, by := range map[string]func(*http.Request){
			"hx-post":        htmx,
			"a boosted form": fields("HX-Request", "true", "HX-Boosted", "true", "HX-Current-URL", "http://example.com/list/first"),
		} {
			b := open(t, scripted).as("cors", "empty")
			b.do("POST", script("HX-Location", value), by)
			want(t, who+", "+value+": another page", b.show("/list/other", htmx), "")
			want(t, who+", "+value+": a navigation", b.as("navigate", "document").show("/list/page"), "")
			want(t, who+", "+value+": the page", b.show("/list/page", htmx), "Saved.")
			want(t, who+", "+value+": again", b.show("/list/page", htmx), "")
		}
	}
}

func TestF1_WhatHtmxDoesNotFollowIsNoRedirect(t *testing.T) {
	for name, test := range map[string]struct {
		header, value string
		by            func(*http.Request)
	}{
		"a JSON that ends early":    {"HX-Location", `{"path":"/page"`, htmx},
		"a JSON without a path":     {"HX-Location", `{"Path":"/page"}`, htmx},
		"a path that is a number":   {"HX-Location", `{"path":5}`, htmx},
		"a path that is null":       {"HX-Location", `{"path":null}`, htmx},
		"HX-Location without htmx":  {"HX-Location", "/page", turbo},
		"HX-Redirect without htmx":  {"HX-Redirect", "/page", turbo},
		"HX-Refresh that says not":  {"HX-Refresh", "false", htmx},
		"HX-Location to elsewhere":  {"HX-Location", "https://elsewhere.example/page", htmx},
		"HX-Location with a :":      {"HX-Location", "path:/page", htmx},
		"HX-Redirect to a fragment": {"HX-Redirect", "https://elsewhere.example/#page", htmx},
	} {
		b := open(t, scripted)
		b.as("cors", "empty").do("POST", script(test.header, test.value), test.by)
		want(t, name+": a request by htmx", b.as("cors", "empty").show("/page", htmx), "")
		want(t, name+": the next navigation", b.get("/any"), "Saved.")
	}
}

func TestF1_HXRedirectAndHXRefreshLeadToANavigation(t *testing.T) {
	for _, metadata := range []string{"cors", ""} {
		for _, test := range [][2]string{{"HX-Redirect", "/list/first"}, {"HX-Redirect", "first#part"}, {"HX-Redirect", "http://example.com/list/first"}, {"HX-Refresh", "true"}} {
			b := open(t, scripted).as(metadata, "empty")
			b.do("POST", script(test[0], test[1]), htmx)
			page := b.as("navigate", "document")
			if metadata == "" {
				page = b
			}
			want(t, test[0]+": a request by htmx", b.show("/list/first", htmx), "")
			want(t, test[0]+": another page", page.show("/other"), "")
			want(t, test[0]+": the page", page.show("/list/first"), "Saved.")
			want(t, test[0]+": again", page.show("/list/first"), "")
		}
	}
}

func TestF2_WhatAScriptLoadsBesideThePageTakesNoMessage(t *testing.T) {
	for who, partial := range partials {
		for _, mode := range []string{"cors", ""} {
			for sent, message := range map[string]string{"/render": "Rendered.", "/save?to=/page": "Saved."} {
				b := open(t, scripted).as(mode, "empty")
				b.do("POST", sent, turbo)
				want(t, who+" after "+sent, b.show("/page", partial), "")
				want(t, who+" after "+sent+": the page", b.show("/page", turbo), message)
			}
		}
	}
}

func TestF4_ARedirectByHtmxHandsTheMessageOn(t *testing.T) {
	b := open(t, scripted).as("cors", "empty")
	page := b.as("navigate", "document")

	b.do("POST", "/save?to=/script", boosted)
	want(t, "HX-Location", b.show(script("HX-Location", "/next"), boosted), "")
	want(t, "the page that htmx loads then", b.show("/next", htmx), "Saved.")

	b.do("POST", "/save?to=/script", boosted)
	want(t, "HX-Redirect", b.show(script("HX-Redirect", "/next"), boosted), "")
	want(t, "the page that the browser loads then", page.show("/next"), "Saved.")

	b.do("POST", "/save?to=/script", htmx)
	want(t, "HX-Refresh", b.show(script("HX-Refresh", "true"), htmx), "")
	want(t, "the page that is loaded again", page.show("/list/first"), "Saved.")
}

// FuzzHXLocation sends a message with any HX-Location. It must go to the path that htmx asks for, or else wait.
func FuzzHXLocation(f *testing.F) {
	for _, v := range []string{"/page", "page", `{"path":"/page"}`, `{"path":"/page","path":1}`, `{"path":`, "{}", "{", "//x", `\\x`, "%", "", "?", `{"path":"` + "\xff" + `"}`} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		b := open(t, func(req ring.Request) ring.Response {
			if req.Method == "POST" {
				resp := ring.Text("").With(notice.Put("Saved."))
				resp.Header = resp.Header.Set("HX-Location", value)
				return resp
			}
			return pages(req)
		})
		if w := b.as("cors", "empty").do("POST", "/", htmx); w.Code != 200 {
			return // no header can have this value
		}
		if p := plainPath(value); p != "" {
			want(t, "the path "+p, b.as("cors", "empty").show(p, htmx), "Saved.")
			return
		}
		b.wait(10 * time.Second)
		want(t, "the next navigation", b.get("/never"), "Saved.")
	})
}

// plainPath returns the path in a value of HX-Location if it needs no resolving, or "".
func plainPath(value string) string {
	p := value
	if strings.HasPrefix(value, "{") {
		var object map[string]any
		if json.Unmarshal([]byte(value), &object) != nil {
			return ""
		}
		p, _ = object["path"].(string)
	}
	rest, absolute := strings.CutPrefix(p, "/")
	if !absolute || strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	switch p {
	case "/save", "/render", "/hop", "/login", "/logout", "/renew", "/fail", "/attempt":
		return ""
	}
	return p
}
