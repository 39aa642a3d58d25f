package funcs

import (
	"strings"
	"testing"
)

func declared(int) int { return 1 }

func other(int) int { return 1 }

func capturing(n int) func(int) int { return func(m int) int { return n + m } }

func TestAFunctionIsItselfAndNoOther(t *testing.T) {
	again := declared
	if Of(declared) != Of(again) {
		t.Error("a declared function is not itself")
	}
	if Of(declared) == Of(other) {
		t.Error("two declared functions are one")
	}
	f := capturing(1)
	g := f
	if Of(f) != Of(g) {
		t.Error("a copy of a closure is another function")
	}
	if h := capturing(2); Of(f) == Of(h) { // of the same code
		t.Error("two closures that captured different values are one function")
	}
	if Of((func())(nil)) != (ID{}) {
		t.Error("nil has an ID")
	}
}

func TestAFunctionIsNamed(t *testing.T) {
	if got := Of(declared).String(); !strings.Contains(got, "funcs.declared at 0x") {
		t.Errorf("declared is shown as %q", got)
	}
	if got := (ID{}).String(); got != "nil" {
		t.Errorf("nil is shown as %q", got)
	}
	if a, b := Of(capturing(1)).String(), Of(capturing(2)).String(); a == b {
		t.Errorf("two functions are shown alike: %q", a)
	}
}
