package session

import (
	"strings"
	"testing"
)

func TestGetOrReturnsTheDefaultIfThereIsNoValue(t *testing.T) {
	const (
		name  Key[string]   = "name"
		size  Key[int]      = "size"
		tags  Key[[]string] = "tags"
		token Bound[string] = "token"
	)
	var none Session
	if got := name.GetOr(none, "light") + token.GetOr(none, "new"); got != "lightnew" {
		t.Errorf("without a value: %q", got)
	}
	if got := strings.Join(tags.GetOr(none, []string{"a", "b"}), " "); got != "a b" {
		t.Errorf("without a list: %q", got)
	}
	s := token.Set(size.Set(name.Set(none, ""), 0), "old")
	if name.GetOr(s, "light") != "" || size.GetOr(s, 7) != 0 || token.GetOr(s, "new") != "old" {
		t.Error("a value that is there, be it zero, gives way to the default")
	}
	for what, s := range map[string]Session{"another type": Key[int]("name").Set(none, 1), "another kind": Bound[string]("name").Set(none, "x")} {
		if got := name.GetOr(s, "light"); got != "light" {
			t.Errorf("a value of %s: %q; want the default", what, got)
		}
	}
}
