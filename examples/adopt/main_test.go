package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A browser keeps cookies.
type browser struct {
	app     http.Handler
	mu      sync.Mutex
	cookies map[string]string
}

func open(app http.Handler) *browser { return &browser{app: app, cookies: map[string]string{}} }

// do sends a request with the cookies of now, and keeps those of the answer. It follows no redirect.
func (b *browser) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	b.mu.Lock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.app.ServeHTTP(w, r)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) home() string { return b.do("GET", "/", nil).Body.String() }

func (b *browser) post(t *testing.T, path, field, value string) {
	t.Helper()
	if w := b.do("POST", path, url.Values{field: {value}}); w.Code != http.StatusSeeOther {
		t.Errorf("POST %s: %d %s", path, w.Code, w.Body)
	}
}

func TestTheShopDoesTheSameAfterEachStep(t *testing.T) {
	for step := range 4 {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			b := open(shop(step, func() {}))
			wantHome(t, b, `user "", theme "", 0 in the cart. `)
			b.post(t, "/theme", "theme", "dark")
			wantHome(t, b, `user "", theme "dark", 0 in the cart. `)
			if w := b.do("POST", "/cart", url.Values{"goods": {"tea"}}); w.Code != http.StatusForbidden {
				t.Errorf("a cart without a user: %d", w.Code)
			}
			b.post(t, "/login", "user", "ann")
			wantHome(t, b, `user "ann", theme "dark", 0 in the cart. Welcome back.`)
			wantHome(t, b, `user "ann", theme "dark", 0 in the cart. `)
			b.post(t, "/cart", "goods", "tea")
			b.post(t, "/cart", "goods", "cups")
			b.home()
			wantHome(t, b, `user "ann", theme "dark", 2 in the cart. `)
			b.post(t, "/logout", "", "")
			wantHome(t, b, `user "", theme "", 0 in the cart. `)
		})
	}
}

func wantHome(t *testing.T, b *browser, want string) {
	t.Helper()
	if got := b.home(); got != want {
		t.Errorf("home: %s; want %s", got, want)
	}
}

// Ten things go into the cart, slowly, while the user logs out in another tab.
func TestALogOutBesideTenSlowRequestsIsFinalSinceTheSecondStep(t *testing.T) {
	for step := range 4 {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			begun, goOn := make(chan struct{}), make(chan struct{})
			b := open(shop(step, func() { begun <- struct{}{}; <-goOn }))
			b.post(t, "/login", "user", "ann")
			b.home()
			var slow sync.WaitGroup
			for range 10 {
				slow.Go(func() { b.do("POST", "/cart", url.Values{"goods": {"tea"}}) })
				<-begun
			}
			b.post(t, "/logout", "", "")
			close(goOn)
			slow.Wait()
			loggedIn := strings.Contains(b.home(), "ann")
			if usesSCS := step < 2; loggedIn != usesSCS {
				t.Errorf("after the log-out the user is logged in: %v", loggedIn)
			}
		})
	}
}

// Ten things go into the cart at once.
func TestNothingOfTenParallelRequestsIsLostSinceTheSecondStep(t *testing.T) {
	for step := range 4 {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			begun, goOn := make(chan struct{}), make(chan struct{})
			b := open(shop(step, func() { begun <- struct{}{}; <-goOn }))
			b.post(t, "/login", "user", "ann")
			b.home()
			var slow sync.WaitGroup
			for range 10 {
				slow.Go(func() { b.do("POST", "/cart", url.Values{"goods": {"tea"}}) })
				<-begun
			}
			close(goOn)
			slow.Wait()
			all := strings.Contains(b.home(), "10 in the cart")
			if usesSCS := step < 2; all == usesSCS {
				t.Errorf("%s; all ten: %v", b.home(), all)
			}
		})
	}
}
