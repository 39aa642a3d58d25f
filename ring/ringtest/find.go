package ringtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Findings are what a browser sees in the HTML of a page.
type findings struct {
	base, title, text string
	forms             []markup
	links             []link
}

type link struct{ text, href string }

// link finds a link by its text.
func (f *findings) link(text string) (link, error) {
	var found []link
	for _, l := range f.links {
		if l.text == text && (len(found) == 0 || l.href != found[0].href) {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 0:
		return link{}, fmt.Errorf("there is no link %q", text)
	case 1:
		return found[0], nil
	}
	return link{}, fmt.Errorf("there are links %q to %s and %s", text, found[0].href, found[1].href)
}

// find reads HTML.
func find(s string) *findings {
	f := &finder{open: -1}
	z := tokenizer{rest: s}
	for t, ok := z.next(); ok; t, ok = z.next() {
		f.take(t)
	}
	return f.done()
}

// A finder goes through the tokens of a page. What it is inside of, it keeps as indexes or counts: tags may stand in any
// order, and be missing.
type finder struct {
	findings
	words    written
	controls []control
	owners   []int // form of each control; -1: none
	open     int   // form; -1: none
	inert    int   // depth of <template>
	disabled []bool
	anchor   *label // <a>
	button   *label // <button>
	choice   *int   // <select>: index of the control
	option   *label // <option>
	skip     string // element whose text nobody sees
}

// A label is an element whose text is wanted.
type label struct {
	written
	known string // aria-label, which comes before the text
	use   func(text string)
}

func (l *label) end() {
	if l != nil {
		l.use(cmp.Or(squeeze(l.known), squeeze(l.String())))
	}
}

// written is a text that grows.
type written struct{ strings.Builder }

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func (f *finder) take(t token) {
	switch {
	case t.tag == "template":
		f.inert = max(0, f.inert+depth(t))
	case f.inert > 0:
	case t.tag == "":
		f.write(t.text)
	case t.end:
		f.end(t.tag)
	default:
		f.begin(t)
	}
}

func depth(t token) int {
	if t.end {
		return -1
	}
	return 1
}

// write adds to every text that is being collected.
func (f *finder) write(s string) {
	switch f.skip {
	case "title":
		f.title += s
	case "textarea":
		f.controls[len(f.controls)-1].value += s
	}
	if f.skip != "" {
		return
	}
	if f.option != nil {
		f.option.WriteString(s)
		return
	}
	if f.choice != nil {
		return
	}
	for _, l := range []*label{f.anchor, f.button} {
		if l != nil {
			l.WriteString(s)
		}
	}
	f.words.WriteString(s)
}

func (f *finder) begin(t token) {
	if !isInline(t.tag) {
		f.write(" ")
	}
	switch t.tag {
	case "base":
		f.base = cmp.Or(f.base, t.attributes["href"])
	case "title", "script", "style", "iframe", "noembed", "noframes":
		f.skip = t.tag
	case "form":
		f.beginForm(t)
	case "fieldset":
		f.disabled = append(f.disabled, t.has("disabled"))
	case "a":
		f.beginLink(t)
	case "img":
		f.write(t.attributes["alt"])
	case "input", "button", "select", "textarea":
		f.beginControl(t)
	case "optgroup", "option":
		f.beginOption(t)
	}
}

func (f *finder) end(tag string) {
	switch tag {
	case "form":
		f.open = -1
	case "fieldset":
		f.disabled = f.disabled[:max(0, len(f.disabled)-1)]
	case "a":
		f.anchor.end()
		f.anchor = nil
	case "button":
		f.button.end()
		f.button = nil
	case "option", "optgroup":
		f.endOption()
	case "select":
		f.endOption()
		f.choice = nil
	}
	if tag == f.skip {
		f.skip = ""
	}
	if !isInline(tag) {
		f.write(" ")
	}
}

func (f *finder) beginForm(t token) {
	if f.open >= 0 {
		return // a form inside of a form is none
	}
	f.open = len(f.forms)
	a := t.attributes
	f.forms = append(f.forms, markup{id: a["id"], name: a["name"], action: a["action"], method: a["method"], enctype: a["enctype"]})
}

func (f *finder) beginLink(t token) {
	f.anchor.end()
	f.anchor = nil
	if t.has("href") {
		href := t.attributes["href"]
		f.anchor = &label{known: t.attributes["aria-label"], use: func(text string) {
			f.links = append(f.links, link{text, href})
		}}
	}
}

func (f *finder) beginControl(t token) {
	a := t.attributes
	c := control{
		kind: t.tag, name: a["name"], value: a["value"], form: a["form"], multiple: t.has("multiple"),
		checked: t.has("checked"), disabled: t.has("disabled") || slices.Contains(f.disabled, true),
		method: a["formmethod"], enctype: a["formenctype"],
	}
	if action, ok := a["formaction"]; ok {
		c.action = &action
	}
	f.endOption()
	f.choice = nil // a select has no fields inside
	i := len(f.controls)
	switch t.tag {
	case "input":
		c = asInput(c, a)
	case "button":
		c.button = a["type"] == "" || !slices.Contains([]string{"button", "reset"}, strings.ToLower(a["type"]))
		c.kind = "button"
		c.label = squeeze(a["aria-label"])
		f.button.end()
		f.button = &label{known: a["aria-label"], use: func(text string) { f.controls[i].label = text }}
		if !c.button {
			c.name = "" // sends nothing
		}
	case "select":
		f.choice = &i
	case "textarea":
		c.value = ""
		f.skip = "textarea"
	}
	f.controls = append(f.controls, c)
	f.owners = append(f.owners, f.open)
}

func asInput(c control, a map[string]string) control {
	c.kind = strings.ToLower(a["type"])
	_, valued := a["value"]
	switch c.kind {
	case "submit", "image":
		c.button = true
		c.label = squeeze(cmp.Or(a["aria-label"], a["value"], a["alt"], "Submit"))
		if c.kind == "submit" && !valued {
			c.value = "Submit"
		}
	case "button", "reset":
		c.name = ""
	case "checkbox", "radio":
		if !valued {
			c.value = "on"
		}
	case "file":
		c.value = ""
	case "hidden":
	default:
		c.kind = "text"
		c.value = strings.NewReplacer("\n", "", "\r", "").Replace(c.value)
	}
	return c
}

func (f *finder) beginOption(t token) {
	f.endOption()
	if f.choice == nil || t.tag == "optgroup" {
		return
	}
	i, value := *f.choice, t.attributes["value"]
	o := option{selected: t.has("selected"), disabled: t.has("disabled")}
	f.option = &label{use: func(text string) {
		o.text, o.value = cmp.Or(t.attributes["label"], text), value
		if !t.has("value") {
			o.value = text
		}
		f.controls[i].options = append(f.controls[i].options, o)
	}}
}

func (f *finder) endOption() {
	f.option.end()
	f.option = nil
}

// done gives controls to forms, closes what is open and sees to it that a select has a choice.
func (f *finder) done() *findings {
	f.endOption()
	f.button.end()
	f.anchor.end()
	for i, c := range f.controls {
		owner := f.owners[i]
		if c.form != "" {
			owner = slices.IndexFunc(f.forms, func(m markup) bool { return m.id == c.form })
		}
		if owner >= 0 {
			f.forms[owner].add(c.settled())
		}
	}
	f.text = squeeze(f.words.String())
	f.title = squeeze(f.title)
	return &f.findings
}

// add adds a control. Of radio buttons that are checked the last one stays so.
func (m *markup) add(c control) {
	for i, before := range m.controls {
		if c.kind == "radio" && c.checked && before.kind == "radio" && before.name == c.name {
			m.controls[i].checked = false
		}
	}
	m.controls = append(m.controls, c)
}

// settled is a control as the page shows it before anybody has touched it.
func (c control) settled() control {
	switch {
	case c.kind == "textarea":
		c.value = strings.TrimPrefix(strings.TrimPrefix(c.value, "\r"), "\n")
	case c.kind == "select" && !c.multiple:
		last := -1
		for i := range c.options {
			if c.options[i].selected {
				last = i
			}
		}
		if last < 0 {
			last = slices.IndexFunc(c.options, func(o option) bool { return !o.disabled })
		}
		for i := range c.options {
			c.options[i].selected = i == last
		}
	}
	return c
}

// isInline reports whether an element stands in a line of text without a gap.
func isInline(tag string) bool {
	switch tag {
	case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "del", "kbd", "mark", "q", "s",
		"samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "label", "script", "style", "base":
		return true
	}
	return false
}
