package session_test

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const (
	showTheme   session.Key[string]            = "theme"
	showLang    session.Key[string]            = "lang"
	showCSRF    session.Bound[string]          = "theme"
	showVisits  session.Counter                = "visits"
	showCart    session.Tally[string]          = "cart"
	showStarred session.Members[int]           = "starred"
	showAny     session.Key[any]               = "any"
	showTime    session.Key[time.Time]         = "time"
	showFloat   session.Key[float32]           = "any"
	showBad     session.Key[chan int]          = "bad"
	showPrices  session.Key[[]struct{ A int }] = "prices"
)

var showBasket = session.Named("basket")

func shout(s string) string { return strings.ToUpper(s) }

func forget(session.Session) session.Session { return session.Session{} }

func attempted(s session.Session) (session.Session, ring.Response) { return s, ring.Text("a") }

// makings are responses each of which says something else.
func makings(req ring.Request) map[string]ring.Response {
	with := func(changes ...ring.Change) ring.Response { return ring.Text("a").With(changes...) }
	loaded := session.From(req)
	zoned := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
	all := map[string]ring.Response{
		"nothing":           with(),
		"put":               with(showTheme.Put("dark")),
		"other value":       with(showTheme.Put("light")),
		"other key":         with(showLang.Put("dark")),
		"bound":             with(showCSRF.Put("dark")),
		"twice":             with(showTheme.Put("dark"), showTheme.Put("light")),
		"other order":       with(showTheme.Put("light"), showTheme.Put("dark")),
		"other session":     with(showBasket.Update(forget)),
		"counter":           with(showVisits.By(1)),
		"counter by 2":      with(showVisits.By(2)),
		"counter by -1":     with(showVisits.By(-1)),
		"tally":             with(showCart.By("a", 1)),
		"other member":      with(showCart.By("b", 1)),
		"member":            with(showStarred.With(1, 2)),
		"member less":       with(showStarred.Without(1, 2)),
		"change":            with(showTheme.Change(shout)),
		"other change":      with(showTheme.Change(strings.ToLower)),
		"change of another": with(showLang.Change(shout)),
		"update":            with(session.Update(forget)),
		"put and update":    with(showTheme.Put("dark"), session.Update(forget)),
		"update and put":    with(session.Update(forget), showTheme.Put("dark")),
		"attempt":           session.Attempt(attempted),
		"log-in":            with(session.Login("7")),
		"another's log-in":  with(session.Login("8")),
		"log-out":           with(session.Delete),
		"renewal":           with(session.Renew),
		"discarding":        with(session.Discard),
		"lifetime":          with(session.Lifetime(0, time.Hour, false)),
		"persistent":        with(session.Lifetime(-1, time.Hour, true)),
		"set":               with(session.Set(showTheme.Set(loaded, "dark"))),
		"set other":         with(session.Set(showTheme.Set(loaded, "darker"))),
		"set less":          with(session.Set(showTheme.Delete(loaded))),
		"set the same":      with(session.Set(loaded)),
		"set from nothing":  with(session.Set(showTheme.Set(session.Session{}, "dark"))),
		"set nothing":       with(session.Set(session.Session{})),
		"unencodable":       with(showBad.Put(nil)),
		"time":              with(showTime.Put(zoned)),
		"time in UTC":       with(showTime.Put(zoned.UTC())),
		"float of 32 bits":  with(showFloat.Put(1)),
		"struct":            with(showPrices.Put([]struct{ A int }{{1}})),
	}
	for name, v := range map[string]any{
		"int": 1, "negative": -1, "large": uint64(math.MaxUint64), "float": 1.0, "string of 1": "1", "true": true, "string of true": "true",
		"bytes": []byte("1"), "nil": nil, "list": []any{1, "a"}, "map": map[string]any{"a": 1, "b": []any{}}, "infinity": math.Inf(1),
		"string of nil": "nil", "string of bytes": "bytes 31",
	} {
		all["any "+name] = with(showAny.Put(v))
	}
	return all
}

func TestChangesAreEqualIfTheySayTheSame(t *testing.T) {
	req := session.WithSession(ring.NewRequest("GET", "/", nil), showTheme.Set(session.Session{}, "light"))
	all, again := makings(req), makings(req)
	for a, x := range all {
		if diff := cmp.Diff(x, again[a]); diff != "" {
			t.Errorf("%s: two of one making differ:\n%s", a, diff)
		}
		for b, y := range again {
			if a != b && (x.Equal(y) || x.String() == y.String()) {
				t.Errorf("%s is equal to %s, or reads the same:\n%s", a, b, x.String())
			}
		}
	}
}

func TestTheOrderOfChangesOfDifferentKeysMakesNoDifference(t *testing.T) {
	a := ring.Text("a").With(showTheme.Put("dark"), showVisits.By(1), session.Login("7"), showCart.By("x", 1))
	b := ring.Text("a").With(session.Login("7"), showCart.By("x", 1), showVisits.By(1), showTheme.Put("dark"))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

// A session is compared by its values, so a test may make its request twice.
func TestASessionThatIsSetComparesByWhatItChanges(t *testing.T) {
	set := func() ring.Response {
		req := session.WithSession(ring.NewRequest("GET", "/", nil), showTheme.Set(session.Session{}, "light"))
		return ring.Text("a").With(session.Set(showVisits.Add(session.From(req), 1)))
	}
	if diff := cmp.Diff(set(), set()); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsWithSessionsCompare(t *testing.T) {
	make := func(s session.Session, about ...session.Information) ring.Request {
		return session.WithSession(ring.NewRequest("GET", "/", nil), s, about...)
	}
	light := showTheme.Set(session.Session{}, "light")
	if diff := cmp.Diff(make(light), make(light)); diff != "" {
		t.Error(diff)
	}
	for name, other := range map[string]ring.Request{
		"value": make(showTheme.Set(session.Session{}, "dark")),
		"owner": make(light, session.Information{Owner: "7"}),
		"state": make(light, session.Information{State: session.Expired}),
		"none":  ring.NewRequest("GET", "/", nil),
	} {
		if make(light).Equal(other) || make(light).String() == other.String() {
			t.Errorf("%s: a request with another session is equal, or reads the same", name)
		}
	}
}

func TestWhatTellsOfASessionCompares(t *testing.T) {
	now := time.Now()
	info := session.Information{State: session.Live, Owner: "7", Created: now}
	same := info
	same.Created = now.UTC()
	if diff := cmp.Diff(info, same); diff != "" {
		t.Error(diff)
	}
	same.Seen = now
	if cmp.Equal(info, same) {
		t.Error("information with another time is equal")
	}
	req := session.WithSession(ring.NewRequest("GET", "/", nil), session.Session{})
	_, a := session.Outcome(req, ring.Text("a"))
	_, b := session.Outcome(req, ring.Text("a").With(showTheme.Put("dark")))
	if cmp.Equal(a, b) || !cmp.Equal(b, b) {
		t.Errorf("the decisions %v and %v compare wrongly", a, b)
	}
}

func TestS4_ADifferenceHasNoToken(t *testing.T) {
	var inside ring.Request
	h := session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		inside = req
		return ring.Text("a").With(showTheme.Put("dark"), session.Login("7"))
	})
	first := h(ring.NewRequest("GET", "/", nil))
	var cookie string
	for field := range first.Header.All("Set-Cookie") {
		if c, err := http.ParseSetCookie(field); err == nil && c.Value != "" {
			cookie = c.Name + "=" + c.Value
		}
	}
	_, token, _ := strings.Cut(cookie, "=")
	if len(token) < 60 {
		t.Fatalf("the response sets no token: %v", first.Header)
	}
	h(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", cookie))
	withToken, other := inside, ring.NewRequest("GET", "/", nil)
	failed := ring.Response{Err: errors.New("x")}
	for name, diff := range map[string]string{
		"response": cmp.Diff(first, failed), "header": cmp.Diff(first.Header, failed.Header),
		"request": cmp.Diff(withToken, other), "values": cmp.Diff(withToken.Values, other.Values),
		"requests that differ in the token": cmp.Diff(withToken, withToken.WithHeader("Cookie", cookie[:len(cookie)-1])),
	} {
		if diff == "" || strings.Contains(diff, token[:40]) {
			t.Errorf("%s: the difference is empty or has the token:\n%s", name, diff)
		}
	}
}
