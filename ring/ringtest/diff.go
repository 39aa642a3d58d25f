package ringtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Diff returns how got differs from want, or "" if they are equal. It is for the failures of tests:
//
//	want := ring.Redirect("/").With(theme.Put("dark"), notice.Put("Saved."))
//	if diff := ringtest.Diff(want, save(req)); diff != "" {
//		t.Error(diff)
//	}
//
// What only want has begins with "- ", what only got has with "+ ". A response is shown as its status, error, header
// fields, lines of the body, and what it says about sessions and messages: a line for each, one for each key of a
// session. A session is shown with a line for each key. Any other value is shown as [cmp.Diff] does. [ring.Response.Equal]
// says when two responses are equal.
//
// A difference never has a token of a session: the values of cookies, and of header fields that may open something, are
// shown up to 31 bytes, and longer ones as a fingerprint.
func Diff[T any](want, got T) string {
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	if cmp.Equal(want, got, all) {
		return ""
	}
	wantText, ok := text(want)
	gotText, also := text(got)
	if !ok || !also {
		return cmp.Diff(want, got, all)
	}
	wantLines, gotLines := byBeginning(wantText), byBeginning(gotText)
	var r report
	for _, b := range beginnings(wantText + "\n" + gotText) {
		cmp.Equal(append([]string{}, wantLines[b]...), append([]string{}, gotLines[b]...), cmp.Reporter(&r)) // none of them nil
	}
	if r.b.Len() == 0 {
		return "they differ in something that is not shown\n"
	}
	return r.b.String()
}

// byBeginning returns the lines of a text by what is before their first colon, so that a status is compared with a status.
func byBeginning(text string) map[string][]string {
	lines := map[string][]string{}
	for line := range strings.SplitSeq(text, "\n") {
		lines[beginning(line)] = append(lines[beginning(line)], line)
	}
	return lines
}

func beginning(line string) string {
	before, _, _ := strings.Cut(line, ":")
	return before
}

// beginnings returns what the lines begin with, each once.
func beginnings(text string) (all []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if !slices.Contains(all, beginning(line)) {
			all = append(all, beginning(line))
		}
	}
	return all
}

// text returns a value as text of several lines, if it knows how it is shown.
func text(v any) (string, bool) {
	s, ok := v.(fmt.Stringer)
	if !ok {
		return "", false
	}
	t := strings.TrimSuffix(s.String(), "\n")
	var b bytes.Buffer
	if strings.HasPrefix(t, "{") && json.Indent(&b, []byte(t), "", "  ") == nil {
		return strings.ReplaceAll(b.String(), ",\n", "\n"), true // else the line before one that was added differs too
	}
	return t, true
}

// A report collects the lines that differ.
type report struct {
	path cmp.Path
	b    strings.Builder
}

// PushStep is called by cmp, with a step down to what is compared next.
func (r *report) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }

// PopStep is called by cmp.
func (r *report) PopStep() { r.path = r.path[:len(r.path)-1] }

// Report is called by cmp, with the result at the end of the path.
func (r *report) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	want, got := r.path.Last().Values()
	if want.IsValid() {
		fmt.Fprintf(&r.b, "- %s\n", want)
	}
	if got.IsValid() {
		fmt.Fprintf(&r.b, "+ %s\n", got)
	}
}
