package ring_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
)

func toTeapot(r ring.Response) ring.Response { return r.With(ring.Status(http.StatusTeapot)) }

func writeNothing(ring.Writer) error { return nil }

func writeMore(w ring.Writer) error { _, err := w.WriteString("more"); return err }

func TestResponsesOfOneMakingAreEqual(t *testing.T) {
	files, tree := os.DirFS("."), fstest.MapFS{"a.txt": {Data: []byte("a")}}
	mounted := ring.FromHTTP(http.HandlerFunc(http.NotFound))
	failed := func() ring.Response {
		return ring.Fail(&ring.Error{Status: 404, Err: fmt.Errorf("find: %w", errors.New("no user"))})
	}
	for name, make := range map[string]func() ring.Response{
		"zero": func() ring.Response { return ring.Response{} },
		"text": func() ring.Response { return ring.Text("a") },
		"redirect": func() ring.Response {
			return ring.Redirect("/").With(ring.AddHeader("Vary", "A"), ring.AddHeader("Vary", "B"))
		},
		"json":         func() ring.Response { return ring.JSON(map[string]int{"a": 1}) },
		"failure":      failed,
		"values":       func() ring.Response { return ring.Text("a").With(putNote("x")) },
		"file":         func() ring.Response { return ring.Response{Body: ring.File(tree, "a.txt").Body} },
		"file on disk": func() ring.Response { return ring.File(files, "equal.go") },
		"reader":       func() ring.Response { return ring.Read("text/csv", strings.NewReader("a,b")) },
		"buffer":       func() ring.Response { return ring.Read("text/csv", bytes.NewBufferString("a,b")) },
		"stream":       func() ring.Response { return ring.Stream("text/csv", writeNothing) },
		"handler":      func() ring.Response { return mounted(ring.NewRequest("GET", "/", nil)) },
		"placeholder":  func() ring.Response { return ring.Placeholder().Then(toTeapot) },
	} {
		a, b := make(), make()
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: two of one making differ:\n%s", name, diff)
		}
		if a.String() != b.String() {
			t.Errorf("%s: two that are equal read differently:\n%s\n%s", name, a, b)
		}
	}
}

func TestAResponseIsNotEqualToOneThatAnswersSomethingElse(t *testing.T) {
	tree, other := fstest.MapFS{"a.txt": {}, "b.txt": {}}, fstest.MapFS{"a.txt": {}}
	suffix := func(s string) func(ring.Writer) error {
		return func(w ring.Writer) error { _, err := w.WriteString(s); return err }
	}
	secret := strings.Repeat("s", 40)
	read := ring.NewRequest("POST", "/", strings.NewReader("read"))
	all := map[string]ring.Response{
		"zero":            {},
		"empty text":      ring.Text(""),
		"text":            ring.Text("a"),
		"text of a line":  ring.Text("a\n"),
		"status":          ring.Text("a").With(ring.Status(201)),
		"type":            ring.Data("text/html", "a"),
		"field":           ring.Text("a").With(ring.SetHeader("X", "1")),
		"value":           ring.Text("a").With(ring.SetHeader("X", "2")),
		"two values":      ring.Text("a").With(ring.AddHeader("X", "1"), ring.AddHeader("X", "2")),
		"order of values": ring.Text("a").With(ring.AddHeader("X", "2"), ring.AddHeader("X", "1")),
		"cookie":          ring.Text("a").With(ring.AddHeader("Set-Cookie", "a="+secret+"1; Path=/")),
		"other cookie":    ring.Text("a").With(ring.AddHeader("Set-Cookie", "a="+secret+"2; Path=/")),
		"cookie's path":   ring.Text("a").With(ring.AddHeader("Set-Cookie", "a="+secret+"1; Path=/b")),
		"key":             ring.Text("a").With(ring.SetHeader("X-Api-Key", secret+"1")),
		"other key":       ring.Text("a").With(ring.SetHeader("X-Api-Key", secret+"2")),
		"query":           ring.Redirect("/?a=1"),
		"other query":     ring.Redirect("/?a=2"),
		"error":           ring.Text("a").With(func(r ring.Response) ring.Response { r.Err = errors.New("x"); return r }),
		"other error":     ring.Text("a").With(func(r ring.Response) ring.Response { r.Err = errors.New("y"); return r }),
		"note":            ring.Text("a").With(putNote("x")),
		"other note":      ring.Text("a").With(putNote("y")),
		"two notes":       ring.Text("a").With(putNote("x"), putOther("x")),
		"file":            {Body: ring.File(tree, "a.txt").Body},
		"other file":      {Body: ring.File(tree, "b.txt").Body},
		"other tree":      {Body: ring.File(other, "a.txt").Body},
		"reader":          ring.Read("text/plain; charset=utf-8", strings.NewReader("a")),
		"other reader":    ring.Read("text/plain; charset=utf-8", strings.NewReader("b")),
		"unknown reader":  ring.Read("text/plain; charset=utf-8", struct{ *strings.Reader }{strings.NewReader("a")}),
		"stream":          ring.Stream("text/csv", writeNothing),
		"other stream":    ring.Stream("text/csv", writeMore),
		"closure":         ring.Stream("text/csv", suffix("a")),
		"other closure":   ring.Stream("text/csv", suffix("a")),
		"handler":         ring.FromHTTP(http.HandlerFunc(http.NotFound))(ring.NewRequest("GET", "/", nil)),
		"other request":   ring.FromHTTP(http.HandlerFunc(http.NotFound))(ring.NewRequest("GET", "/a", nil)),
		"other body":      ring.FromHTTP(http.HandlerFunc(http.NotFound))(read),
		"other handler":   ring.FromHTTP(http.RedirectHandler("/", http.StatusSeeOther))(read),
		"placeholder":     ring.Placeholder(),
		"with more to do": ring.Placeholder().Then(toTeapot),
	}
	for a, x := range all {
		for b, y := range all {
			if a == b {
				if !x.Equal(y) {
					t.Errorf("%s is not equal to itself", a)
				}
				continue
			}
			if x.Equal(y) {
				t.Errorf("%s is equal to %s", a, b)
			}
			if x.String() == y.String() {
				t.Errorf("%s reads as %s does:\n%s", a, b, x)
			}
			if diff := cmp.Diff(x, y); strings.Contains(diff, secret) {
				t.Errorf("%s and %s: the difference has a secret:\n%s", a, b, diff)
			}
		}
	}
}

var otherKey = ring.NewKey[string]("other note")

func putOther(s string) ring.Change {
	return func(r ring.Response) ring.Response { r.Values = otherKey.Put(r.Values, s); return r }
}

func TestTheOrderOfHeaderFieldsAndValuesMakesNoDifference(t *testing.T) {
	a := ring.Text("a").With(ring.SetHeader("A", "1"), ring.SetHeader("B", "2"), putNote("x"), putOther("y"))
	b := ring.Text("a").With(putOther("y"), putNote("x"), ring.SetHeader("B", "2"), ring.SetHeader("A", "1"))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	served := ring.HeaderOf(http.Header{"B": {"2"}, "A": {"1"}})
	if !served.Equal(ring.Header{}.Add("B", "2").Add("A", "1")) {
		t.Error("a header made of a map is not equal to one that has the same fields in another order")
	}
}

func TestThatAFailureIsLoggedMakesNoDifference(t *testing.T) {
	logged := ring.OnError(slog.New(slog.DiscardHandler), nil)(func(ring.Request) ring.Response { return ring.Fail(errors.New("x")) })
	if diff := cmp.Diff(ring.Fail(errors.New("x")), logged(ring.NewRequest("GET", "/", nil))); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsCompare(t *testing.T) {
	make := func(body string) ring.Request {
		return ring.NewRequest("POST", "https://example.org/a?b=c", strings.NewReader(body)).WithHeader("A", "b")
	}
	a, b := make("x"), make("x")
	if diff := cmp.Diff(a, b); diff != "" || a.String() != b.String() {
		t.Errorf("two of one making differ:\n%s", diff)
	}
	if _, err := a.Bytes(); err != nil {
		t.Fatal(err)
	}
	if !a.Equal(b) {
		t.Error("that the body of one has been read makes a difference")
	}
	if copied := b.WithContext(t.Context()); !copied.Equal(b) {
		t.Error("a copy with another context is another request")
	}
	stream := ring.NewRequest("POST", "/", struct{ *strings.Reader }{strings.NewReader("x")})
	if !stream.Equal(stream) {
		t.Error("a request is not equal to itself")
	}
	token := strings.Repeat("t", 40)
	for name, other := range map[string]ring.Request{
		"method": ring.NewRequest("PUT", "https://example.org/a?b=c", strings.NewReader("x")).WithHeader("A", "b"),
		"query":  ring.NewRequest("POST", "https://example.org/a?b=d", strings.NewReader("x")).WithHeader("A", "b"),
		"host":   ring.NewRequest("POST", "https://example.com/a?b=c", strings.NewReader("x")).WithHeader("A", "b"),
		"scheme": ring.NewRequest("POST", "http://example.org/a?b=c", strings.NewReader("x")).WithHeader("A", "b"),
		"header": make("x").WithHeader("A", "c"),
		"cookie": make("x").WithHeader("Cookie", "a=b; sid="+token),
		"body":   make("y"),
		"stream": stream,
		"params": make("x").WithParams([]string{"id"}, []string{"7"}),
	} {
		if a.Equal(other) {
			t.Errorf("requests with another %s are equal", name)
		}
		if diff := cmp.Diff(a, other); strings.Contains(diff, token) || a.String() == other.String() {
			t.Errorf("%s: the difference has a token, or nothing:\n%s", name, diff)
		}
	}
}

func TestABodyAndValuesCompareByThemselves(t *testing.T) {
	if diff := cmp.Diff(ring.TextBody("a"), ring.Text("a").Body); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ring.TextBody("a"), ring.TextBody("b")); !strings.Contains(diff, "body: a") {
		t.Errorf("the difference of two bodies is\n%s", diff)
	}
	a, b := putOther("x")(ring.Response{}).Values, putOther("y")(ring.Response{}).Values
	if diff := cmp.Diff(a, b); !strings.Contains(diff, "other note: ") {
		t.Errorf("the difference of attached values is\n%s", diff)
	}
}

func TestWhatIsAttachedIsNotPrinted(t *testing.T) {
	for how, s := range prints(putOther("SECRET")(ring.Response{}).Values) {
		if strings.Contains(s, "SECRET") || strings.Contains(s, "534543524554") || !strings.Contains(s, "other note") {
			t.Errorf("by %s: %s", how, s)
		}
	}
}
