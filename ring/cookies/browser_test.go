package cookies_test

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// store keeps a Set-Cookie field as RFC 6265bis (5.6 and 5.7) tells a browser to; not ok if the browser refuses it. The
// request was for https://example.com/folder/page.
func store(field string) (kept http.Cookie, ok bool) {
	if strings.ContainsFunc(field, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return kept, false
	}
	pair, rest, _ := strings.Cut(field, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found {
		name, value = "", pair
	}
	kept.Name, kept.Value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
	if len(kept.Name)+len(kept.Value) > 4096 || kept.Name == "" {
		return kept, false
	}
	for rest != "" {
		var attribute string
		attribute, rest, _ = strings.Cut(rest, ";")
		keepAttribute(&kept, attribute)
	}
	if kept.Path == "" {
		kept.Path = "/folder"
	}
	return kept, acceptable(kept)
}

func keepAttribute(kept *http.Cookie, attribute string) {
	name, value, _ := strings.Cut(attribute, "=")
	name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
	if len(value) > 1024 {
		return
	}
	switch name {
	case "expires":
		if t, err := http.ParseTime(value); err == nil {
			kept.Expires = earlier(t, time.Now().Add(400*24*time.Hour))
		}
	case "max-age":
		if n, err := strconv.Atoi(value); err == nil && n <= 0 {
			kept.MaxAge = -1
		} else if err == nil {
			kept.MaxAge = min(n, 400*24*3600)
		}
	case "domain":
		kept.Domain = strings.ToLower(strings.TrimPrefix(value, "."))
	case "path":
		kept.Path = ""
		if strings.HasPrefix(value, "/") {
			kept.Path = value
		}
	case "secure":
		kept.Secure = true
	case "httponly":
		kept.HttpOnly = true
	case "partitioned":
		kept.Partitioned = true
	case "samesite":
		modes := map[string]http.SameSite{"none": http.SameSiteNoneMode, "lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode}
		kept.SameSite = modes[strings.ToLower(value)]
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func acceptable(c http.Cookie) bool {
	name := strings.ToLower(c.Name)
	host := strings.HasPrefix(name, "__host-")
	script := strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")
	switch {
	case c.Domain != "" && c.Domain != "example.com": // a foreign one, or a public suffix
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
	case c.Partitioned && !c.Secure:
	case (strings.HasPrefix(name, "__secure-") || host || script) && !c.Secure:
	case host && (c.Domain != "" || c.Path != "/"):
	case script && !c.HttpOnly:
	default:
		return true
	}
	return false
}
