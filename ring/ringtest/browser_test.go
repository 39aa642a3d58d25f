package ringtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-go/signet/ring"
)

var jarRoutes = routes{
	"/set":  sets("session=1", "lasting=1; Max-Age=3600", "__Host-safe=1; Secure; Path=/; HttpOnly; SameSite=Lax"),
	"/gone": sets("session=; Max-Age=0"),
	"/deep": sets("deep=1; Path=/folder", "wide=1; Domain=example.com"),
}.handler()

func TestTabsShareTheCookiesAndClonesDoNot(t *testing.T) {
	b := New(t, jarRoutes)
	b.Get("/set")
	tab, clone := b.Tab(), b.Clone()
	b.Get("/gone")
	if got := names(tab.Cookies()); got != "__Host-safe lasting" {
		t.Errorf("the tab has %q", got)
	}
	if got := names(clone.Cookies()); got != "__Host-safe lasting session" {
		t.Errorf("the clone has %q", got)
	}
	if tab.Page() != nil || clone.Page().URL.Path != "/set" || b.Page().URL.Path != "/gone" {
		t.Error("a tab shows the page of another")
	}
	clone.Get("/gone")
	if b.Page().URL.Path != "/gone" || clone.Reload().URL.Path != "/gone" {
		t.Error("the clone navigates for the browser")
	}
}

func TestARestartForgetsTheCookiesOfTheSession(t *testing.T) {
	b := New(t, jarRoutes)
	b.Get("/set")
	b.Restart()
	if got := names(b.Cookies()); got != "lasting" {
		t.Errorf("the jar has %q; want lasting", got)
	}
	if b.Page() != nil {
		t.Errorf("the tab shows %v", b.Page())
	}
}

func TestCookiesCanBeReadWithTheirAttributes(t *testing.T) {
	b := New(t, jarRoutes, Clock(func() time.Time { return noon }))
	b.Get("/set")
	b.Get("/deep")
	for name, want := range map[string]string{
		"session":     "session=1; Path=/",
		"lasting":     "lasting=1; Path=/; Expires=Tue, 01 Jan 2030 13:00:00 GMT",
		"__Host-safe": "__Host-safe=1; Path=/; HttpOnly; Secure; SameSite=Lax",
		"deep":        "deep=1; Path=/folder",
		"wide":        "wide=1; Path=/; Domain=example.com",
	} {
		if c, ok := b.Cookie(name); !ok || c.String() != want {
			t.Errorf("%s is %q, %v; want %q", name, c.String(), ok, want)
		}
	}
	if c, ok := b.Cookie("none"); ok {
		t.Errorf("there is a cookie %v", c)
	}
}

func TestACookieCanBePlanted(t *testing.T) {
	b := New(nil, ring.Handler(echo))
	b.SetCookie("__Host-session=forged; Secure; Path=/")
	wantBody(t, b.Get("/"), "GET /  [__Host-session=forged]")
	wantBody(t, b.Do(Get("/").WithHeader("Cookie", "more=1")), "GET /  [__Host-session=forged; more=1]")
	wantMistake(t, "Path=/", func() { b.SetCookie("__Host-session=forged; Secure; Path=/x") })
}

func TestTheClockOfTheTestEndsCookies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(t, jarRoutes)
		b.Get("/set")
		<-time.After(time.Hour - time.Second)
		wantBody(t, b.Get("/"), "GET /  [session=1; lasting=1; __Host-safe=1]")
		<-time.After(time.Second)
		wantBody(t, b.Get("/"), "GET /  [session=1; __Host-safe=1]")
	})
	now := noon
	b := New(t, jarRoutes, Clock(func() time.Time { return now }))
	b.Get("/set")
	now = now.Add(time.Hour)
	if _, ok := b.Cookie("lasting"); ok {
		t.Error("the cookie outlasts its Max-Age")
	}
}

func TestOnlyNavigationShowsAPage(t *testing.T) {
	b := New(t, ring.Handler(echo))
	home := b.Get("/home")
	b.Fetch("GET", "/poll")
	b.Image("/logo.png")
	b.Prefetch("/next")
	b.Do(Prerender("/next"))
	b.Do(Frame("/part"))
	if b.Page() != home {
		t.Errorf("the tab shows %v", b.Page())
	}
	b.Do(Follow("about"))
	if got := b.Page().URL.Path; got != "/about" {
		t.Errorf("the tab shows %s", got)
	}
}

func TestReloadRepeatsTheRequestOfThePage(t *testing.T) {
	visits := 0
	b := New(t, routes{
		"/save": redirect(ring.Redirect, "/done"),
		"/done": func(req ring.Request) ring.Response {
			visits++
			return ring.Text(fmt.Sprint(visits, " ", req.Method, " ", req.Header.Get("Sec-Fetch-Site"), " ", req.Header.Get("Cache-Control")))
		},
	}.handler())
	wantBody(t, b.Post("/save", "a", "b"), "1 GET same-origin ")
	wantBody(t, b.Reload(), "2 GET same-origin max-age=0")
	wantBody(t, b.Reload(), "3 GET same-origin max-age=0")
	b.Post("/form", "a", "b")
	wantBody(t, b.Reload(), "POST /form a=b []")
}

func TestABrowserMayBeUsedByMany(t *testing.T) {
	var n atomic.Int64
	b := New(t, ring.Handler(func(ring.Request) ring.Response {
		return ring.Text("x").With(ring.AddHeader("Set-Cookie", fmt.Sprintf("c%d=1", n.Add(1))))
	}))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { b.Get("/") })
		wg.Go(func() { b.Tab().Get("/") })
	}
	wg.Wait()
	if got := len(b.Cookies()); got != 40 {
		t.Errorf("%d cookies; want 40", got)
	}
}
