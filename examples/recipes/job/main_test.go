package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

// A program is the site with one worker, which waits before each step until a test lets it go on.
type program struct {
	t             *testing.T
	app           http.Handler
	site          *site
	reached, next chan struct{}
	ended         chan struct{}
}

func open(t *testing.T) *program {
	p := &program{t: t, reached: make(chan struct{}), next: make(chan struct{}), ended: make(chan struct{})}
	store := memory.New()
	p.site = newSite(store, func() { p.reached <- struct{}{}; <-p.next })
	p.app = p.site.app(store)
	go func() {
		defer close(p.ended)
		p.site.work(t.Context())
	}()
	return p
}

func (p *program) user(name string) *ringtest.Browser {
	b := ringtest.New(p.t, p.app)
	b.Get("/")
	b.Submit("Log in", "name", name)
	return b
}

// finish lets the worker do all that is left, and waits for its end.
func (p *program) finish() {
	close(p.site.queue)
	for {
		select {
		case <-p.reached:
			p.next <- struct{}{}
		case <-p.ended:
			return
		}
	}
}

func (p *program) want(b *ringtest.Browser, text string) {
	p.t.Helper()
	if got := b.Get("/").Text(); !strings.Contains(got, text) {
		p.t.Errorf("the page says %q; want %q", got, text)
	}
}

func (p *program) wantNot(b *ringtest.Browser, text string) {
	p.t.Helper()
	if got := b.Get("/").Text(); strings.Contains(got, text) {
		p.t.Errorf("the page says %q; want no %q", got, text)
	}
}

func TestThePageShowsHowFarAJobIs(t *testing.T) {
	p := open(t)
	ann, phone, bob := p.user("ann"), p.user("ann"), p.user("bob")
	ann.Click("Make a report")
	<-p.reached
	p.want(ann, "1 of 5")
	p.next <- struct{}{}
	<-p.reached // so the first step has been written
	p.want(ann, "2 of 5")
	p.wantNot(phone, "of 5")
	p.next <- struct{}{}
	p.finish()
	p.want(ann, "5 of 5")
	for _, b := range []*ringtest.Browser{ann, phone} {
		b.Get("/")
		if got := b.Click("Read the report").Body; got != "A report for ann" {
			t.Errorf("%q", got)
		}
		p.wantNot(b, "report for")
		p.wantNot(b, "of 5")
	}
	p.wantNot(bob, "Read")
}

func TestAReportIsItsOwners(t *testing.T) {
	p := open(t)
	ann, bob := p.user("ann"), p.user("bob")
	ann.Click("Make a report")
	p.finish()
	ann.Get("/")
	address := ann.Click("Read the report").URL.Path
	if page := bob.Get(address); page.Status != http.StatusNotFound {
		t.Errorf("%v", page)
	}
}

func TestAJobGoesOnAfterTheLogOut(t *testing.T) {
	p := open(t)
	ann, phone := p.user("ann"), p.user("ann")
	ann.Click("Make a report")
	<-p.reached
	ann.Get("/")
	ann.Click("Log out")
	p.next <- struct{}{}
	p.finish()
	p.wantNot(ann, "ann")
	p.want(phone, "Read the report")
}

func TestTheQueueIsBounded(t *testing.T) {
	p := open(t)
	ann := p.user("ann")
	ann.Click("Make a report")
	<-p.reached // it is out of the queue
	for range cap(p.site.queue) {
		p.site.queue <- job{}
	}
	if page := ann.Click("Make a report"); !strings.Contains(page.Text(), "too many reports") {
		t.Errorf("%v", page)
	}
	for range cap(p.site.queue) {
		<-p.site.queue
	}
	p.next <- struct{}{}
	p.finish()
}

func TestAStrangerBeginsNoJob(t *testing.T) {
	p := open(t)
	b := ringtest.New(t, p.app)
	if page := b.Post("/reports"); !strings.Contains(page.Text(), "Please log in.") {
		t.Errorf("%v", page)
	}
	p.finish()
}
