package ringtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/signet-go/signet/ring"
)

// A Page is a response as the browser has it, after all redirects. It must not be changed.
type Page struct {
	Method  string  // of the last request
	URL     url.URL // of the last request
	Status  int     // 0: nothing arrived
	Header  ring.Header
	Body    string
	Err     error   // not nil: the connection broke off, or the redirects led nowhere
	Hops    []*Page // the redirects before it, the first first
	Refused []error // why the browser has not kept a Set-Cookie of this response; the hops have their own

	browser *Browser
	made    Request          // once more
	find    func() *findings // reads the HTML, once
}

// String is for error messages: what was asked, and what came.
func (p *Page) String() string {
	var b strings.Builder
	for _, hop := range append(p.Hops[:len(p.Hops):len(p.Hops)], p) {
		if b.Len() > 0 {
			b.WriteString(" → ")
		}
		fmt.Fprintf(&b, "%s %s %d", hop.Method, hop.URL.RequestURI(), hop.Status)
	}
	if p.Err != nil {
		fmt.Fprintf(&b, " (%v)", p.Err)
	}
	if p.Body != "" {
		fmt.Fprintf(&b, " %.300q", p.Body)
	}
	return b.String()
}

// Cookie returns the cookie of a name that this response or a hop before it set last, as it was sent, kept or not.
func (p *Page) Cookie(name string) (http.Cookie, bool) {
	for _, page := range append([]*Page{p}, backwards(p.Hops)...) {
		set := (&http.Response{Header: page.Header.HTTP()}).Cookies()
		for _, c := range backwards(set) {
			if c.Name == name {
				return *c, true
			}
		}
	}
	return http.Cookie{}, false
}

func backwards[T any](list []T) []T {
	var back []T
	for i := len(list) - 1; i >= 0; i-- {
		back = append(back, list[i])
	}
	return back
}

// Text is what a person reads on an HTML page, every stretch of white space being one blank. Fields of forms
// are not in it.
func (p *Page) Text() string { return p.find().text }

// Title is the title of an HTML page.
func (p *Page) Title() string { return p.find().title }

// base is what the addresses on the page are relative to.
func (p *Page) base() *url.URL {
	if u, err := p.URL.Parse(p.find().base); err == nil {
		return u
	}
	return &p.URL
}

// Link is the navigation by the link that has this text. If there is none, or several that lead to different places, it
// ends the test.
func (p *Page) Link(text string) Request {
	p.browser.help()
	l, err := p.find().link(text)
	if err != nil {
		p.browser.fatalf("%s: %v", p, err)
	}
	return p.follow(l)
}

func (p *Page) follow(l link) Request {
	r := Follow(p.resolve(l.href))
	r.page = &p.URL
	return r
}

// resolve makes an address on the page a full one.
func (p *Page) resolve(address string) string {
	p.browser.help()
	u, err := withoutFragment(p.base()).Parse(strings.TrimSpace(address)) // which "" would keep
	if err != nil {
		p.browser.fatalf("%s: %v", p, err)
	}
	return u.String()
}

// Form finds a form: by its id, its name or its action, as written or as a path, or by the text of a button that sends
// it. "" is the only form of the page. Found by a button, it is sent by that one, else by its first. If there is no such
// form, or more than one, it ends the test.
func (p *Page) Form(which string) Form {
	p.browser.help()
	f, err := p.form(which)
	if err != nil {
		p.browser.fatalf("%s: %v", p, err)
	}
	return f
}

// Forms returns all forms of the page, in order.
func (p *Page) Forms() []Form {
	var forms []Form
	for _, f := range p.find().forms {
		forms = append(forms, Form{ID: f.id, Action: f.action, page: p, markup: f, button: f.defaultButton()})
	}
	return forms
}

func (p *Page) form(which string) (Form, error) {
	var found []Form
	for _, f := range p.Forms() {
		if which == "" || which == f.markup.id || which == f.markup.name || which == f.Action || f.leadsTo(which) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return p.formWithButton(which)
	case 1:
		return found[0], nil
	}
	return Form{}, fmt.Errorf("there are %d forms %q", len(found), which)
}

func (p *Page) formWithButton(text string) (Form, error) {
	var found []Form
	for _, f := range p.Forms() {
		if i, ok := f.markup.buttonWith(text); ok {
			f.button = i
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return Form{}, fmt.Errorf("there is no form %q, and none with such a button", text)
	case 1:
		return found[0], nil
	}
	return Form{}, fmt.Errorf("there are %d forms with a button %q", len(found), text)
}
