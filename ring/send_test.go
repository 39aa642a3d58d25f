package ring_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/signet-go/signet/ring"
)

func TestReadSendsAndCloses(t *testing.T) {
	for _, c := range []struct {
		name, method string
		src          io.Reader
		body         string
	}{
		{"short", "GET", strings.NewReader("hello"), "hello"},
		{"long", "GET", strings.NewReader(strings.Repeat("x", 100_000)), strings.Repeat("x", 100_000)},
		{"empty", "GET", strings.NewReader(""), ""},
		{"HEAD", "HEAD", strings.NewReader("hello"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := &closer{Reader: c.src}
			resp, got := fetch(t, ring.Handler(func(ring.Request) ring.Response { return ring.Read("text/plain", body) }), c.method, "/")
			if resp.StatusCode != 200 || got != c.body || resp.Header.Get("Content-Type") != "text/plain" {
				t.Errorf("%d, %d bytes, %v", resp.StatusCode, len(got), resp.Header)
			}
			if body.closed != 1 {
				t.Errorf("closed %d times", body.closed)
			}
		})
	}
}

func TestBodyThatIsNotSentIsClosed(t *testing.T) {
	fail := errors.New("failed")
	page := func(ring.Request, ring.Response) ring.Response { return ring.Text("page") }
	same := func(_ ring.Request, r ring.Response) ring.Response { return r }
	replace := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			_ = resp.Body.Close()
			return ring.Text("replaced")
		}
	}
	for name, c := range map[string]struct {
		layer  ring.Middleware
		change ring.Change
		mount  func(http.Handler) http.Handler
	}{
		"failed, and shown":      {layer: ring.OnError(nil, nil), change: func(r ring.Response) ring.Response { r.Err, r.Status = fail, 500; return r }},
		"failed, shown as it is": {layer: ring.OnError(nil, same), change: func(r ring.Response) ring.Response { r.Err, r.Status = fail, 500; return r }},
		"failed, with a page":    {layer: ring.OnError(nil, page), change: func(r ring.Response) ring.Response { r.Err, r.Status = fail, 500; return r }},
		"nobody claims a value":  {layer: ring.Chain(), change: putNote("x")},
		"the same with a page":   {layer: ring.OnError(nil, page), change: putNote("x")},
		"no status":              {layer: ring.Chain(), change: ring.Status(0)},
		"a layer answers itself": {layer: replace, change: ring.Status(200)},
	} {
		t.Run(name, func(t *testing.T) {
			logged(t)
			body := &closer{Reader: strings.NewReader("x")}
			h := func(ring.Request) ring.Response { return ring.Read("text/plain", body).With(c.change) }
			get(c.layer(h), "/")
			if body.closed != 1 {
				t.Errorf("closed %d times", body.closed)
			}
			body.closed, body = 0, &closer{Reader: strings.NewReader("x")}
			get(ring.Use(c.layer)(plain(ring.Handler(h))), "/")
			if body.closed != 1 {
				t.Errorf("behind Use: closed %d times", body.closed)
			}
		})
	}
	if err := ring.Text("x").Body.Close(); err != nil {
		t.Errorf("closing a text: %v", err)
	}
}

func TestH3_FailureBeforeTheFirstByteIsAnOrdinaryOne(t *testing.T) {
	boom := errors.New("secret cause")
	for name, resp := range map[string]ring.Response{
		"reader": ring.Read("text/csv", failing{}),
		"stream": ring.Stream("text/csv", func(ring.Writer) error { return boom }),
		"file":   ring.File(vanishing{}, "a.txt"),
	} {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			got, body := fetch(t, ring.Handler(func(ring.Request) ring.Response { return resp }), "GET", "/page")
			if got.StatusCode != 500 || body != "500 Internal Server Error\n" || got.Header.Get("Content-Type") == "text/csv" {
				t.Errorf("%d %q %v", got.StatusCode, body, got.Header)
			}
			if s := log.String(); strings.Count(s, "secret") != 1 || !strings.Contains(s, "path=/page") || !strings.Contains(s, "method=GET") {
				t.Errorf("log %q", s)
			}
		})
	}
	t.Run("what was committed before keeps its cookie", func(t *testing.T) {
		logged(t)
		n := &notes{}
		w := get(n.wrap(func(ring.Request) ring.Response { return ring.Read("text/csv", failing{}).With(putNote("stored")) }), "/")
		wantCookie(t, w.Header(), "note=stored")
		if w.Code != 500 || n.all() != "stored" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d, stored %q, %v", w.Code, n.all(), w.Header())
		}
	})
}

// vanishing has every file when asked, and none when opened again.
type vanishing struct{}

func (vanishing) Open(string) (fs.File, error) { return nil, errors.New("secret: it is gone") }
func (vanishing) Stat(string) (fs.FileInfo, error) {
	return fs.Stat(fstest.MapFS{"a.txt": {}}, "a.txt")
}

// abortsTheConnection fails if a client takes the response of h for a whole one.
func abortsTheConnection(h http.Handler) error {
	srv := httptest.NewServer(h)
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	if _, err = io.ReadAll(resp.Body); err == nil {
		return errors.New("the client got a whole response")
	}
	return nil
}

func TestH3_FailureAfterTheFirstByteAbortsTheConnection(t *testing.T) {
	for name, resp := range map[string]func() ring.Response{
		"reader": func() ring.Response { return ring.Read("text/csv", broken("a,b\n")) },
		"stream": func() ring.Response {
			return ring.Stream("text/csv", func(w ring.Writer) error {
				_, _ = w.WriteString("a,b\n")
				return errors.New("secret cause")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			h := ring.Handler(func(ring.Request) ring.Response { return resp() })
			for _, mount := range []http.Handler{h, ring.Recover(h), ring.Use(ring.Recover)(plain(h))} {
				if err := abortsTheConnection(mount); err != nil {
					t.Error(err)
				}
			}
			if got := strings.Count(log.String(), "secret"); got != 3 {
				t.Errorf("logged %d times; want 3: %s", got, log)
			}
		})
	}
	t.Run("the check fails for a handler that ends quietly", func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, broken("a,b\n")) })
		if abortsTheConnection(h) == nil {
			t.Error("half a response passed for an aborted one")
		}
	})
}

func TestServerSentEventsArriveOneByOne(t *testing.T) {
	next := make(chan string)
	h := ring.Handler(func(req ring.Request) ring.Response {
		return ring.Stream("text/event-stream", func(w ring.Writer) error {
			for event := range next {
				if _, err := w.WriteString("data: " + event + "\n\n"); err != nil {
					return err
				}
				if err := w.Flush(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for name, mount := range map[string]http.Handler{"alone": h, "behind Use": ring.Use(header("X", "1"))(plain(h))} {
		t.Run(name, func(t *testing.T) {
			next = make(chan string)
			srv := httptest.NewServer(mount)
			defer srv.Close()
			got := make(chan *http.Response, 1)
			go func() {
				resp, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Error(err)
				}
				got <- resp
			}()
			next <- "first"
			resp := <-got
			if resp == nil {
				return
			}
			defer resp.Body.Close()
			lines := bufio.NewScanner(resp.Body)
			for _, event := range []string{"first", "second", "third"} {
				if event != "first" {
					next <- event
				}
				if !lines.Scan() || lines.Text() != "data: "+event {
					t.Fatalf("line %q; want %s", lines.Text(), event)
				}
				lines.Scan()
			}
			close(next)
			if lines.Scan() || lines.Err() != nil {
				t.Errorf("after the end: %q, %v", lines.Text(), lines.Err())
			}
		})
	}
}

func TestEmptyStreamIsAnEmptyPage(t *testing.T) {
	resp, body := fetch(t, ring.Handler(func(ring.Request) ring.Response {
		return ring.Stream("text/csv", func(ring.Writer) error { return nil })
	}), "GET", "/")
	if resp.StatusCode != 200 || body != "" || resp.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
}

func TestClientThatLeft(t *testing.T) {
	log := logged(t)
	closed, streamed := make(chan struct{}), make(chan error, 1)
	started := make(chan struct{}, 2)
	mux := http.NewServeMux()
	mux.Handle("/read", ring.Handler(func(req ring.Request) ring.Response {
		return ring.Read("text/plain", endless{started: started, closed: closed})
	}))
	mux.Handle("/stream", ring.Handler(func(req ring.Request) ring.Response {
		return ring.Stream("text/plain", func(w ring.Writer) error {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					streamed <- err
					return err
				}
				select {
				case started <- struct{}{}:
				default:
				}
			}
		})
	}))
	srv := httptest.NewServer(mux)
	for _, path := range []string{"/read", "/stream"} {
		ctx, leave := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+path, nil)
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		<-started
		leave()
		_ = resp.Body.Close()
	}
	<-closed
	<-streamed
	srv.Close() // waits for the handlers
	if log.String() != "" {
		t.Errorf("a client that left is no error of ours: %s", log)
	}
}

type endless struct{ started, closed chan struct{} }

func (e endless) Read(p []byte) (int, error) {
	select {
	case e.started <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (e endless) Close() error {
	close(e.closed)
	return nil
}

func TestFile(t *testing.T) {
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	files := fstest.MapFS{
		"site/a.css":  {Data: []byte("body { margin: 0 }"), ModTime: modified},
		"site/unseen": {Data: []byte("<html>"), ModTime: modified},
		"secret":      {Data: []byte("secret")},
	}
	site, _ := fs.Sub(files, "site")
	h := ring.Handler(func(req ring.Request) ring.Response { return ring.File(site, req.URL.Path) })
	ask := func(name string, fields ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = name
		for i := 0; i < len(fields); i += 2 {
			r.Header.Set(fields[i], fields[i+1])
		}
		return ask(h, r)
	}

	w := ask("/a.css")
	wantBody(t, w, 200, "body { margin: 0 }")
	if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("type %q", got)
	}
	if got := ask("unseen").Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("type by content %q", got)
	}
	w = ask("/a.css", "Range", "bytes=0-3")
	wantBody(t, w, 206, "body")
	wantBody(t, ask("/a.css", "If-Modified-Since", modified.Format(http.TimeFormat)), 304, "")
	if w := ask("/a.css", "Range", "bytes=99-"); w.Code != 416 {
		t.Errorf("a range outside: %d; want 416", w.Code)
	}
	for _, name := range []string{"/", "", "/absent", "../secret", "/../secret", "a.css/..", "/a.css/x", "..\\secret", "a\x00.css", "/\xff"} {
		logged(t)
		if w := ask(name); w.Code != 404 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%q: %d %q; want 404", name, w.Code, w.Body)
		}
	}

	t.Run("HEAD", func(t *testing.T) {
		resp, body := fetch(t, h, "HEAD", "/a.css")
		if resp.StatusCode != 200 || body != "" || resp.ContentLength != 18 {
			t.Errorf("%d %q %d", resp.StatusCode, body, resp.ContentLength)
		}
	})
	t.Run("of a folder on the disk", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("disk"), 0o600); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		for _, fsys := range []fs.FS{os.DirFS(dir), root.FS()} {
			wantBody(t, get(ring.Handler(func(ring.Request) ring.Response { return ring.File(fsys, "/a.txt") }), "/"), 200, "disk")
		}
	})
	t.Run("with a status of its own, whatever the conditions", func(t *testing.T) {
		h := ring.Handler(func(ring.Request) ring.Response { return ring.File(site, "a.css").With(ring.Status(404)) })
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=0-3")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		wantBody(t, w, 404, "body { margin: 0 }")
		if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
			t.Errorf("type %q", got)
		}
	})
	t.Run("of a file that can't seek", func(t *testing.T) {
		h := ring.Handler(func(ring.Request) ring.Response { return ring.File(seekless{site}, "a.css") })
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=0-3")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		wantBody(t, w, 206, "body")
	})
	t.Run("an error of net/http keeps what protects the session", func(t *testing.T) {
		n := &notes{}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=99-")
		w := httptest.NewRecorder()
		n.wrap(func(ring.Request) ring.Response { return ring.File(site, "a.css").With(putNote("x")) }).ServeHTTP(w, r)
		wantCookie(t, w.Header(), "note=x")
		if w.Code != 416 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	})
}

type seekless struct{ fs.FS }

func (s seekless) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return struct{ fs.File }{f}, err
}
