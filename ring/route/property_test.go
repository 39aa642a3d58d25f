package route_test

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

// pieces of patterns, and the regexps that say what they match, with <> around what a parameter stands for.
var pieces = map[string]string{
	"a": "a", "ab": "ab", "b": "b", "é": "é",
	"{n}": "<[^/]+>", "{n:a+}": "<a+>", "{n:[ab]{2}}": "<[ab]{2}>", "{n:a|b}": "<a|b>", "{n:.*}": "<[^/]+>",
	"{n}.a": "<[^/.]+>\\.a", "x{n}": "x<[^/]+>",
}

var (
	strict = strings.NewReplacer("<", "(?:", ">", ")")
	loose  = strings.NewReplacer("<", "(?:", ">", ")?") // a parameter may stand for nothing
)

// A table is a router beside the regexps that say what it has to find.
type table struct {
	app    ring.Handler
	routes []string // "GET /a/{p0}"
	match  []*regexp.Regexp
	nearly []*regexp.Regexp // but for a parameter that would stand for nothing
}

func drawTable(t *rapid.T) table {
	var tab table
	var routes []route.Route
	shapes := map[string]bool{}
	answer := func(req ring.Request) ring.Response { return ring.Text(req.Method + " " + route.Pattern(req)) }
	for range rapid.IntRange(1, 8).Draw(t, "routes") {
		pattern, shape, re := "", "", "^"
		for i, piece := range rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(pieces))), 1, 3).Draw(t, "pieces") {
			pattern += "/" + strings.Replace(piece, "{n", fmt.Sprintf("{p%d", i), 1)
			shape += "/" + piece
			re += "/" + pieces[piece]
		}
		if rapid.Bool().Draw(t, "star") {
			pattern, shape, re = pattern+"/*", shape+"/*", re+"/.*"
		}
		method := rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method")
		if shapes[method+shape] {
			continue
		}
		shapes[method+shape] = true
		routes = append(routes, route.Method(method, pattern, answer))
		tab.routes = append(tab.routes, method+" "+pattern)
		tab.match = append(tab.match, regexp.MustCompile(strict.Replace(re)+"$"))
		tab.nearly = append(tab.nearly, regexp.MustCompile(loose.Replace(re)+"$"))
	}
	tab.app = route.New(routes...)
	return tab
}

func TestWhatIsFoundMatchesAndWhatMatchesIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		for range 20 {
			segments := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "aa", "xa", "x", "é", "a.a", ".a", "b.b"}), 1, 4).Draw(t, "path")
			path := "/" + strings.Join(segments, "/")
			method := rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method")
			want, nearly := tab.find(tab.match, method, path), tab.find(tab.nearly, method, path)
			if len(nearly) > len(want) {
				continue // may be found or not
			}
			resp := tab.app(ring.NewRequest(method, path, nil))
			text, _ := resp.Body.Text()
			if found := resp.Status == 200; found != (len(want) > 0) || found && !slices.Contains(want, text) {
				t.Fatalf("%v: %s %s leads to %d %s; want one of %q", tab.routes, method, path, resp.Status, text, want)
			}
		}
	})
}

func (t table) find(by []*regexp.Regexp, method, path string) (found []string) {
	for i, re := range by {
		if strings.HasPrefix(t.routes[i], method+" ") && re.MatchString(path) {
			found = append(found, t.routes[i])
		}
	}
	return found
}

var everything = route.New(
	route.Get("/", says("")),
	route.Get("/{a}", says("", "a")),
	route.Post("/{a}/{b:[a-z]+}.{c}", says("", "a", "b", "c")),
	route.Get("/{b:.*}-x/{d}", says("", "b", "d")),
	route.Mount("/m/{n}", route.Get("/*", says("", "n", "*")), route.Any("/{o:[^x]+}/y", says("", "o"))),
	route.Delete("/static/{a}/*", says("", "a", "*")),
)

func FuzzRouting(f *testing.F) {
	for _, path := range []string{"", "/", "*", "//", "/a%2Fb", "/m/%00/x%2f", "/a/b.c", "/-x/", "/m//y", "/\x00\xff", "/{a}", "/%", "a/b", strings.Repeat("/-x", 1000)} {
		f.Add("GET", path)
		f.Add("", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		req := ring.Request{Method: method, URL: url.URL{Path: path}}
		responds(t, req)
		if plain, err := url.PathUnescape(path); err == nil { // as it comes from a client
			req.URL.Path, req.URL.RawPath = plain, path
			responds(t, req)
		}
		req.URL.Path = "/other" // as a layer leaves it that rewrites half
		responds(t, req)
	})
}

func responds(t *testing.T, req ring.Request) {
	switch resp := everything(req); resp.Status {
	case 200, 204, 404, 405:
		if has := resp.Header.Get("Allow") != ""; has != (resp.Status == 405 || resp.Status == 204) {
			t.Errorf("%d with Allow %q", resp.Status, resp.Header.Get("Allow"))
		}
	default:
		t.Errorf("status %d: %v", resp.Status, resp.Err)
	}
}
