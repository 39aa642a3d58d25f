package ringtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// A Pending is a request whose response has not arrived yet. The handler runs, and may be done; but the browser has
// neither stored a cookie nor shown anything. So a test can start parallel requests and let their responses arrive in
// the order that it wants to see:
//
//	login := b.Start(ringtest.Post("/login", "name", "Ann"))
//	visit := b.Tab().Start(ringtest.Get("/"))
//	login.Arrive()
//	visit.Arrive()
type Pending struct {
	b      *Browser
	flight flight
	to     *recorder
	cancel context.CancelFunc
	done   chan struct{} // closed when the handler has returned

	once sync.Once
	page *Page    // once it has arrived, unless it leads on
	next *Pending // once it has arrived and leads on
}

// ErrBrokeOff is the Err of a page whose connection was closed before the whole response had been sent.
var ErrBrokeOff = errors.New("ringtest: the response broke off")

// ErrTooManyRedirects is the Err of a page that is one of more than twenty redirects in a row.
var ErrTooManyRedirects = errors.New("ringtest: too many redirects")

// Start sends a request with the cookies of now and returns while the handler runs, on a goroutine of its own.
func (b *Browser) Start(r Request) *Pending {
	b.help()
	return b.launch(b.prepare(r))
}

func (b *Browser) launch(f flight) *Pending {
	b.help()
	h, ok := b.sites[originOf(f.url)]
	if !ok || h == nil {
		b.fatalf("nobody answers at %s", originOf(f.url))
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pending{b: b, flight: f, to: newRecorder(f.method), cancel: cancel, done: make(chan struct{})}
	go p.serve(h, b.request(ctx, f))
	return p
}

// serve calls the handler as a server does: a panic is no reason to stop others.
func (p *Pending) serve(h http.Handler, r *http.Request) {
	defer close(p.done)
	defer p.cancel()
	returned := false
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			p.to.breakOff(fmt.Errorf("%w: the handler panicked: %v\n%s", ErrBrokeOff, v, debug.Stack()))
		} else if !returned {
			p.to.breakOff(ErrBrokeOff)
		}
	}()
	h.ServeHTTP(p.to, r)
	returned = true
	p.to.finish()
}

// Wait waits until the handler has returned. The response has still not arrived.
func (p *Pending) Wait() { <-p.done }

// Received is what the handler has sent of the body up to now, for a response that does not end.
func (p *Pending) Received() string { return p.to.received() }

// Cancel is a browser that leaves: the context of the request ends, and nothing that the handler writes from now on
// arrives. It waits until the handler has returned.
func (p *Pending) Cancel() {
	p.to.leave()
	p.cancel()
	<-p.done
}

// Arrive waits for the handler and lets the browser have the response: it stores the cookies, follows redirects
// and, if the request is a navigation, shows the page, which it returns. A redirect to an origin that no handler is given
// for is returned itself. A response arrives once; called again, Arrive returns the same page.
func (p *Pending) Arrive() *Page {
	p.b.help()
	for {
		next := p.Step()
		if next == nil {
			return p.page
		}
		p = next
	}
}

// Step is Arrive for one response: where it is a redirect that the browser follows, the cookies are stored and the
// request that it leads to is started and returned; else the page is there, as with Arrive, and the result is nil.
func (p *Pending) Step() *Pending {
	p.b.help()
	<-p.done
	p.once.Do(p.arrive)
	return p.next
}

func (p *Pending) arrive() {
	page := p.stored()
	f, more, err := p.flight.redirected(page)
	switch {
	case err != nil:
		page.Err = err
	case more && len(f.hops) > maxRedirects:
		page.Err = ErrTooManyRedirects
	case more && p.b.sites[originOf(f.url)] != nil:
		p.next = p.b.launch(f)
		return
	}
	p.page = page
	if p.flight.kind.shown {
		p.b.show(page)
	}
}

// stored stores the cookies of the response and makes a page of it.
func (p *Pending) stored() *Page {
	f := p.flight
	page := &Page{Method: f.method, URL: *f.url, Hops: f.hops, browser: p.b, made: f.again()}
	p.to.into(page)
	page.find = sync.OnceValue(func() *findings { return find(page.Body) })
	if page.Err != nil && page.Err != errGone {
		p.b.log("%s %s: %v", f.method, f.url, page.Err)
	}
	for field := range page.Header.All("Set-Cookie") {
		if err := p.b.jar.take(p.b.now(), field, f.url, f.reach()); err != nil {
			err = fmt.Errorf("ringtest: the browser refuses the cookie %q: %w", field, err)
			page.Refused = append(page.Refused, err)
			p.b.log("%s %s: %v", f.method, f.url, err)
		}
	}
	return page
}

// request is what the handler gets.
func (b *Browser) request(ctx context.Context, f flight) *http.Request {
	r := (&http.Request{
		Method: f.method, URL: withoutFragment(f.url), Host: f.url.Host, RemoteAddr: "192.0.2.1:1234", Header: b.fields(f),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, TLS: encrypted(f.url.Scheme),
	}).WithContext(ctx)
	r.URL.Scheme, r.URL.Host = "", ""
	r.RequestURI = r.URL.RequestURI()
	if f.body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(f.body)), int64(len(f.body))
	}
	cookies := slices.DeleteFunc([]string{b.jar.header(b.now(), f.url, f.reach()), r.Header.Get("Cookie")},
		func(s string) bool { return s == "" })
	if len(cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return r
}
