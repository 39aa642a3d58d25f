package ring_test

import (
	"errors"
	"html/template"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
)

func TestRenderAnswersWithWhatIsWritten(t *testing.T) {
	resp := ring.Render(func(w io.Writer) error { _, err := io.WriteString(w, "<p>a"); return err })
	if diff := cmp.Diff(ring.Data("text/html; charset=utf-8", "<p>a"), resp); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ring.HTML(template.Must(template.New("").Parse("<p>{{.}}")), "a"), resp); diff != "" {
		t.Error(diff)
	}
}

func TestH3_APageThatFailsHalfwayIsAFailureAndNoHalfPage(t *testing.T) {
	cause := errors.New("no database")
	page := func(ring.Request) ring.Response {
		return ring.Render(func(w io.Writer) error {
			_, _ = io.WriteString(w, "HALF")
			return cause
		}).With(ring.AddHeader("Set-Cookie", "a=b"))
	}
	if resp := page(ring.Request{}); !errors.Is(resp.Err, cause) || resp.Status != http.StatusInternalServerError {
		t.Errorf("%v; want a failure of 500", resp)
	}
	w := get(ring.Handler(page), "/")
	if w.Code != 500 || w.Body.String() != "500 Internal Server Error\n" || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("the client gets %d %q %v", w.Code, w.Body, w.Header())
	}
}
