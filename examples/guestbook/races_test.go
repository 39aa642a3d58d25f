package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

var (
	asAnna = url.Values{"name": {"Anna"}}
	words  = url.Values{"name": {"Nobody"}, "text": {"Hello"}}
)

// What browsers say of a form that another site sends. None sends a Lax cookie with it, but each keeps what it gets back.
var foreignForms = map[string]header{
	"a browser of today":         {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "https://evil.example"},
	"one that knows Origin":      {"Origin": "https://evil.example"},
	"a page without an origin":   {"Origin": "null"},
	"one that tells nothing":     {},
	"a sibling site of the same": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.book.example"},
}

func TestAFormOfAnotherSiteLogsNobodyOut(t *testing.T) {
	layers := func(h ring.Handler) ring.Handler { return h }
	for method, path := range route.All(new(site).routes(layers)...) {
		for name, h := range foreignForms {
			t.Run(method+" "+path+" from "+name, func(t *testing.T) {
				v := open(t).visitor()
				v.login("Anna")
				form := url.Values{"name": {"Mallory"}, "text": {"Hello"}}
				without := *v
				without.jar = newJar(t)
				resp := v.answer(without.request("POST", path, form, h))
				v.take(resp)
				if len(h) > 0 && resp.StatusCode != http.StatusForbidden {
					t.Errorf("status %d; want 403", resp.StatusCode)
				}
				user := v.get("/browsers").user()
				// Who can't tell where a form comes from logs in whoever it says. Nobody is logged out all the same.
				if user != "Anna" && !(path == "/login" && len(h) == 0 && user == "Mallory") {
					t.Errorf("logged in as %q; want Anna", user)
				}
			})
		}
	}
}

func TestARefusedFormGetsAPage(t *testing.T) {
	v := open(t).visitor()
	p := v.read("/", v.answer(v.request("POST", "/", words, foreignForms["a browser of today"])))
	if p.status != http.StatusForbidden || !strings.Contains(p.text, "This came from another site") || p.header.Get("Content-Security-Policy") == "" {
		t.Errorf("status %d, page %s", p.status, p.text)
	}
}

// An anonymous write that is slow: it was sent before the log-in and is answered, or arrives, after it.
func TestAnAnonymousWriteDelayedPastALogIn(t *testing.T) {
	for _, begun := range []bool{false, true} { // whether the browser has an anonymous session before
		name := "first request"
		if begun {
			name = "with a session"
		}
		begin := func(t *testing.T) (*guestbook, *visitor) {
			g := open(t)
			v := g.visitor()
			if begun {
				v.get("/")
			}
			return g, v
		}
		t.Run(name+", sent before and handled after", func(t *testing.T) {
			_, v := begin(t)
			slow := v.request("POST", "/", words, navigation)
			v.login("Anna")
			v.take(v.answer(slow))
			v.mustBe("Anna")
		})
		t.Run(name+", handled before and arriving after", func(t *testing.T) {
			_, v := begin(t)
			slow := v.answer(v.request("POST", "/", words, navigation))
			v.login("Anna")
			v.take(slow)
			v.mustBe("Anna")
		})
		for _, loginFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, stored after, log-in arrives first: %t", name, loginFirst), func(t *testing.T) {
				g, v := begin(t)
				hold := g.store.holdSave()
				slow := make(chan *http.Response)
				r := v.request("POST", "/", words, navigation)
				go func() { slow <- v.answer(r) }()
				<-hold.reached
				login := v.answer(v.request("POST", "/login", asAnna, navigation))
				close(hold.release)
				arriving := []*http.Response{login, <-slow}
				if !loginFirst {
					slices.Reverse(arriving)
				}
				for _, resp := range arriving {
					v.take(resp)
				}
				v.mustBe("Anna")
			})
		}
	}
}

// Six requests of a new visitor at once, one of which logs in; their answers arrive in any rotation, both ways round.
func TestSixFirstRequestsOneOfWhichLogsIn(t *testing.T) {
	const n = 6
	for login := range n {
		for shift := range n {
			for _, backwards := range []bool{false, true} {
				t.Run(fmt.Sprintf("number %d logs in, number %d arrives first, backwards: %t", login, shift, backwards), func(t *testing.T) {
					v := open(t).visitor()
					var wg sync.WaitGroup
					answers := make([]*http.Response, n)
					for i := range n {
						r := v.request("GET", "/", nil, navigation)
						switch {
						case i == login:
							r = v.request("POST", "/login", asAnna, navigation)
						case i%2 == 1:
							r = v.request("POST", "/", words, navigation)
						}
						wg.Go(func() { answers[i] = v.answer(r) })
					}
					wg.Wait()
					answers = append(answers[shift:], answers[:shift]...)
					if backwards {
						slices.Reverse(answers)
					}
					for _, resp := range answers {
						v.take(resp)
					}
					v.mustBe("Anna")
				})
			}
		}
	}
}

func TestADoubleClickedLogIn(t *testing.T) {
	before := map[string]func(*visitor){
		"a new visitor": func(*visitor) {},
		"a stranger":    func(v *visitor) { v.get("/") },
		"Anna already":  func(v *visitor) { v.login("Anna") },
		"somebody else": func(v *visitor) { v.login("Bertha") },
	}
	for who, begin := range before {
		for _, together := range []bool{false, true} {
			for _, backwards := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, together: %t, backwards: %t", who, together, backwards), func(t *testing.T) {
					g := open(t)
					v := g.visitor()
					begin(v)
					first, second := v.request("POST", "/login", asAnna, navigation), v.request("POST", "/login", asAnna, navigation)
					var answers []*http.Response
					if together {
						hold := g.store.holdSave()
						slow := make(chan *http.Response)
						go func() { slow <- v.answer(first) }()
						<-hold.reached
						fast := v.answer(second)
						close(hold.release)
						answers = []*http.Response{<-slow, fast}
					} else {
						answers = []*http.Response{v.answer(first), v.answer(second)}
					}
					if backwards {
						slices.Reverse(answers)
					}
					for _, resp := range answers {
						if resp.StatusCode != http.StatusSeeOther {
							t.Errorf("status %d; want 303", resp.StatusCode)
						}
						v.take(resp)
					}
					v.mustBe("Anna")
				})
			}
		}
	}
}

// A log-out beats what is under way in other tabs.
func TestAVisitDelayedPastALogOutBringsNothingBack(t *testing.T) {
	for _, path := range []string{"/", "/browsers/others/logout"} {
		t.Run(path, func(t *testing.T) {
			g := open(t)
			v := g.visitor()
			v.login("Anna")
			hold := g.store.holdSave()
			slow := make(chan *http.Response)
			r := v.request("POST", path, words, navigation)
			go func() { slow <- v.answer(r) }()
			<-hold.reached
			v.take(v.answer(v.request("POST", "/logout", nil, navigation)))
			close(hold.release)
			v.take(<-slow)
			v.mustBe("")
		})
	}
}

func TestParallelVisitsAllCount(t *testing.T) {
	const n = 50
	v := open(t).visitor()
	v.get("/")
	numbers := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		r := v.request("GET", "/", nil, navigation)
		wg.Go(func() { numbers[i] = v.read("/", v.answer(r)).visits() })
	}
	wg.Wait()
	slices.Sort(numbers)
	if different := len(slices.Compact(numbers)); different != n {
		t.Errorf("%d different numbers; want %d", different, n)
	}
	if got := v.get("/").visits(); got != fmt.Sprint(n+2) {
		t.Errorf("then visit no. %s; want %d", got, n+2)
	}
}
