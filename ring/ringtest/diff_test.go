package ringtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const (
	diffTheme  session.Key[string]   = "theme"
	diffVisits session.Counter       = "visits"
	diffCart   session.Tally[string] = "cart"
	diffNotice flash.Key[string]     = "notice"
)

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

func TestADifferenceOfResponsesIsReadByPeople(t *testing.T) {
	secret := strings.Repeat("s", 40)
	for name, c := range map[string]struct {
		want, got ring.Response
		diff      string
	}{
		"none":   {ring.Text("a"), ring.Text("a"), ""},
		"status": {ring.Text("a"), ring.Text("a").With(ring.Status(422)), lines("- status: 200 OK", "+ status: 422 Unprocessable Entity")},
		"header": {
			ring.Text("a").With(ring.SetHeader("A", "1"), ring.SetHeader("B", "2")),
			ring.Text("a").With(ring.SetHeader("C", "3"), ring.SetHeader("B", "1")),
			lines("- A: 1", "- B: 2", "+ B: 1", "+ C: 3"),
		},
		"body": {ring.Text("one\ntwo\nthree\n"), ring.Text("one\n2\nthree\n"), lines("- body: two", "+ body: 2")},
		"session": {
			ring.Text("a").With(diffTheme.Put("dark"), diffVisits.By(1), session.Login("7")),
			ring.Text("a").With(diffVisits.By(1), diffTheme.Put("light"), diffCart.By("x", 2)),
			lines(`- session change: log in "7"`, `+ session change: add cart = {"x": 2} (tally)`, `- session change: put theme = "dark"`, `+ session change: put theme = "light"`),
		},
		"message": {
			ring.Redirect("/").With(diffNotice.Put("Saved.")), ring.Redirect("/"), lines(`- flash message: notice = "Saved."`),
		},
		"cookie": {
			ring.Text("a").With(cookies.Set(http.Cookie{Name: "a", Value: "1", Path: "/"})), ring.Text("a").With(cookies.Set(http.Cookie{Name: "a", Value: "2", Path: "/"})),
			lines("- Set-Cookie: a=1; Path=/", "+ Set-Cookie: a=2; Path=/"),
		},
	} {
		if diff := ringtest.Diff(c.want, c.got); diff != c.diff {
			t.Errorf("%s:\n%s\nwant\n%s", name, diff, c.diff)
		}
	}
	one, two := ring.Text("a").With(ring.AddHeader("Set-Cookie", "a="+secret+"1")), ring.Text("a").With(ring.AddHeader("Set-Cookie", "a="+secret+"2"))
	if diff := ringtest.Diff(one, two); strings.Contains(diff, secret) || strings.Count(diff, "Set-Cookie: a=***(") != 2 {
		t.Errorf("a difference of long cookies is\n%s", diff)
	}
}

func TestADifferenceOfSessionsHasALineForEachKey(t *testing.T) {
	s := diffTheme.Set(diffVisits.Add(session.Session{}, 1), "dark")
	if diff := ringtest.Diff(s, diffCart.Add(diffVisits.Add(s, 1), "x", 1)); !strings.Contains(diff, "-   \"visits\": 1\n+   \"visits\": 2\n") || strings.Contains(diff, "theme") {
		t.Errorf("the difference is\n%s", diff)
	}
	if diff := ringtest.Diff(s, s); diff != "" {
		t.Errorf("a session differs from itself:\n%s", diff)
	}
}

func TestADifferenceOfOtherValues(t *testing.T) {
	type page struct {
		Response ring.Response
		title    string
	}
	a := page{ring.Text("a"), "A"}
	if diff := ringtest.Diff(a, page{ring.Text("a"), "A"}); diff != "" {
		t.Errorf("equal values differ:\n%s", diff)
	}
	if diff := ringtest.Diff(a, page{ring.Text("b"), "A"}); !strings.Contains(diff, "body: b") {
		t.Errorf("the difference is\n%s", diff)
	}
	if diff := ringtest.Diff(a, page{ring.Text("a"), "B"}); !strings.Contains(diff, `"B"`) {
		t.Errorf("the difference is\n%s", diff)
	}
}

func TestS4_ADifferenceOfResponsesWithTokensHasNone(t *testing.T) {
	h := session.Wrap(memory.New(), session.Options{})(func(ring.Request) ring.Response { return ring.Text("a").With(diffTheme.Put("dark")) })
	a, b := h(ringtest.Get("/").Value()), h(ringtest.Get("/").Value())
	diff := ringtest.Diff(a, b)
	if strings.Count(diff, "Set-Cookie: __Host-session=***(") != 2 {
		t.Errorf("the difference of two responses with tokens is\n%s", diff)
	}
	for _, resp := range []ring.Response{a, b} {
		c, err := http.ParseSetCookie(resp.Header.Get("Set-Cookie"))
		if err != nil || len(c.Value) < 60 || strings.Contains(diff, c.Value) {
			t.Errorf("the difference has the token, or there is none (%v):\n%s", err, diff)
		}
	}
}
