package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName = 40  // characters
	maxText = 500 // characters
)

// A Field is one field of a form: what was typed, and what is wrong with it, if anything.
type Field struct {
	Value   string
	Problem string
}

// nameField checks a name. Blanks around and between are not part of it.
func nameField(typed string) Field {
	return field(typed, strings.Join(strings.Fields(typed), " "), "Please give a name.", maxName)
}

// textField checks the text of an entry. Browsers send lines that end in CR LF.
func textField(typed string) Field {
	return field(typed, strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n")), "Please write something.", maxText)
}

func field(typed, clean, missing string, most int) Field {
	if !utf8.ValidString(typed) {
		return Field{strings.ToValidUTF8(typed, "\uFFFD"), "This contains characters that are not text."}
	}
	n := utf8.RuneCountInString(clean)
	switch {
	case !strings.ContainsFunc(clean, isVisible):
		return Field{clean, missing}
	case strings.ContainsFunc(clean, isControl):
		return Field{strings.Map(withoutControl, clean), "This contained control characters. They are taken out now; please look again."}
	case n > most:
		return Field{clean, fmt.Sprintf("At most %d characters, please. These are %d.", most, n)}
	}
	return Field{Value: clean}
}

// isVisible leaves out what takes no ink, which would make a name that can't be seen.
func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) }

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func withoutControl(r rune) rune {
	if isControl(r) {
		return -1
	}
	return r
}
