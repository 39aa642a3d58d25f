package flash_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
)

func TestResponsesThatSendMessagesCompare(t *testing.T) {
	const (
		saved flash.Key[string] = "saved"
		other flash.Key[string] = "other"
	)
	makings := func() map[string]ring.Response {
		with := func(changes ...ring.Change) ring.Response { return ring.Redirect("/").With(changes...) }
		return map[string]ring.Response{
			"nothing": with(), "a": with(saved.Put("a")), "b": with(saved.Put("b")), "other key": with(other.Put("a")),
			"both": with(saved.Put("a"), saved.Put("b")), "other order": with(saved.Put("b"), saved.Put("a")),
		}
	}
	again := makings()
	for a, x := range makings() {
		for b, y := range again {
			if diff := cmp.Diff(x, y); (diff == "") != (a == b) || (x.String() == y.String()) != (a == b) {
				t.Errorf("%s and %s: the difference is %q", a, b, diff)
			}
		}
	}
	if text := again["both"].String(); !strings.Contains(text, "flash message: saved = \"a\"\nflash message: saved = \"b\"\n") {
		t.Errorf("a response that sends two messages reads\n%s", text)
	}
}

func TestRequestsThatMessagesCameForCompare(t *testing.T) {
	const saved flash.Key[string] = "saved"
	req := ring.NewRequest("GET", "/", nil)
	if diff := cmp.Diff(saved.Now(req, "a"), saved.Now(req, "a")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(saved.Now(req, "a"), saved.Now(req, "b")); !strings.Contains(diff, `saved = \"b\"`) {
		t.Errorf("the difference is\n%s", diff)
	}
}
