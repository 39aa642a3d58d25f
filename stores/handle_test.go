package stores

import (
	"strings"
	"testing"
)

func TestAHandleComesBack(t *testing.T) {
	h := Handle{1, 2, 3, 255}
	if got, err := ParseHandle(h.String()); err != nil || got != h {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "short", strings.Repeat("=", 24), strings.Repeat("A", 25)} {
		if _, err := ParseHandle(bad); err == nil {
			t.Errorf("%q is a handle", bad)
		}
	}
}
