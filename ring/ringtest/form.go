package ringtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Form is a form on a page, filled in as far as it is. It is immutable: what fills it in gives another one. It can be
// sent more than once, as by a double click or from a page that the browser has left since.
type Form struct {
	ID, Action string // as in the HTML

	page   *Page
	markup markup
	button int // index of the control that sends it; -1: none
}

// Set fills in the fields of a name. A text or a hidden field takes any value; where several have the name, as many
// values are needed. Of checkboxes (whose value is "on" where the HTML gives none), radio buttons and the options of a
// select it checks those that have one of the values and no others, so no value at all unchecks; an option is also
// found by its text. A hidden field beside others of its name stays as it is. What nobody could do, such as filling in
// a field that isn't there or is disabled, ends the test.
func (f Form) Set(name string, values ...string) Form {
	f.page.browser.help()
	m, err := f.markup.set(name, values)
	if err != nil {
		f.fail(err)
	}
	f.markup = m
	return f
}

// Attach chooses a file for the field of a name, in addition to those chosen before if the field takes several. Its type
// is that of the extension.
func (f Form) Attach(name, fileName, content string) Form {
	f.page.browser.help()
	m, err := f.markup.attach(name, file{fileName, content})
	if err != nil {
		f.fail(err)
	}
	f.markup = m
	return f
}

// Press gives the form as it is sent by the button that has this text.
func (f Form) Press(button string) Form {
	f.page.browser.help()
	i, ok := f.markup.buttonWith(button)
	if !ok {
		f.fail(fmt.Errorf("it has no button %q", button))
	}
	f.button = i
	return f
}

// All returns the values that would be sent for a name.
func (f Form) All(name string) []string {
	var values []string
	for _, e := range f.markup.entries(f.button) {
		if e.name == name {
			values = append(values, e.value)
		}
	}
	return values
}

// Get returns the first value that would be sent for a name, or "".
func (f Form) Get(name string) string { return first(f.All(name)) }

// Names returns the names of the fields that would be sent, in order.
func (f Form) Names() []string {
	var names []string
	for _, e := range f.markup.entries(f.button) {
		if !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
	}
	return names
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// Submit sends the form and returns what it leads to.
func (f Form) Submit() *Page {
	f.page.browser.help()
	return f.page.browser.Do(f.Request())
}

// Request is what sending the form asks for: a navigation from its page.
func (f Form) Request() Request {
	f.page.browser.help()
	action, method, encoding := f.markup.how(f.button)
	target, err := url.Parse(f.target(action))
	if err != nil {
		f.fail(err)
	}
	r := Request{kind: navigated, method: http.MethodGet, page: &f.page.URL, byPerson: true}
	entries := f.markup.entries(f.button)
	switch method {
	case "dialog":
		f.fail(fmt.Errorf("its method is dialog, which sends nothing"))
	case "post":
		r.method = http.MethodPost
		r = r.WithBody(encode(encoding, entries))
	default:
		target.RawQuery, target.ForceQuery = encodeURL(entries), true
	}
	r.target = target.String()
	return r
}

// target is where the form goes: an empty action means the address of the page, whatever its base is.
func (f Form) target(action string) string {
	f.page.browser.help()
	if strings.TrimSpace(action) == "" {
		return withoutFragment(&f.page.URL).String()
	}
	return f.page.resolve(action)
}

// leadsTo reports whether the form is sent to a path, or path and query.
func (f Form) leadsTo(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	action := f.page.URL
	if a := strings.TrimSpace(f.Action); a != "" {
		u, err := f.page.base().Parse(a)
		if err != nil {
			return false
		}
		action = *u
	}
	return path == action.RequestURI() || path == action.EscapedPath()
}

func (f Form) fail(err error) {
	f.page.browser.help()
	f.page.browser.fatalf("%s: the form %s: %v", f.page, f.markup.title(), err)
}
