package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

func wantCalls(t *testing.T, s *site, want string) {
	t.Helper()
	if got := s.table.log(); got != want {
		t.Errorf("store calls %q; want %q", got, want)
	}
}

func TestS1_AnEqualValueIsNoChange(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.table.log()
	a := v.get("/dark")
	wantCalls(t, s, "load")
	if len(a.set) != 0 {
		t.Errorf("an equal value sets the cookies %v", a.set)
	}
}

func TestS2_AStrangerCostsNeitherRowNorCookie(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	for _, path := range []string{"/read", "/clear", "/renew", "/logout", "/nowhere"} {
		if a := v.get(path); len(a.set) != 0 {
			t.Errorf("%s sets %v", path, a.set)
		}
	}
	wantCalls(t, s, "")
}

func TestS2_AnEmptiedSessionFadesWithinAMinute(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	v.get("/clear")
	s.wait(59 * time.Second)
	if got := v.get("/show").body; got != "live  {}" {
		t.Errorf("after 59 s: %s; want a live, empty session", got)
	}
	s.wait(2 * time.Second)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("after 61 s: %s; want an expired one", got)
	}
}

func TestS2_AnOwnersSessionWithoutKeysDoesNotFade(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/ann")
	s.wait(10 * time.Minute)
	if got := v.get("/show").body; got != "live ann {}" {
		t.Errorf("after ten minutes: %s", got)
	}
}

func TestS3_NoTokenOfTheClientIsAdopted(t *testing.T) {
	s := newSite(t, common.serve)
	forged := strings.Repeat("A", 68)
	for _, token := range []string{forged, forged[:67], forged + "A", "", "../../etc", strings.Repeat("ä", 34), "a\x00b"} {
		a := s.ask("GET", "/dark", "__Host-session="+token)
		if len(a.set) != 1 || a.set[0].Value == token || len(a.set[0].Value) != 68 {
			t.Errorf("token %q: cookies %v; want one new token", token, a.set)
		}
	}
}

func TestS3_TheShapeIsCheckedBeforeTheStoreIsAsked(t *testing.T) {
	s := newSite(t, common.serve)
	for _, token := range []string{"short", strings.Repeat("A", 67) + "=", strings.Repeat("A", 69), strings.Repeat("A", 67) + "\n", ""} {
		s.ask("GET", "/read", "__Host-session="+token)
	}
	wantCalls(t, s, "")
	if got := s.happened(); strings.Count(got, "refused malformed") < 4 {
		t.Errorf("events %q", got)
	}
}

func TestS3_AtMostThreeCookiesOfANameAreTried(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	forged := "__Host-session=" + strings.Repeat("A", 68)
	good := "__Host-session=" + v.token()
	for _, c := range []struct {
		cookie, want string
	}{
		{strings.Join([]string{forged, forged, good}, "; "), "dark"},
		{strings.Join([]string{"__Host-session=x", "__Host-session=y", "__Host-session=z", "__Host-session", good}, "; "), "dark"},
		{strings.Join([]string{forged, forged, forged, good}, "; "), ""},
	} {
		s.table.log()
		if got := s.ask("GET", "/read", c.cookie).body; got != c.want {
			t.Errorf("%s: read %q; want %q", c.cookie, got, c.want)
		}
		if n := strings.Count(s.table.log(), "load"); n > 3 {
			t.Errorf("%d store calls", n)
		}
	}
}

func TestS4_TheStoreNeverSeesAToken(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/ann")
	rows, _ := s.table.List(t.Context(), "ann")
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	token := v.ownerToken()
	if dump := string(rows[0].Body.Bytes()); strings.Contains(dump, token) || strings.Contains(dump, token[24:]) {
		t.Error("the row holds the token")
	}
	if rows[0].Handle.String() != token[:24] {
		t.Errorf("handle %s is not the public part of the token", rows[0].Handle)
	}
	// What the row holds logs nobody in.
	if got := s.ask("GET", "/show", "__Host-session-owner="+rows[0].Handle.String()+token[24:68][:43]+"A").body; got != "unknown  {}" && got != "live ann {}" {
		t.Errorf("a forged verifier: %s", got)
	}
}

func TestS4_ATokenDoesNotPrint(t *testing.T) {
	tok := stores.TokenOf("sid", "very-secret")
	for _, s := range []string{fmt.Sprint(tok), fmt.Sprintf("%v %+v %#v %s %q %x %d", tok, tok, tok, tok, tok, tok, tok), fmt.Sprintf("%v", struct{ T stores.Token }{tok})} {
		if strings.Contains(s, "very") || strings.Contains(s, "76657279") {
			t.Errorf("a token prints as %s", s)
		}
	}
}

func TestS5_TwoLayersThatSetDifferentKeysBothSurvive(t *testing.T) {
	layer := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			return h(req).With(session.Set(lang.Set(session.From(req), "fr")))
		}
	}
	s := newSite(t, layer(common.serve))
	v := s.visitor()
	v.get("/dark")
	if got := v.get("/show").body; got != `live  {"lang":"fr","theme":"dark"}` {
		t.Errorf("stored %s", got)
	}
}

func TestS5_DeleteActsFirstWhereverItStands(t *testing.T) {
	set := func(req ring.Request) ring.Change { return session.Set(theme.Set(session.From(req), "x")) }
	s := newSite(t, routes{
		"/before": func(req ring.Request) ring.Response { return ring.Text("").With(session.Delete, set(req)) },
		"/after":  func(req ring.Request) ring.Response { return ring.Text("").With(set(req), session.Delete) },
		"/update": func(req ring.Request) ring.Response {
			return ring.Text("").With(set(req), visits.By(2), session.Delete)
		},
		"/dark": common["/dark"], "/show": common["/show"],
	}.serve)
	for path, want := range map[string]string{"/before": "none  {}", "/after": "none  {}", "/update": `live  {"visits":2}`} {
		v := s.visitor()
		v.get("/dark")
		old := v.token()
		a := v.get(path)
		if got := v.get("/show").body; got != want {
			t.Errorf("%s: %s; want %s", path, got, want)
		}
		if got := s.ask("GET", "/show", "__Host-session="+old).body; got != "unknown  {}" {
			t.Errorf("%s: the old token says %s", path, got)
		}
		names := map[string]int{}
		for _, c := range a.set {
			names[c.Name]++
		}
		if names["__Host-session"] != 1 {
			t.Errorf("%s: cookies %v; want exactly one of the name", path, a.set)
		}
	}
}

func TestS5_DiscardLeavesEverything(t *testing.T) {
	s := newSite(t, routes{
		"/discard": func(req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(theme.Set(session.From(req), "x")), visits.By(1), session.Login("eve"), session.Delete, session.Discard)
		},
		"/dark": common["/dark"], "/show": common["/show"],
	}.serve)
	v := s.visitor()
	v.get("/dark")
	s.wait(10 * time.Minute)
	s.table.log()
	if a := v.get("/discard"); len(a.set) != 0 {
		t.Errorf("cookies %v", a.set)
	}
	wantCalls(t, s, "load")
	if got := v.get("/show").body; got != `live  {"theme":"dark"}` {
		t.Errorf("stored %s", got)
	}
}

func TestS5_ASessionOfAnotherRequestIsRefused(t *testing.T) {
	var stolen session.Session
	s := newSite(t, routes{
		"/steal": func(req ring.Request) ring.Response {
			stolen = theme.Set(session.From(req), "stolen")
			return ring.Text("")
		},
		"/use": func(ring.Request) ring.Response { return ring.Text("used").With(session.Set(stolen)) },
		"/update": func(ring.Request) ring.Response {
			return ring.Text("used").With(session.Update(func(session.Session) session.Session { return stolen }))
		},
		"/show": common["/show"],
	}.serve)
	v := s.visitor()
	v.get("/steal")
	for _, path := range []string{"/use", "/update"} {
		if a := v.get(path); a.status != 500 || len(a.set) != 0 || strings.Contains(a.body, "session") {
			t.Errorf("%s: %d %q %v; want 500", path, a.status, a.body, a.set)
		}
	}
}

func TestS5_ASessionDerivedFromNothingReplacesTheValues(t *testing.T) {
	s := newSite(t, routes{
		"/replace": func(ring.Request) ring.Response {
			return ring.Text("").With(session.Set(lang.Set(session.Session{}, "fr")))
		},
		"/zero": func(ring.Request) ring.Response { return ring.Text("").With(session.Set(session.Session{})) },
		"/dark": common["/dark"], "/show": common["/show"],
	}.serve)
	v := s.visitor()
	v.get("/dark")
	v.get("/replace")
	if got := v.get("/show").body; got != `live  {"lang":"fr"}` {
		t.Errorf("stored %s", got)
	}
	v.get("/zero")
	if got := v.get("/show").body; got != `live  {}` {
		t.Errorf("stored %s", got)
	}
}

func TestS6_ALogInChangesTheTokenAndKeepsAnAnonymousSessionsValues(t *testing.T) {
	const csrf session.Bound[string] = "csrf"
	s := newSite(t, routes{
		"/bound": func(req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(csrf.Set(theme.Set(session.From(req), "dark"), "secret")))
		},
		"/ann": common["/ann"], "/bob": common["/bob"], "/show": common["/show"], "/renew": common["/renew"],
	}.serve)
	v := s.visitor()
	v.get("/bound")
	anonymous := v.token()
	v.get("/ann")
	if v.token() != "" || v.ownerToken() == "" {
		t.Fatalf("cookies %v; want the owner's alone", v.cookies)
	}
	if got := v.get("/show").body; got != `live ann {"theme":"dark"}` {
		t.Errorf("after the log-in: %s; want the values without the bound one", got)
	}
	if got := s.ask("GET", "/show", "__Host-session="+anonymous).body; got != "stale  {}" {
		t.Errorf("the anonymous token: %s", got)
	}
	first := v.ownerToken()
	v.get("/ann")
	if v.ownerToken() == first {
		t.Error("a log-in of the same owner keeps the token")
	}
	v.get("/bob")
	if got := v.get("/show").body; got != "live bob {}" {
		t.Errorf("from one owner to another: %s; want nothing kept", got)
	}
	if recs, _ := s.table.List(t.Context(), "ann"); len(recs) != 0 {
		t.Errorf("Ann's record is still there")
	}
}

func TestS6_ALogInRestartsBothLimitsAndRenewNone(t *testing.T) {
	for path, want := range map[string]string{"/ann": "live ann {}", "/renew": "expired  {}"} {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/ann")
		for range 23 {
			s.wait(29 * time.Minute)
			v.get("/read")
		}
		v.get(path) // after 11 hours and 7 minutes
		for range 3 {
			s.wait(29 * time.Minute)
			v.get("/read")
		}
		if got := v.get("/show").body; got != want {
			t.Errorf("%s: %s; want %s", path, got, want)
		}
	}
}

func TestS6_NoSetChangesTheOwner(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/ann")
	v.get("/clear")
	v.get("/dark")
	if got := v.get("/show").body; got != `live ann {"theme":"dark"}` {
		t.Errorf("%s", got)
	}
}

func TestS6_ALogInWithoutAnOwnerFails(t *testing.T) {
	s := newSite(t, func(ring.Request) ring.Response { return ring.Text("").With(session.Login("")) })
	if a := s.visitor().get("/"); a.status != 500 || len(a.set) != 0 {
		t.Errorf("%d %v", a.status, a.set)
	}
}

func TestS7_IdleAndAbsoluteLimitsHoldOnLoad(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.wait(30 * time.Minute)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("after 30 idle minutes: %s", got)
	}
	v.get("/dark")
	for range 12*60/20 - 1 {
		s.wait(20 * time.Minute)
		if got := v.get("/read").body; got != "dark" {
			t.Fatalf("lost before the absolute limit: %q", got)
		}
	}
	s.wait(20 * time.Minute)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("after 12 hours: %s", got)
	}
}

func TestS7_AnExpiredSessionIsNotSaved(t *testing.T) {
	var s *site
	s = newSite(t, routes{
		"/slow": func(req ring.Request) ring.Response {
			s.wait(31 * time.Minute)
			return ring.Text("saved").With(session.Set(theme.Set(session.From(req), "late")))
		},
		"/dark": common["/dark"], "/show": common["/show"],
	}.serve)
	v := s.visitor()
	v.get("/dark")
	s.happened()
	a := v.post("/slow")
	if a.status != http.StatusConflict || len(a.set) != 0 {
		t.Errorf("%d %v; want 409 and no cookie", a.status, a.set)
	}
	if got := s.happened(); got != "dropped" {
		t.Errorf("events %q", got)
	}
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestS7_ASlowRequestOfASessionThatWasUsedMeanwhileIsSaved(t *testing.T) {
	var s *site
	var v *visitor
	s = newSite(t, routes{
		"/slow": func(req ring.Request) ring.Response {
			s.wait(20 * time.Minute)
			v.get("/show")
			s.wait(20 * time.Minute)
			return ring.Text("saved").With(session.Set(theme.Set(session.From(req), "late")))
		},
		"/dark": common["/dark"], "/show": common["/show"],
	}.serve)
	v = s.visitor()
	v.get("/dark")
	if a := v.post("/slow"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := v.get("/show").body; got != `live  {"theme":"late"}` {
		t.Errorf("stored %s", got)
	}
}

func TestS7_TighterOptionsHoldForOlderSessions(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.app = session.Wrap(stores.Keep(s.table), session.Options{Now: s.clock, Idle: time.Minute})(common.serve)
	s.wait(2 * time.Minute)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("%s", got)
	}
}

func TestS7_LifetimeIsKeptInTheRecord(t *testing.T) {
	s := newSite(t, routes{
		"/remember": func(ring.Request) ring.Response {
			return ring.Text("").With(session.Login("ann"), session.Lifetime(7*24*time.Hour, 30*24*time.Hour, true))
		},
		"/show": common["/show"], "/dark": common["/dark"],
	}.serve)
	v := s.visitor()
	a := v.get("/remember")
	age := 0
	for _, c := range a.set {
		if c.Name == "__Host-session-owner" {
			age = c.MaxAge
		}
	}
	if age != 30*24*3600 {
		t.Errorf("Max-Age %d; want 30 days", age)
	}
	s.wait(6 * 24 * time.Hour)
	v.get("/dark")
	s.wait(6 * 24 * time.Hour)
	if got := v.get("/show").body; got != `live ann {"theme":"dark"}` {
		t.Errorf("after 12 days: %s", got)
	}
	s.wait(8 * 24 * time.Hour)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("after 8 idle days: %s", got)
	}
}

func TestS8_ATouchIsMadeOnceAnInterval(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.table.log()
	v.get("/read")
	s.wait(59 * time.Second)
	v.get("/read")
	wantCalls(t, s, "load load")
	s.wait(2 * time.Second)
	a := v.get("/read")
	v.get("/read")
	wantCalls(t, s, "load touch load")
	if len(a.set) != 0 {
		t.Errorf("a touch sets %v", a.set)
	}
}

func TestS8_ATouchThatFailsIsAnEventAndNoFailure(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.happened()
	s.table.set(&s.table.fail, "touch", func() error { return errors.New("down") })
	s.wait(5 * time.Minute)
	if a := v.get("/read"); a.status != 200 || a.body != "dark" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := s.happened(); got != "touch failed" {
		t.Errorf("events %q", got)
	}
}

func TestS8_ATouchDoesNotReviveAFadingSession(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.wait(5 * time.Minute)
	h := s.table.holdNext("touch")
	done := make(chan answer)
	go func() { done <- v.ask("GET", "/read") }()
	<-h.arrived
	v.get("/clear")
	close(h.release)
	<-done
	s.wait(61 * time.Second)
	if got := v.get("/show").body; got != "expired  {}" {
		t.Errorf("%s; want the emptied session expired", got)
	}
}

func TestS9_AnOwnersCookieIsAnsweredBeforeTheAnonymousOne(t *testing.T) {
	s := newSite(t, common.serve)
	v, other := s.visitor(), s.visitor()
	v.get("/ann")
	other.get("/dark")
	both := "__Host-session=" + other.token() + "; __Host-session-owner=" + v.ownerToken()
	if got := s.ask("GET", "/show", both).body; got != "live ann {}" {
		t.Errorf("both cookies: %s", got)
	}
	dead := "__Host-session=" + other.token() + "; __Host-session-owner=" + strings.Repeat("A", 68)
	if got := s.ask("GET", "/show", dead).body; got != `live  {"theme":"dark"}` {
		t.Errorf("a dead owner's cookie: %s", got)
	}
	swapped := "__Host-session=" + v.ownerToken()
	if got := s.ask("GET", "/show", swapped).body; got != "unknown  {}" {
		t.Errorf("an owner's token in the anonymous cookie: %s", got)
	}
}

func TestS9_NoAnonymousResponseReplacesALogIn(t *testing.T) {
	s := newSite(t, common.serve)
	for _, order := range []string{"log-in first", "log-in last"} {
		v := s.visitor()
		var late []answer
		for range 5 {
			late = append(late, v.ask("POST", "/dark"))
		}
		login := v.ask("POST", "/ann")
		if order == "log-in first" {
			v.take(login)
		}
		for _, a := range late {
			v.take(a)
		}
		if order == "log-in last" {
			v.take(login)
		}
		if got := v.get("/show").body; got != "live ann {}" {
			t.Errorf("%s: %s; want Ann signed in", order, got)
		}
	}
}

func TestS9_AReaderAndALoserSendNoCookie(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	h := s.table.holdNext("save")
	done := make(chan answer)
	go func() { done <- v.ask("POST", "/light") }()
	<-h.arrived
	v.get("/ann")
	close(h.release)
	if a := <-done; len(a.set) != 0 || a.status != http.StatusConflict {
		t.Errorf("a late writer: %d, cookies %v", a.status, a.set)
	}
	if a := v.get("/read"); len(a.set) != 0 {
		t.Errorf("a reader: cookies %v", a.set)
	}
}

func TestS9_ExpiringRepeatsTheAttributes(t *testing.T) {
	s := newSite(t, common.serve, func(o *session.Options) {
		o.Cookie = http.Cookie{Name: "sid", Path: "/app", Domain: "example.com", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true}
	})
	v := s.visitor()
	set := v.get("/dark").header.Get("Set-Cookie")
	gone := v.get("/logout").header.Get("Set-Cookie")
	attributes := set[strings.Index(set, ";"):]
	if !strings.HasPrefix(gone, "sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT") || !strings.HasSuffix(gone, attributes) {
		t.Errorf("set %s\ngone %s", set, gone)
	}
}

func TestS10_NothingPrivateReachesASharedCache(t *testing.T) {
	s := newSite(t, routes{
		"/own": func(ring.Request) ring.Response {
			return ring.Text("").With(ring.SetHeader("Cache-Control", "public, max-age=60"), ring.SetHeader("Vary", "Accept, Cookie"))
		},
		"/dark": func(req ring.Request) ring.Response {
			return common["/dark"](req).With(ring.SetHeader("Cache-Control", "public"))
		}, "/read": common["/read"],
	}.serve)
	v := s.visitor()
	if h := v.get("/read").header; h.Get("Cache-Control") != "" || h.Get("Vary") != "" {
		t.Errorf("a stranger's page: %v", h)
	}
	if h := v.get("/dark").header; h.Get("Cache-Control") != "no-store" {
		t.Errorf("with Set-Cookie: %v", h)
	}
	if h := v.get("/read").header; h.Get("Cache-Control") != "private" || h.Get("Vary") != "Cookie" {
		t.Errorf("of a live session: %v", h)
	}
	if h := v.get("/own").header; h.Get("Cache-Control") != "public, max-age=60" || h.Get("Vary") != "Accept, Cookie" {
		t.Errorf("the handler's own: %v", h)
	}
}
