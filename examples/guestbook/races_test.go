package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/route"
)

var (
	visiting  = ringtest.Get("/")
	signing   = ringtest.Post("/", "name", "Nobody", "text", "Hello")
	loggingIn = ringtest.Post("/login", "name", "Anna")
)

func TestAFormOfAnotherSiteLogsNobodyOut(t *testing.T) {
	for name, test := range map[string]struct {
		options []ringtest.Option
		from    string
		quiet   bool // tells nothing of where the form comes from
	}{
		"a browser of today":     {from: "https://evil.example"},
		"a sibling site":         {from: "https://other.example.com"},
		"without Sec-Fetch":      {from: "https://evil.example", options: []ringtest.Option{ringtest.Old}},
		"without Origin as well": {from: "https://evil.example", options: []ringtest.Option{ringtest.Old}, quiet: true},
	} {
		for method, path := range route.All(new(site).routes()...) {
			t.Run(fmt.Sprintf("%s, %s %s", name, method, path), func(t *testing.T) {
				b := open(t).user("Anna", test.options...)
				r := ringtest.Post(path, "name", "Mallory", "text", "Hello").From(test.from)
				if test.quiet {
					r = r.WithHeader("Origin", "")
				}
				p := b.Do(r)
				// A request without cookies and origin is anybody's; it just can't log in.
				if p.Status != http.StatusForbidden && (!test.quiet || path == "/login") {
					t.Errorf("%v; want 403", p)
				}
				mustBe(t, b, "Anna")
				if p := b.Get("/browsers"); p.URL.Path != "/browsers" {
					t.Errorf("%v; want the browsers", p)
				}
			})
		}
	}
}

func TestARefusedFormGetsAPage(t *testing.T) {
	p := open(t).visitor().CrossSite("/", "name", "Mallory", "text", "Hello")
	if p.Status != http.StatusForbidden || !strings.Contains(p.Text(), "This came from another site") || p.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%v, header %v", p, p.Header)
	}
	if len(p.Header.Get("Set-Cookie")) > 0 {
		t.Error("it sets a cookie")
	}
}

// An anonymous write that is slow: it was sent before the log-in, and is handled, stored or arrives after it.
func TestAnAnonymousWriteDelayedPastALogIn(t *testing.T) {
	for _, begun := range []bool{false, true} { // whether the browser has an anonymous session before
		begin := func(t *testing.T) (*guestbook, *ringtest.Browser) {
			g := open(t)
			b := g.visitor()
			if begun {
				b.Get("/")
			}
			return g, b
		}
		t.Run(fmt.Sprintf("session: %t, handled before and arriving after", begun), func(t *testing.T) {
			_, b := begin(t)
			slow := b.Start(signing)
			slow.Wait()
			b.Do(loggingIn)
			slow.Arrive()
			mustBe(t, b, "Anna")
		})
		for _, loginFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("session: %t, stored after, the log-in arrives first: %t", begun, loginFirst), func(t *testing.T) {
				g, b := begin(t)
				hold := g.store.holdSave()
				slow := b.Start(signing)
				hold.wait(t)
				login := b.Start(loggingIn)
				login.Wait()
				hold.letGo()
				slow.Wait()
				arrive(!loginFirst, login, slow)
				mustBe(t, b, "Anna")
			})
		}
		t.Run(fmt.Sprintf("session: %t, handled after", begun), func(t *testing.T) {
			_, b := begin(t)
			late := b.Clone() // with the cookies from before
			b.Do(loggingIn)
			for set := range late.Do(signing).Hops[0].Header.All("Set-Cookie") {
				b.SetCookie(set)
			}
			mustBe(t, b, "Anna")
		})
	}
}

// arrive lets responses arrive in their order, or in the reverse.
func arrive(reverse bool, ps ...*ringtest.Pending) {
	if reverse {
		slices.Reverse(ps)
	}
	for _, p := range ps {
		p.Arrive()
	}
}

// Six requests of a new visitor at once, one of which logs in; any of them arrives first, both ways round.
func TestSixFirstRequestsOneOfWhichLogsIn(t *testing.T) {
	const n = 6
	for login := range n {
		for first := range n {
			for _, reverse := range []bool{false, true} {
				t.Run(fmt.Sprintf("number %d logs in, number %d arrives first, reverse: %t", login, first, reverse), func(t *testing.T) {
					b := open(t).visitor()
					var sent []*ringtest.Pending
					for i := range n {
						switch {
						case i == login:
							sent = append(sent, b.Start(loggingIn))
						case i%2 == 1:
							sent = append(sent, b.Tab().Start(signing))
						default:
							sent = append(sent, b.Tab().Start(visiting))
						}
					}
					for _, p := range sent {
						p.Wait()
					}
					arrive(reverse, append(sent[first:], sent[:first]...)...)
					mustBe(t, b, "Anna")
				})
			}
		}
	}
}

func TestADoubleClickedLogIn(t *testing.T) {
	for who, begin := range map[string]func(*guestbook) *ringtest.Browser{
		"a new visitor": func(g *guestbook) *ringtest.Browser { return g.visitor() },
		"a stranger":    func(g *guestbook) *ringtest.Browser { b := g.visitor(); b.Get("/"); return b },
		"Anna already":  func(g *guestbook) *ringtest.Browser { return g.user("Anna") },
		"somebody else": func(g *guestbook) *ringtest.Browser { return g.user("Bertha") },
	} {
		for _, together := range []bool{false, true} {
			for _, reverse := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, together: %t, reverse: %t", who, together, reverse), func(t *testing.T) {
					g := open(t)
					b := begin(g)
					var first, second *ringtest.Pending
					if together {
						hold := g.store.holdSave()
						first = b.Start(loggingIn)
						hold.wait(t)
						second = b.Start(loggingIn)
						second.Wait()
						hold.letGo()
						first.Wait()
					} else {
						first = b.Start(loggingIn)
						first.Wait()
						second = b.Start(loggingIn)
						second.Wait()
					}
					arrive(reverse, first, second)
					mustBe(t, b, "Anna")
				})
			}
		}
	}
}

// A log-out beats what is under way in other tabs.
func TestARequestDelayedPastALogOutBringsNothingBack(t *testing.T) {
	for name, r := range map[string]ringtest.Request{
		"a visit": visiting, "an entry": signing, "logging out the others": ringtest.Post("/browsers/others/logout"),
	} {
		for _, reverse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, reverse: %t", name, reverse), func(t *testing.T) {
				g := open(t)
				b := g.user("Anna")
				hold := g.store.holdSave()
				slow := b.Tab().Start(r)
				hold.wait(t)
				out := b.Start(ringtest.Post("/logout"))
				out.Wait()
				hold.letGo()
				slow.Wait()
				arrive(reverse, out, slow)
				mustBe(t, b, "")
			})
		}
	}
}

func TestParallelVisitsAllCount(t *testing.T) {
	const n = 50
	b := open(t).visitor()
	b.Get("/")
	var sent []*ringtest.Pending
	for range n {
		sent = append(sent, b.Tab().Start(visiting))
	}
	numbers := map[string]bool{}
	for _, p := range sent {
		numbers[see(p.Arrive(), visit)] = true
	}
	if len(numbers) != n {
		t.Errorf("%d different numbers; want %d", len(numbers), n)
	}
	if got := see(b.Get("/"), visit); got != fmt.Sprint(n+2) {
		t.Errorf("then visit no. %s; want %d", got, n+2)
	}
}
