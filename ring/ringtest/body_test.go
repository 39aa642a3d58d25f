package ringtest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/signet-go/signet/ring"
)

func TestBodyGivesWhatAClientWouldGet(t *testing.T) {
	files := fstest.MapFS{"hello.txt": {Data: []byte("a file")}}
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "foreign "+r.URL.Path) })
	for what, c := range map[string]struct {
		resp ring.Response
		want string
	}{
		"text":      {ring.Text("hello"), "hello"},
		"empty":     {ring.NoContent(), ""},
		"zero":      {ring.Response{}, ""},
		"failure":   {ring.Fail(&ring.Error{Status: 404, Message: "No."}), "404 Not Found\nNo.\n"},
		"reader":    {ring.Read("text/plain", strings.NewReader("read")), "read"},
		"file":      {ring.File(files, "hello.txt"), "a file"},
		"404 file":  {ring.File(files, "hello.txt").With(ring.Status(404)), "a file"},
		"foreign":   {ring.FromHTTP(hello)(ring.NewRequest("GET", "/x", nil)), "foreign /x"},
		"bad field": {ring.Read("text/plain", strings.NewReader("read")).With(ring.SetHeader("X", "\n")), "read"},
		"claimed": {ring.Read("text/plain", strings.NewReader("read")).With(func(r ring.Response) ring.Response {
			r.Values = ring.KeyOf[int](ring.NewLayer("layer.Wrap"), "value").Put(r.Values, 1)
			return r
		}), "read"},
		"stream": {ring.Stream("text/plain", func(w ring.Writer) error {
			_, err := w.WriteString("streamed")
			return err
		}), "streamed"},
	} {
		if got := Body(c.resp); got != c.want {
			t.Errorf("%s: %q; want %q", what, got, c.want)
		}
	}
}

func TestBodyPanicsWhereItBreaksOff(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("part"), iotest.ErrReader(errors.New("disk on fire")))
	wantMistake(t, "broke off", func() { Body(ring.Read("text/plain", broken)) })
}
