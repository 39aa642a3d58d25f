package ringtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A markup is a form as the HTML has it, and as it is filled in.
type markup struct {
	id, name, action, method, enctype string
	controls                          []control // in the order of the page
}

// A control is an input, select, textarea or button. Its kind is the type of an input, or "select", "textarea".
type control struct {
	kind, name, value string
	label             string // of a button
	button            bool   // sends the form
	checked           bool
	disabled          bool
	multiple          bool
	options           []option
	files             []file
	action            *string // of a button, where it says so
	method, enctype   string  // of a button, where it says so
	form              string  // id of the form that it belongs to, wherever it stands
}

type option struct {
	value, text        string
	selected, disabled bool
}

func (m markup) title() string {
	return fmt.Sprintf("%q", cmp.Or(m.id, m.name, m.action))
}

// defaultButton is the index of the button that the enter key presses, or -1.
func (m markup) defaultButton() int {
	return slices.IndexFunc(m.controls, func(c control) bool { return c.button && !c.disabled })
}

// buttonWith finds a button by its text.
func (m markup) buttonWith(text string) (int, bool) {
	i := slices.IndexFunc(m.controls, func(c control) bool { return c.button && !c.disabled && c.label == text })
	return i, i >= 0
}

// how is where and how the form goes by a button.
func (m markup) how(button int) (action, method, enctype string) {
	action, method, enctype = m.action, m.method, m.enctype
	if button >= 0 {
		b := m.controls[button]
		if b.action != nil {
			action = *b.action
		}
		method, enctype = cmp.Or(b.method, method), cmp.Or(b.enctype, enctype)
	}
	return action, strings.ToLower(method), strings.ToLower(enctype)
}

// named gives the indexes of the controls that a person or a script fills in under a name.
func (m markup) named(name string) ([]int, error) {
	var all, visible []int
	disabled := false
	for i, c := range m.controls {
		switch {
		case c.name != name || name == "" || c.button:
		case c.disabled:
			disabled = true
		default:
			all = append(all, i)
			if c.kind != "hidden" {
				visible = append(visible, i)
			}
		}
	}
	switch {
	case len(visible) > 0:
		return visible, nil
	case len(all) > 0:
		return all, nil
	case disabled:
		return nil, fmt.Errorf("its field %q is disabled", name)
	}
	return nil, fmt.Errorf("it has no field %q, only %q", name, m.names())
}

func (m markup) names() []string {
	var names []string
	for _, c := range m.controls {
		if c.name != "" && !c.button && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

func (m markup) set(name string, values []string) (markup, error) {
	which, err := m.named(name)
	if err != nil {
		return m, err
	}
	m.controls = slices.Clone(m.controls)
	rest := slices.Clone(values)
	radios := 0
	for _, i := range which {
		c := &m.controls[i]
		switch c.kind {
		case "file":
			return m, fmt.Errorf("its field %q is for a file", name)
		case "checkbox", "radio":
			at := slices.Index(rest, c.value)
			if c.checked = at >= 0; at >= 0 {
				rest = slices.Delete(rest, at, at+1)
			}
			if c.checked && c.kind == "radio" {
				radios++
			}
		case "select":
			if rest, err = c.choose(rest); err != nil {
				return m, err
			}
		default:
			if len(rest) == 0 {
				return m, fmt.Errorf("its field %q needs a value for each of its places", name)
			}
			c.value, rest = rest[0], rest[1:]
		}
	}
	switch {
	case len(rest) > 0:
		return m, fmt.Errorf("its field %q has no place for %q", name, rest)
	case radios > 1:
		return m, fmt.Errorf("its field %q is one of %q at most", name, values)
	}
	return m, nil
}

// choose selects the options that values name, and gives the values that name none.
func (c *control) choose(values []string) (rest []string, err error) {
	c.options = slices.Clone(c.options)
	chosen := map[int]bool{}
	for _, v := range values {
		i := c.option(v)
		if i < 0 || !c.multiple && len(chosen) > 0 {
			rest = append(rest, v)
			continue
		}
		chosen[i] = true
	}
	if len(chosen) == 0 && !c.multiple {
		return nil, fmt.Errorf("its field %q has no option of %q", c.name, values)
	}
	for i := range c.options {
		c.options[i].selected = chosen[i]
	}
	return rest, nil
}

// option finds one by value or else by text; -1 if there is none.
func (c *control) option(v string) int {
	i := slices.IndexFunc(c.options, func(o option) bool { return !o.disabled && o.value == v })
	if i < 0 {
		i = slices.IndexFunc(c.options, func(o option) bool { return !o.disabled && o.text == v })
	}
	return i
}

func (m markup) attach(name string, f file) (markup, error) {
	which, err := m.named(name)
	if err != nil {
		return m, err
	}
	c := m.controls[which[0]]
	if c.kind != "file" {
		return m, fmt.Errorf("its field %q is not for a file", name)
	}
	if !c.multiple {
		c.files = nil
	}
	c.files = append(slices.Clone(c.files), f)
	m.controls = slices.Clone(m.controls)
	m.controls[which[0]] = c
	return m, nil
}

// entries is what the form sends by a button.
func (m markup) entries(button int) []entry {
	var list []entry
	for i, c := range m.controls {
		switch {
		case c.disabled || c.button && i != button:
		case c.kind == "image":
			prefix := ""
			if c.name != "" {
				prefix = c.name + "."
			}
			list = append(list, entry{name: prefix + "x", value: "0"}, entry{name: prefix + "y", value: "0"})
		case c.name == "" || (c.kind == "checkbox" || c.kind == "radio") && !c.checked:
		case c.kind == "select":
			for _, o := range c.options {
				if o.selected && !o.disabled {
					list = append(list, entry{name: c.name, value: o.value})
				}
			}
		case c.kind == "file":
			list = append(list, c.uploads()...)
		default:
			list = append(list, entry{name: c.name, value: c.value})
		}
	}
	return list
}

// uploads are the files of a control; a browser sends one without name and content where none was chosen.
func (c control) uploads() []entry {
	if len(c.files) == 0 {
		return []entry{{name: c.name, file: &file{}}}
	}
	var list []entry
	for _, f := range c.files {
		list = append(list, entry{name: c.name, value: f.name, file: &f})
	}
	return list
}
