package ring_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
)

// multipartForm returns a multipart form with the value title and a file of n bytes, and its content type.
func multipartForm(t *testing.T, n int) (body *bytes.Buffer, mediaType string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	if err := w.WriteField("title", "A"); err != nil {
		t.Fatal(err)
	}
	file, err := w.CreateFormFile("file", "a.bin")
	if err == nil {
		_, err = file.Write(bytes.Repeat([]byte("x"), n))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

// noFilesIn makes an empty folder the place of temporary files, and reports those that are left there at the end.
func noFilesIn(t *testing.T) (left func() int) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() int {
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
}

func TestAFormIsGivenAsValues(t *testing.T) {
	req := ring.NewRequest("POST", "/?a=query", strings.NewReader("a=1&b=2&a=3")).WithHeader("Content-Type", "application/x-www-form-urlencoded")
	form, err := req.Form()
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"a": {"1", "3"}, "b": {"2"}}
	values := form.Values()
	if diff := cmp.Diff(want, values); diff != "" {
		t.Error(diff)
	}
	values.Add("a", "4")
	values["b"][0] = "changed"
	if diff := cmp.Diff(want, form.Values()); diff != "" {
		t.Errorf("the form has changed with what it returned:\n%s", diff)
	}
	m, err := form.Multipart()
	if err != nil || len(m.File) != 0 || m.Value["b"][0] != "2" {
		t.Errorf("as a multipart form it is %v (%v)", m, err)
	}
	if diff := cmp.Diff(url.Values{}, (ring.Form{}).Values()); diff != "" {
		t.Errorf("the zero form has values: %s", diff)
	}
}

func TestAFormIsGivenAsMultipartWithoutTemporaryFiles(t *testing.T) {
	left := noFilesIn(t)
	const size = 9 << 20
	body, mediaType := multipartForm(t, size)
	req := ring.NewRequest("POST", "/", body).WithHeader("Content-Type", mediaType)
	form, err := req.Form()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		m, err := form.Multipart()
		if err != nil {
			t.Fatal(err)
		}
		if len(m.File["file"]) != 1 || m.File["file"][0].Filename != "a.bin" || m.File["file"][0].Size != size || m.Value["title"][0] != "A" {
			t.Fatalf("the form is %v", m)
		}
		f, err := m.File["file"][0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, f); n != size || err != nil {
			t.Errorf("the file has %d bytes (%v)", n, err)
		}
		_ = f.Close()
		if left() != 0 {
			t.Errorf("%d temporary files", left())
		}
	}
}

func TestAMultipartFormIsBounded(t *testing.T) {
	body, mediaType := multipartForm(t, 2000)
	var err error
	h := ring.Limit(ring.Limits{File: 1000})(func(req ring.Request) ring.Response {
		_, err = req.Form()
		return ring.Fail(err)
	})
	resp := h(ring.NewRequest("POST", "/", body).WithHeader("Content-Type", mediaType))
	if resp.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d (%v); want 413", resp.Status, err)
	}
}

func TestFilesOfARequestThatWasAskedForAreRemoved(t *testing.T) {
	left := noFilesIn(t)
	body, mediaType := multipartForm(t, 1<<20)
	during := 0
	h := ring.Handler(func(req ring.Request) ring.Response {
		r := req.HTTP()
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
		}
		during = left()
		return ring.NoContent()
	})
	r := httptest.NewRequest("POST", "/", body)
	r.Header.Set("Content-Type", mediaType)
	ask(h, r)
	if during == 0 || left() != 0 {
		t.Errorf("%d temporary files during the request, %d after it; want some and none", during, left())
	}
}

func TestFormsCompare(t *testing.T) {
	read := func(size int) ring.Form {
		body, mediaType := multipartForm(t, size)
		form, err := ring.NewRequest("POST", "/", body).WithHeader("Content-Type", mediaType).Form()
		if err != nil {
			t.Fatal(err)
		}
		return form
	}
	if diff := cmp.Diff(read(10), read(10)); diff != "" { // of two boundaries
		t.Error(diff)
	}
	if cmp.Equal(read(10), read(11)) || cmp.Equal(read(10), ring.Form{}) {
		t.Error("a form is equal to one with another file, or to none")
	}
}
