package ring_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
)

const formType = "application/x-www-form-urlencoded"

// showForm answers with the form, or with what is wrong with it.
func showForm(req ring.Request) ring.Response {
	f, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Text(describe(f))
}

func describe(f ring.Form) string {
	var b strings.Builder
	for _, name := range f.Names() {
		fmt.Fprintf(&b, "%s=%q ", name, f.All(name))
	}
	for _, name := range []string{"doc", "pic"} {
		for _, u := range f.Files(name) {
			content, _ := io.ReadAll(u.Open())
			fmt.Fprintf(&b, "%s: %q %s %d %q ", name, u.Name, u.MediaType, u.Size(), content)
		}
	}
	return b.String()
}

// upload makes a multipart body of alternating field names and values; a name with a colon is "field:file name".
func upload(pairs ...string) (mediaType, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		var part io.Writer
		if field, file, isFile := strings.Cut(pairs[i], ":"); isFile {
			part, _ = w.CreateFormFile(field, file)
		} else {
			part, _ = w.CreateFormField(pairs[i])
		}
		_, _ = io.WriteString(part, pairs[i+1])
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

func TestForm(t *testing.T) {
	h := ring.Handler(showForm)
	wantBody(t, post(h, formType+"; charset=utf-8", "a=1&b=x+y&a=%C3%A9&c"), 200, `a=["1" "é"] b=["x y"] c=[""] `)
	wantBody(t, post(h, formType, ""), 200, "")
	wantBody(t, get(h, "/?a=1"), 200, "")

	kind, body := upload("a", "1", "doc:one.txt", "first", "a", "2", "doc:two.txt", "second", "pic:", "")
	wantBody(t, post(h, kind, body), 200, `a=["1" "2"] doc: "one.txt" application/octet-stream 5 "first" doc: "two.txt" application/octet-stream 6 "second" `)

	t.Run("values that were not sent", func(t *testing.T) {
		for _, f := range []ring.Form{{}, mustForm(t, formType, "a=")} {
			_, ok := f.File("a")
			if ok || f.Get("b") != "" || f.Has("b") || f.All("b") != nil || f.Files("b") != nil {
				t.Error("something was there")
			}
		}
		if f := mustForm(t, formType, "a="); !f.Has("a") {
			t.Error("an empty value counts as not sent")
		}
	})
	t.Run("more values than net/url takes, where the limits say so", func(t *testing.T) {
		h := ring.Limit(ring.Limits{Parts: 20_000})(showForm)
		if w := post(h, formType, strings.Repeat("a=1&", 15_000)+"a=1"); w.Code != 200 {
			t.Errorf("%d %s; want 200", w.Code, w.Body)
		}
	})
	t.Run("the largest limit is one", func(t *testing.T) {
		h := ring.Limit(ring.Limits{Body: math.MaxInt64})(showForm)
		wantBody(t, post(h, formType, "a=1"), 200, `a=["1"] `)
	})
}

func mustForm(t *testing.T, mediaType, body string) ring.Form {
	t.Helper()
	f, err := ring.NewRequest("POST", "/", strings.NewReader(body)).WithHeader("Content-Type", mediaType).Form()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestUploadNameHasNoFolders(t *testing.T) {
	for sent, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\\docs\\a.txt`: "a.txt", "..": "", "a/..": "", "/": "", "…/é.txt": "é.txt",
	} {
		body := "--b\r\nContent-Disposition: form-data; name=doc; filename=\"" + sent + "\"\r\n\r\nx\r\n--b--\r\n"
		u, ok := mustForm(t, "multipart/form-data; boundary=b", body).File("doc")
		if !ok || u.Name != want {
			t.Errorf("%q: %q %v; want %q", sent, u.Name, ok, want)
		}
	}
}

func TestUploadOpensTwice(t *testing.T) {
	u, _ := mustForm(t, "multipart/form-data; boundary=b",
		"--b\r\nContent-Disposition: form-data; name=doc; filename=a\r\n\r\ncontent\r\n--b--\r\n").File("doc")
	for range 2 {
		if got, err := io.ReadAll(u.Open()); string(got) != "content" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestBadFormsSayWhatIsWrong(t *testing.T) {
	h := ring.Limit(ring.Limits{Body: 2000, Parts: 3, File: 10})(showForm)
	kind, good := upload("a", "1", "doc:f", "content")
	_, four := upload("a", "1", "b", "2", "c", "3", "d", "4")
	_, large := upload("doc:f", "more than ten bytes")
	_, huge := upload("a", strings.Repeat("x", 3000))
	boundary := func(of, body string) string { // the same boundary for all
		_, b, _ := strings.Cut(of, "boundary=")
		return strings.ReplaceAll(body, body[2:2+len(b)], b)
	}
	for _, c := range []struct {
		name, kind, body string
		status           int
		message          string
	}{
		{"body over the limit", formType, strings.Repeat("a", 2001), 413, "more than 2000 bytes"},
		{"too many values", formType, "a&b&c&d", 413, "more than 3 values"},
		{"bad escape", formType, "a=%zz", 400, "malformed"},
		{"semicolons", formType, "a=1;b=2", 400, "malformed"},
		{"multipart that says it is urlencoded", formType, good, 400, "malformed"},
		{"JSON", "application/json", "{}", 415, "must be a form"},
		{"no type", "", "a=1", 415, "must be a form"},
		{"no boundary", "multipart/form-data", good, 400, "boundary"},
		{"a broken boundary", `multipart/form-data; boundary="`, good, 400, "boundary"},
		{"urlencoded that says it is multipart", kind, "a=1&b=2", 400, "broke off"},
		{"nothing that says it is multipart", kind, "", 400, "broke off"},
		{"multipart that stops in a part", kind, good[:len(good)-60], 400, "broke off"},
		{"multipart that stops before its end", kind, good[:len(good)-6], 400, "broke off"},
		{"too many parts", kind, boundary(kind, four), 413, "more than 3 parts"},
		{"a file over the limit", kind, boundary(kind, large), 413, "file has more than 10 bytes"},
		{"multipart over the limit", kind, boundary(kind, huge), 413, "more than 2000 bytes"},
		{"a part without name", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400, "no name"},
		{"a part without disposition", "multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", 400, "no name"},
		{"a part that isn't a form's", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--\r\n", 400, "no name"},
		{"bad quoted-printable", "multipart/form-data; boundary=b", "--b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name=a\r\n\r\n\x01\r\n--b--\r\n", 400, "malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logged(t)
			w := post(h, c.kind, c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.message) {
				t.Errorf("%d %q; want %d %q", w.Code, w.Body, c.status, c.message)
			}
		})
	}
	t.Run("a part with a header that is too large", func(t *testing.T) {
		logged(t)
		body := "--b\r\n" + strings.Repeat("X: y\r\n", 11_000) + "\r\nx\r\n--b--\r\n"
		if w := post(ring.Handler(showForm), "multipart/form-data; boundary=b", body); w.Code != 413 || !strings.Contains(w.Body.String(), "header") {
			t.Errorf("%d %q; want 413", w.Code, w.Body)
		}
	})
}

// broken gives some bytes and then an error.
func broken(s string) io.Reader { return io.MultiReader(strings.NewReader(s), failing{}) }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("secret: the wire was cut") }

func TestBodyThatStopsInTheMiddleIs400ForEveryLayer(t *testing.T) {
	log := logged(t)
	var first error
	outer := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			_, first = req.Form()
			return h(req)
		}
	}
	r := httptest.NewRequest("POST", "/", broken("a=1"))
	r.Header.Set("Content-Type", formType)
	w := ask(outer(showForm), r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "broke off") || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if first == nil || ring.Fail(first).Status != 400 || !strings.Contains(log.String(), "secret") {
		t.Errorf("the outer layer got %v, the log %q", first, log)
	}
}

func TestBodyThatPanicsIsNeverAnEmptyOne(t *testing.T) {
	logged(t)
	h := func(req ring.Request) ring.Response {
		ring.Recover(func(req ring.Request) ring.Response { return showForm(req) })(req)
		return showForm(req)
	}
	r := httptest.NewRequest("POST", "/", panicking{})
	r.Header.Set("Content-Type", formType)
	if w := ask(ring.Handler(h), r); w.Code != 400 {
		t.Errorf("%d %q; want 400", w.Code, w.Body)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("reader") }

// sameForEveryLayer is true if two layers and a plain handler inside read the same.
func sameForEveryLayer(read func(ring.Request) string, kind, body string) error {
	var seen []string
	look := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			seen = append(seen, read(req))
			resp := h(req)
			seen = append(seen, read(req))
			return resp
		}
	}
	post(ring.Chain(look, look)(func(req ring.Request) ring.Response {
		seen = append(seen, read(req))
		return ring.NoContent()
	}), kind, body)
	for _, s := range seen {
		if s != seen[0] || s == "" {
			return fmt.Errorf("layers saw %q", seen)
		}
	}
	return nil
}

func TestH1_BodyIsReadOnceAndRememberedForEveryLayer(t *testing.T) {
	kind, multi := upload("a", "1", "doc:f", "content")
	form := func(req ring.Request) string { f, err := req.Form(); return fmt.Sprint(describe(f), err) }
	text := func(req ring.Request) string { b, err := req.Bytes(); return fmt.Sprint(string(b), err) }
	decoded := func(req ring.Request) string { var v any; err := req.JSON(&v); return fmt.Sprint(v, err) }
	for _, c := range []struct {
		name, kind, body string
		read             func(ring.Request) string
	}{
		{"urlencoded", formType, "a=1&b=2", form},
		{"multipart", kind, multi, form},
		{"a malformed form", formType, "a=%zz", form},
		{"bytes", "text/plain", "hello", text},
		{"JSON", "application/json", `{"a":[1,2]}`, decoded},
		{"the stream after it was read whole", "text/plain", "hello", func(req ring.Request) string {
			whole, _ := req.Bytes()
			streamed, err := io.ReadAll(req.Body())
			return fmt.Sprint(string(whole), string(streamed), err)
		}},
		{"a caller that changes the bytes", "text/plain", "hello", func(req ring.Request) string {
			b, _ := req.Bytes()
			s := string(b)
			b[0] = 'J'
			return s
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := sameForEveryLayer(c.read, c.kind, c.body); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("the check fails for a body that is streamed", func(t *testing.T) {
		stream := func(req ring.Request) string { b, _ := io.ReadAll(req.Body()); return string(b) }
		if sameForEveryLayer(stream, "text/plain", "hello") == nil {
			t.Error("a stream was the same twice and the check says nothing")
		}
	})
}

func TestH1_FormIsTheSameInAPlainHandlerInside(t *testing.T) {
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseMultipartForm(1 << 20)
		if err == http.ErrNotMultipart {
			err = nil
		}
		fmt.Fprint(w, r.PostForm, err)
	})
	read := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			if f, err := req.Form(); err != nil || f.Get("a") != "1" {
				return ring.Fail(fmt.Errorf("outer layer: %v %v", f, err))
			}
			return h(req)
		}
	}
	kind, multi := upload("a", "1")
	for name, h := range map[string]http.Handler{
		"Use":                     ring.Use(read)(inside),
		"FromHTTP":                read(ring.FromHTTP(inside)),
		"two Use":                 ring.Use(read)(ring.Use(read)(inside)),
		"Use, MaxBytes, FromHTTP": ring.Use(read)(http.MaxBytesHandler(plain(read(ring.FromHTTP(inside))), 1000)),
	} {
		t.Run(name, func(t *testing.T) {
			wantBody(t, post(h, formType, "a=1"), 200, "map[a:[1]] <nil>")
			wantBody(t, post(h, kind, multi), 200, "map[a:[1]] <nil>")
		})
	}
}

func TestH1_FormReadByManyAtOnce(t *testing.T) {
	h := ring.Handler(func(req ring.Request) ring.Response {
		seen := make(chan string)
		for range 8 {
			go func() {
				f, err := req.Form()
				seen <- fmt.Sprint(f.Get("a"), err)
			}()
		}
		for range 8 {
			if s := <-seen; s != "1<nil>" {
				t.Errorf("one saw %s", s)
			}
		}
		return ring.NoContent()
	})
	post(h, formType, "a=1")
}

// A server removes the files of the request that it has made, and a handler inside has a copy of that.
func TestFilesOfAPlainHandlersFormAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	written := 0
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(10); err != nil {
			t.Error(err)
		}
		files, _ := os.ReadDir(dir)
		written += len(files)
	})
	kind, multi := upload("a", "1", "doc:f", "more than ten bytes")
	for name, app := range map[string]http.Handler{"Use": ring.Use(header("X", "1"))(h), "FromHTTP": ring.FromHTTP(h)} {
		post(app, kind, multi)
		if files, err := os.ReadDir(dir); len(files) > 0 || err != nil {
			t.Errorf("%s: %v %v", name, files, err)
		}
	}
	if written != 2 {
		t.Errorf("%d files were written; want 2, else the check is worth nothing", written)
	}
}

func TestFormThatNetHTTPHasParsedIsNotLost(t *testing.T) {
	outside := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseMultipartForm(10)
			if f := r.MultipartForm; f != nil {
				defer f.RemoveAll() // as net/http's server does
			}
			h.ServeHTTP(w, r)
		})
	}
	kind, multi := upload("a", "1", "doc:f", "more than ten bytes")
	for name, h := range map[string]http.Handler{
		"alone": outside(ring.Handler(showForm)),
		"Use":   outside(ring.Use()(plain(ring.Handler(showForm)))),
	} {
		t.Run(name, func(t *testing.T) {
			wantBody(t, post(h, formType, "a=1"), 200, `a=["1"] `)
			wantBody(t, post(h, kind, multi), 200, `a=["1"] doc: "f" application/octet-stream 19 "more than ten bytes" `)
		})
	}
	t.Run("its files are limited", func(t *testing.T) {
		logged(t)
		h := outside(ring.Limit(ring.Limits{File: 10})(showForm))
		if w := post(h, kind, multi); w.Code != 413 {
			t.Errorf("%d; want 413", w.Code)
		}
	})
	t.Run("a layer that replaces the body is asked", func(t *testing.T) {
		replace := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req.WithBody(strings.NewReader("b=2"))) }
		}
		wantBody(t, post(outside(replace(showForm)), formType, "a=1"), 200, `b=["2"] `)
		wantBody(t, post(outside(ring.Use(replace)(plain(ring.Handler(showForm)))), formType, "a=1"), 200, `b=["2"] `)
	})
}

func TestFormIsImmutable(t *testing.T) {
	f := mustForm(t, formType, "a=1&a=2")
	f.All("a")[0] = "changed"
	if diff := cmp.Diff([]string{"1", "2"}, f.All("a")); diff != "" {
		t.Error(diff)
	}
	kind, body := upload("doc:f", "x", "doc:g", "y")
	f = mustForm(t, kind, body)
	f.Files("doc")[0] = ring.Upload{}
	if u, _ := f.File("doc"); u.Name != "f" {
		t.Errorf("file %q; want f", u.Name)
	}
}

func TestLimitsAreThoseOfTheInnermostLimit(t *testing.T) {
	logged(t)
	h := ring.Chain(ring.Limit(ring.Limits{Body: 2}), ring.Limit(ring.Limits{}))(showForm)
	wantBody(t, post(h, formType, "a=1"), 200, `a=["1"] `)
	h = ring.Chain(ring.Limit(ring.Limits{}), ring.Limit(ring.Limits{Body: 2}))(showForm)
	if w := post(h, formType, "a=1"); w.Code != 413 {
		t.Errorf("%d; want 413", w.Code)
	}
}

func TestMaxBytesHandlerBetweenTwoLayers(t *testing.T) {
	logged(t)
	h := ring.Use((&notes{}).wrap)(http.MaxBytesHandler(plain(ring.Handler(showForm)), 5))
	wantBody(t, post(h, formType, "a=1"), 200, `a=["1"] `)
	w := post(h, formType, "a=12345")
	if w.Code != 413 || !strings.Contains(w.Body.String(), "more than 5 bytes") {
		t.Errorf("%d %q; want 413 naming the 5 bytes", w.Code, w.Body)
	}

	t.Run("after a layer outside has found the body too large", func(t *testing.T) {
		outside := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response {
				_, _ = req.Form()
				return h(req)
			}
		}
		h := ring.Use(ring.Limit(ring.Limits{Body: 3}), outside)(http.MaxBytesHandler(plain(ring.Handler(showForm)), 5))
		w := post(h, formType, "a=12")
		if w.Code != 413 || !strings.Contains(w.Body.String(), "more than 3 bytes") {
			t.Errorf("%d %q; want 413 naming the 3 bytes", w.Code, w.Body)
		}
	})
}

func TestJSONRequests(t *testing.T) {
	type order struct {
		Count int `json:"count"`
	}
	h := ring.Limit(ring.Limits{Body: 100_000})(func(req ring.Request) ring.Response {
		var o order
		if err := req.JSON(&o); err != nil {
			return ring.Fail(err)
		}
		return ring.JSON(o)
	})
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"good", "application/json; charset=utf-8", `{"count":3}`, 200},
		{"another JSON type", "application/merge-patch+json", `{"count":3}`, 200},
		{"a broken parameter", "application/json; charset", `{"count":3}`, 200},
		{"form type", formType, `{"count":3}`, 415},
		{"no type", "", `{"count":3}`, 415},
		{"empty", "application/json", "", 400},
		{"stops in the middle", "application/json", `{"count":`, 400},
		{"two values", "application/json", `{} {}`, 400},
		{"doesn't fit", "application/json", `{"count":"three"}`, 400},
		{"nests deeply", "application/json", `{"x":` + strings.Repeat("[", 40_000) + strings.Repeat("]", 40_000) + "}", 400},
		{"too large", "application/json", `"` + strings.Repeat("x", 100_000) + `"`, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			logged(t)
			w := post(h, c.kind, c.body)
			if w.Code != c.status || c.status == 200 && w.Body.String() != "{\"count\":3}\n" {
				t.Errorf("%d %q; want %d", w.Code, w.Body, c.status)
			}
		})
	}
	t.Run("a target that can't be decoded into is the program's mistake", func(t *testing.T) {
		req := ring.NewRequest("POST", "/", strings.NewReader("{}")).WithHeader("Content-Type", "application/json")
		if got := ring.Fail(req.JSON(order{})).Status; got != 500 {
			t.Errorf("status %d; want 500", got)
		}
	})
}

// Decoded into any, brackets take many times the memory that they have as a body, so JSON has a limit of its own.
func TestJSONHasALimitOfItsOwn(t *testing.T) {
	const kib = 1 << 10
	for _, c := range []struct {
		name   string
		limits ring.Limits
		bytes  int
		status int
	}{
		{"one MiB by default", ring.Limits{}, 1024 * kib, 200},
		{"and a byte", ring.Limits{}, 1024*kib + 1, 413},
		{"as the body, if that is less", ring.Limits{Body: 10 * kib}, 10*kib + 1, 413},
		{"more if asked for", ring.Limits{JSON: 2048 * kib}, 2048 * kib, 200},
		{"and no more than that", ring.Limits{JSON: 2048 * kib}, 2048*kib + 1, 413},
		{"less if asked for", ring.Limits{JSON: kib}, kib + 1, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			logged(t)
			h := ring.Limit(c.limits)(func(req ring.Request) ring.Response {
				var v any
				if err := req.JSON(&v); err != nil {
					if b, errBytes := req.Bytes(); c.limits.Body == 0 && (errBytes != nil || len(b) != c.bytes) {
						t.Errorf("another layer reads %d bytes, %v; want the whole body", len(b), errBytes)
					}
					return ring.Fail(err)
				}
				return ring.Text("")
			})
			if w := post(h, "application/json", `"`+strings.Repeat("x", c.bytes-2)+`"`); w.Code != c.status {
				t.Errorf("%d bytes: %d; want %d", c.bytes, w.Code, c.status)
			}
		})
	}
}

func TestBodyThatWasStreamedCannotBeReadWhole(t *testing.T) {
	req := ring.NewRequest("POST", "/", strings.NewReader("a=1")).WithHeader("Content-Type", formType)
	if b, err := io.ReadAll(req.Body()); string(b) != "a=1" || err != nil {
		t.Fatalf("%q %v", b, err)
	}
	if _, err := req.Form(); err == nil || ring.Fail(err).Status != 500 {
		t.Errorf("error %v; want one of 500", err)
	}
}

func TestRequestWithoutBody(t *testing.T) {
	for _, req := range []ring.Request{ring.NewRequest("POST", "/", nil), ring.NewRequest("POST", "/", strings.NewReader("x")).WithBody(nil)} {
		whole, err := req.Bytes()
		streamed, serr := io.ReadAll(req.Body())
		if f, ferr := req.Form(); len(whole)+len(streamed)+len(f.Names()) != 0 || err != nil || serr != nil || ferr != nil {
			t.Errorf("%q %v %q %v %v", whole, err, streamed, serr, ferr)
		}
	}
	h := ring.Handler(func(req ring.Request) ring.Response {
		return ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v %d", b, err, r.ContentLength)
		}))(req.WithBody(nil))
	})
	wantBody(t, post(h, "text/plain", "x"), 200, `"" <nil> 0`)
}

func TestBodyThatLiesAboutItsLength(t *testing.T) {
	log := logged(t)
	h := ring.Handler(showForm)
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("a=1"), errReader{io.ErrUnexpectedEOF}))
	r.ContentLength = 1000
	r.Header.Set("Content-Type", formType)
	if w := ask(h, r); w.Code != 400 || !strings.Contains(log.String(), "unexpected EOF") {
		t.Errorf("%d, log %q; want 400 and the reason", w.Code, log)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestFormReturnsWhatCouldBeReadBesideTheError(t *testing.T) {
	kind, good := upload("a", "1", "doc:f", "content")
	boundary := strings.TrimPrefix(kind, "multipart/form-data; boundary=")
	noName := strings.Replace(good, "--"+boundary+"--", "--"+boundary+"\r\n\r\nx\r\n--"+boundary+"--", 1)
	for _, c := range []struct{ name, kind, body, want string }{
		{"a bad pair", formType, "a=1&b=%zz&c=3&a=2", `a=["1" "2"] c=["3"] 400`},
		{"a semicolon", formType, "x=1;y=2&a=1", `a=["1"] 400`},
		{"too many pairs", formType, "a=1&b=2&c=3&d=4&e=5", `a=["1"] b=["2"] c=["3"] d=["4"] 413`},
		{"a part without a name", kind, noName, `a=["1"] doc=f 400`},
		{"a body that broke off", kind, strings.TrimSuffix(good, "--"+boundary+"--\r\n"), `a=["1"] 400`},
		{"too large a file", kind, strings.Replace(good, "content", strings.Repeat("x", 30), 1), `a=["1"] 413`},
		{"too large a body", formType, "a=" + strings.Repeat("x", 500), `413`},
		{"JSON", "application/json", "{}", `415`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := ring.Limit(ring.Limits{Body: 500, Parts: 4, File: 20})(func(req ring.Request) ring.Response {
				form, err := req.Form()
				var b strings.Builder
				for _, name := range form.Names() {
					fmt.Fprintf(&b, "%s=%q ", name, form.All(name))
				}
				if u, ok := form.File("doc"); ok {
					fmt.Fprintf(&b, "doc=%s ", u.Name)
				}
				fmt.Fprint(&b, ring.Fail(err).Status)
				return ring.Text(b.String())
			})
			wantBody(t, post(h, c.kind, c.body), 200, c.want)
		})
	}
}

// The second reader of a stream would take the rest for the whole: nothing, if the first has read it all.
func TestASecondReaderOfAStreamedBodyGetsAnError(t *testing.T) {
	for name, req := range map[string]ring.Request{
		"a function": ring.NewRequest("POST", "/", strings.NewReader("precious")),
		"with body":  ring.NewRequest("POST", "/", nil).WithBody(strings.NewReader("precious")),
	} {
		t.Run(name, func(t *testing.T) {
			first := req.Body()
			part := make([]byte, 3)
			if _, err := io.ReadFull(first, part); err != nil || string(part) != "pre" {
				t.Fatalf("%q %v", part, err)
			}
			if b, err := io.ReadAll(req.Body()); err == nil || len(b) > 0 {
				t.Errorf("the second reader got %q, %v; want an error", b, err)
			}
			if rest, err := io.ReadAll(first); err != nil || string(rest) != "cious" {
				t.Errorf("then the first one got %q, %v", rest, err)
			}
			if b, err := io.ReadAll(req.Body()); err == nil || len(b) > 0 {
				t.Errorf("a third one got %q, %v; want an error", b, err)
			}
			if _, err := req.Bytes(); err == nil {
				t.Error("Bytes: no error")
			}
		})
	}
	t.Run("also where the handler runs again", func(t *testing.T) {
		logged(t)
		twice := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { h(req); return h(req) }
		}
		foreign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", b, err != nil)
		})
		wantBody(t, post(ring.Use(twice)(foreign), "text/plain", "precious"), 200, `"" true`)
	})
	t.Run("but an empty one is empty for each", func(t *testing.T) {
		req := ring.NewRequest("POST", "/", strings.NewReader(""))
		for range 2 {
			if b, err := io.ReadAll(req.Body()); err != nil || len(b) > 0 {
				t.Errorf("%q %v", b, err)
			}
		}
		if b, err := req.Bytes(); err != nil || len(b) > 0 {
			t.Errorf("%q %v", b, err)
		}
	})
}

func FuzzFormLimits(f *testing.F) {
	kind, good := upload("a", "1", "doc:f", "content")
	f.Add(formType, "a=1&b=2;c=%zz")
	f.Add(kind, good)
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''x%2Fy\r\n\r\nx\r\n--b--")
	f.Add("multipart/form-data; boundary=b", "--b\nContent-Disposition: form-data; name=a\nContent-Transfer-Encoding: quoted-printable\n\n=\n--b--")
	f.Add("", "x")
	limits := ring.Limits{Body: 500, Parts: 4, File: 20}
	f.Fuzz(func(t *testing.T, kind, body string) {
		// Called inside of Limit, as what is over a limit must not reach the handler.
		ring.Limit(limits)(func(req ring.Request) ring.Response {
			form, err := req.Form()
			if err != nil {
				if s := ring.Fail(err).Status; s != 400 && s != 413 && s != 415 {
					t.Errorf("status %d for %v", s, err)
				}
			}
			if int64(len(body)) > limits.Body && (err == nil || len(form.Names()) > 0) {
				t.Errorf("a body of %d bytes passed: %v", len(body), err)
			}
			parts := 0
			for _, name := range form.Names() {
				parts += len(form.All(name))
			}
			if u, ok := form.File("doc"); ok && (u.Size() > limits.File || strings.ContainsAny(u.Name, `/\`)) {
				t.Errorf("file %q of %d bytes passed", u.Name, u.Size())
			}
			if parts > limits.Parts {
				t.Errorf("%d values passed", parts)
			}
			again, err2 := req.Form()
			if err2 != err || !slices.Equal(again.Names(), form.Names()) {
				t.Errorf("the second reading: %v, %v", again.Names(), err2)
			}
			return ring.NoContent()
		})(ring.NewRequest("POST", "/", strings.NewReader(body)).WithHeader("Content-Type", kind))
	})
}
