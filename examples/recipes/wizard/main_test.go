package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func open(t *testing.T) (*site, *ringtest.Browser) {
	s, b, _ := openTogether(t)
	return s, b
}

func openTogether(t *testing.T) (*site, *ringtest.Browser, *together) {
	s, store := &site{orders: map[string]Draft{}}, &together{Store: memory.New()}
	return s, ringtest.New(t, s.app(store)), store
}

// together is a store whose next requests all load a session before one of them changes it.
type together struct {
	stores.Store
	mu     sync.Mutex
	left   int
	loaded chan struct{}
}

func (s *together) next(requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.loaded = requests, make(chan struct{})
}

func (s *together) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	s.mu.Lock()
	if s.left == 0 {
		s.mu.Unlock()
		return rec, err
	}
	if s.left--; s.left == 0 {
		close(s.loaded)
	}
	loaded := s.loaded
	s.mu.Unlock()
	<-loaded
	return rec, err
}

// at makes requests at the same time.
func (s *together) at(b *ringtest.Browser, requests ...ringtest.Request) {
	s.next(len(requests))
	var all []*ringtest.Pending
	for _, r := range requests {
		all = append(all, b.Tab().Start(r))
	}
	for _, p := range all {
		p.Arrive()
	}
}

// order begins one and returns the path of its steps.
func order(b *ringtest.Browser) string {
	b.Get("/")
	return strings.TrimSuffix(b.Click("Order").URL.Path, "name")
}

func wantTitle(t *testing.T, p *ringtest.Page, title string) {
	t.Helper()
	if p.Title() != "Order: "+title {
		t.Errorf("%v; want the step %q", p, title)
	}
}

// wantOrders compares the orders that were placed, in any order.
func (s *site) wantOrders(t *testing.T, want ...Draft) {
	t.Helper()
	got := map[Draft]int{}
	for _, d := range s.orders {
		got[d]++
	}
	for _, d := range want {
		got[d]--
	}
	for d, n := range got {
		if n != 0 {
			t.Errorf("%+v: %+d", d, n)
		}
	}
}

func TestStepByStep(t *testing.T) {
	s, b := open(t)
	order(b)
	p := b.Submit("Next", "value", "  ")
	if wantTitle(t, p, "name"); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text(), "Please fill this in.") {
		t.Errorf("an empty name: %v", p)
	}
	wantTitle(t, b.Submit("Next", "value", "Ann"), "street")
	wantTitle(t, b.Submit("Next", "value", "Main Street 1"), "delivery")
	p = b.Submit("Next", "value", "post")
	if wantTitle(t, p, "check"); !strings.Contains(p.Text(), "Ann, Main Street 1, by post") {
		t.Errorf("%v", p)
	}
	s.wantOrders(t)
	b.Click("Send")
	s.wantOrders(t, Draft{"Ann", "Main Street 1", "post"})
	if p := b.Get("/"); strings.Contains(p.Text(), "Go on") {
		t.Errorf("%v; want no draft left", p)
	}
}

func TestTwoTabsFillInTwoOrders(t *testing.T) {
	s, b := open(t)
	other := b.Tab()
	order(b)
	order(other)
	for _, step := range [][2]string{{"Ann", "Bob"}, {"Main Street 1", "Side Street 2"}, {"post", "bike"}} {
		b.Submit("Next", "value", step[0])
		other.Submit("Next", "value", step[1])
	}
	b.Click("Send")
	other.Click("Send")
	s.wantOrders(t, Draft{"Ann", "Main Street 1", "post"}, Draft{"Bob", "Side Street 2", "bike"})
}

func TestStepsOfOneOrderThatTwoTabsSaveAtOnceBothSurvive(t *testing.T) {
	s, b, store := openTogether(t)
	path := order(b)
	store.at(b,
		ringtest.Post(path+"name", "value", "Ann"),
		ringtest.Post(path+"street", "value", "Main Street 1"),
		ringtest.Post(path+"delivery", "value", "post"),
	)
	b.Get(path + "check")
	b.Click("Send")
	s.wantOrders(t, Draft{"Ann", "Main Street 1", "post"})
}

func TestAStepIsNotSkipped(t *testing.T) {
	s, b := open(t)
	path := order(b)
	wantTitle(t, b.Get(path+"check"), "name")
	wantTitle(t, b.Post(path+"send"), "name")
	b.Submit("Next", "value", "Ann")
	wantTitle(t, b.Get(path+"delivery"), "street")
	s.wantOrders(t)
}

func TestTheBackButtonShowsWhatWasEntered(t *testing.T) {
	_, b := open(t)
	path := order(b)
	b.Submit("Next", "value", "Ann")
	b.Get(path + "name")
	if got := b.Form("Next").Get("value"); got != "Ann" {
		t.Errorf("the name is %q", got)
	}
}

// fillIn fills in an order up to its last page, and returns the path of its steps.
func fillIn(b *ringtest.Browser) string {
	path := order(b)
	for _, value := range []string{"Ann", "Main Street 1", "post"} {
		b.Submit("Next", "value", value)
	}
	return path
}

func TestADoubleClickPlacesOneOrder(t *testing.T) {
	s, b, store := openTogether(t)
	fillIn(b)
	send := b.Form("Send").Request()
	store.at(b, send, send)
	if p := b.Do(send); p.URL.Path != "/" {
		t.Errorf("a third time: %v", p)
	}
	s.wantOrders(t, Draft{"Ann", "Main Street 1", "post"})
}

func TestAnOrderThatWasSentIsNoDraftAgain(t *testing.T) {
	for range 20 { // whichever comes first
		s, b, store := openTogether(t)
		path := fillIn(b)
		store.at(b, b.Form("Send").Request(), ringtest.Post(path+"street", "value", "Side Street 2"))
		if p := b.Get("/"); strings.Contains(p.Text(), "Go on") {
			t.Fatalf("%v; want no draft", p)
		}
		s.wantOrders(t, Draft{"Ann", "Main Street 1", "post"})
	}
}

func TestADraftIsItsVisitorsOwn(t *testing.T) {
	app := (&site{orders: map[string]Draft{}}).app(memory.New())
	b, stranger := ringtest.New(t, app), ringtest.New(t, app)
	path := order(b)
	order(stranger)
	for _, r := range []ringtest.Request{ringtest.Get(path + "name"), ringtest.Post(path+"name", "value", "Eve"), ringtest.Get(path + "nonsense")} {
		if p := stranger.Do(r); p.Status != http.StatusNotFound {
			t.Errorf("%v", p)
		}
	}
	if p := b.Get(path + "nonsense"); p.Status != http.StatusNotFound {
		t.Errorf("%v", p)
	}
}
