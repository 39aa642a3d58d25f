package static_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/static"
	"github.com/signet-go/signet/stores/memory"
)

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }

func folder() fstest.MapFS {
	return fstest.MapFS{
		"index.html": file("home"), "app.css": file("body{}"), "img/a b.png": file("png"), "docs/index.html": file("docs"),
		"empty/x.txt": file("x"), ".env": file("secret"), ".git/config": file("secret"), "img/.hidden": file("secret"),
		".well-known/security.txt": file("mailto:"), "LICENSE": file("MIT"),
		"big.js": file("0123456789"), "big.js.br": file("br"), "big.js.gz": file("gz"),
	}
}

// inside is what answers if no file does.
func inside(ring.Request) ring.Response { return ring.Text("inside") }

func get(h ring.Handler, target string, header ...string) ring.Response {
	req := ring.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		req = req.WithHeader(header[i], header[i+1])
	}
	return h(req)
}

func TestAPathIsAFile(t *testing.T) {
	b := ringtest.New(t, static.New(folder(), static.Options{}).Wrap(inside))
	for target, want := range map[string]string{
		"/": "home", "/app.css": "body{}", "/img/a%20b.png": "png", "/docs/": "docs", "/docs": "docs", "/LICENSE": "MIT",
		"/.well-known/security.txt": "mailto:", "/app.css?v=1": "body{}", "/img/../app.css": "body{}",
		"/nothing": "inside", "/img/": "inside", "/img": "inside", "/empty/": "inside",
	} {
		if got := b.Get(target); got.Status != 200 || got.Body != want {
			t.Errorf("%s: %d %q; want %q", target, got.Status, got.Body, want)
		}
	}
}

func TestNoOtherNameIsServed(t *testing.T) {
	h := static.New(folder(), static.Options{}).Wrap(inside)
	for _, p := range []string{
		"/.env", "/.git/config", "/img/.hidden", "/../static.go", "/img/../../static.go", "//app.css", "/./app.css", "/img//a b.png",
		"/img/..", "/.", "/..", "/app.css/", `/..\static.go`, "/img/.well-known/x", "app.css", "",
	} {
		req := ring.NewRequest("GET", "/", nil)
		req.URL.Path = p
		if got := ringtest.Body(h(req)); got != "inside" {
			t.Errorf("%q: %q", p, got)
		}
	}
}

func TestOtherMethodsAreForTheHandlersInside(t *testing.T) {
	h := static.New(folder(), static.Options{}).Wrap(inside)
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if got := ringtest.Body(h(ring.NewRequest(method, "/app.css", nil))); got != "inside" {
			t.Errorf("%s: %q", method, got)
		}
	}
	if got := ringtest.New(t, h).Fetch("HEAD", "/app.css"); got.Status != 200 || got.Body != "" || got.Header.Get("Content-Length") != "6" {
		t.Errorf("HEAD: %d %q, %v", got.Status, got.Body, got.Header)
	}
}

func TestAPrefixIsWhereTheFilesAre(t *testing.T) {
	f := static.New(folder(), static.Options{Prefix: "/assets"})
	h := f.Wrap(inside)
	for target, want := range map[string]string{
		"/assets/app.css": "body{}", "/assets/": "home", "/app.css": "inside", "/assets": "inside", "/assetsapp.css": "inside",
	} {
		if got := ringtest.Body(get(h, target)); got != want {
			t.Errorf("%s: %q; want %q", target, got, want)
		}
	}
	if got := f.URL("app.css"); !strings.HasPrefix(got, "/assets/app-") || ringtest.Body(get(h, got)) != "body{}" {
		t.Errorf("URL: %s", got)
	}
}

func TestAFolderIsItsIndex(t *testing.T) {
	for index, want := range map[string]string{"": "home", "index.html": "home", "app.css": "body{}", "-": "inside"} {
		if got := ringtest.Body(get(static.New(folder(), static.Options{Index: index}).Wrap(inside), "/")); got != want {
			t.Errorf("%q: %q; want %q", index, got, want)
		}
	}
	resp := get(static.New(folder(), static.Options{}).Wrap(inside), "/docs?a=1")
	if resp.Status != 308 || resp.Header.Get("Location") != "/docs/?a=1" {
		t.Errorf("without the slash: %d to %q", resp.Status, resp.Header.Get("Location"))
	}
}

func TestAFileTouchesNoSession(t *testing.T) {
	loads := 0
	spy := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { loads++; return h(req) }
	}
	h := ring.Chain(static.New(folder(), static.Options{}).Wrap, spy, session.Wrap(memory.New(), session.Options{}))(
		func(ring.Request) ring.Response { return ring.Text("").With(session.Login("ann")) })
	b := ringtest.New(t, h)
	b.Get("/in")
	page := b.Get("/app.css")
	if loads != 1 || page.Header.Get("Set-Cookie") != "" || strings.Contains(strings.Join(page.Header.HTTP()["Vary"], ","), "Cookie") ||
		!strings.HasPrefix(page.Header.Get("Cache-Control"), "public") {
		t.Errorf("the session's layer was called %d times; %v", loads, page.Header)
	}
}

func TestABrowserThatHasTheFileIsToldSo(t *testing.T) {
	files := folder()
	h := static.New(files, static.Options{}).Wrap(inside)
	tag := get(h, "/app.css").Header.Get("ETag")
	if len(tag) < 3 {
		t.Fatalf("ETag %q", tag)
	}
	b := ringtest.New(t, h)
	ask := func() int { return b.Do(ringtest.Get("/app.css").WithHeader("If-None-Match", tag)).Status }
	if got := ask(); got != 304 {
		t.Errorf("status %d; want 304", got)
	}
	files["app.css"] = &fstest.MapFile{Data: []byte("p{}"), ModTime: time.Unix(1, 0)}
	if got := ask(); got != 200 {
		t.Errorf("status %d after the file changed; want 200", got)
	}
}

func TestURLChangesWithTheContentAndIsKept(t *testing.T) {
	files := folder()
	f := static.New(files, static.Options{CacheControl: "public, max-age=60"})
	h := f.Wrap(inside)
	old := f.URL("app.css")
	if old != f.URL("/app.css") || old == "/app.css" || !strings.HasSuffix(old, ".css") {
		t.Errorf("URL: %s", old)
	}
	resp := get(h, old)
	if got := resp.Header.Get("Cache-Control"); ringtest.Body(resp) != "body{}" || got != "public, max-age=31536000, immutable" {
		t.Errorf("%q, Cache-Control: %s", ringtest.Body(resp), got)
	}
	if got := get(h, "/app.css").Header.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("the plain name: Cache-Control: %s", got)
	}
	files["app.css"] = &fstest.MapFile{Data: []byte("p{}x"), ModTime: time.Unix(1, 0)}
	if f.URL("app.css") == old {
		t.Error("the URL stays though the content has changed")
	}
	// A page that was made before asks for what is there now, and must not keep it under the old name.
	resp = get(h, old)
	if got := resp.Header.Get("Cache-Control"); ringtest.Body(resp) != "p{}x" || got != "public, max-age=60" {
		t.Errorf("the old URL: %q, Cache-Control: %s", ringtest.Body(resp), got)
	}
	for name, want := range map[string]string{"nothing.css": "/nothing.css", "img": "/img", "//evil.example/x": "/evil.example/x", "img/a b.png": "/img/a%20b-"} {
		if got := f.URL(name); !strings.HasPrefix(got, want) {
			t.Errorf("URL(%q): %s; want %s…", name, got, want)
		}
	}
	for _, p := range []string{"/app-zzzzzzzzzzzz.css", "/app-123.css", "/nothing-0123456789ab.css", "/-0123456789ab.css"} {
		if got := ringtest.Body(get(h, p)); got != "inside" {
			t.Errorf("%s: %q", p, got)
		}
	}
}

func TestACompressedFileIsSentToWhoAcceptsIt(t *testing.T) {
	h := static.New(folder(), static.Options{}).Wrap(inside)
	for accept, want := range map[string]string{
		"": "0123456789", "br, gzip": "br", "gzip, BR": "br", "gzip": "gz", "br;q=0, gzip": "gz", "br; q=0.0,gzip;q=0": "0123456789",
		"deflate": "0123456789", "brotli": "0123456789", "gzip;q=0.5": "gz", "gzip;q=x": "0123456789",
	} {
		resp := get(h, "/big.js", "Accept-Encoding", accept)
		encoding := map[string]string{"br": "br", "gz": "gzip"}[want]
		if got := ringtest.Body(resp); got != want || resp.Header.Get("Content-Encoding") != encoding {
			t.Errorf("%q: %q, Content-Encoding %q; want %q", accept, got, resp.Header.Get("Content-Encoding"), want)
		}
		if resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary: %q", accept, resp.Header.Get("Vary"))
		}
	}
	b := ringtest.New(t, h)
	page := b.Do(ringtest.Get("/big.js").WithHeader("Accept-Encoding", "br"))
	if got := page.Header.Get("Content-Type"); !strings.Contains(got, "javascript") {
		t.Errorf("Content-Type: %s", got)
	}
	if plain := get(h, "/big.js").Header.Get("ETag"); plain == page.Header.Get("ETag") {
		t.Error("both have the same ETag")
	}
	if got := get(h, "/app.css", "Accept-Encoding", "br").Header.Get("Vary"); got != "" {
		t.Errorf("a file that is there in one form: Vary: %s", got)
	}
}

func TestPartsOfAFile(t *testing.T) {
	b := ringtest.New(t, static.New(folder(), static.Options{}).Wrap(inside))
	if page := b.Do(ringtest.Get("/big.js").WithHeader("Range", "bytes=2-4")); page.Status != 206 || page.Body != "234" {
		t.Errorf("status %d, %q", page.Status, page.Body)
	}
}

func TestALinkThatLeadsOutOfTheRootIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"secret.txt": "secret", "public/a.txt": "a"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"out.txt": "../secret.txt", "in.txt": "a.txt"} {
		if err := os.Symlink(to, filepath.Join(dir, "public", link)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(filepath.Join(dir, "public"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	b := ringtest.New(t, static.New(root.FS(), static.Options{}).Wrap(inside))
	for target, want := range map[string]string{"/out.txt": "inside", "/in.txt": "a", "/a.txt": "a"} {
		if got := b.Get(target).Body; got != want {
			t.Errorf("%s: %q; want %q", target, got, want)
		}
	}
}

func TestServeIsAHandlerOfItsOwn(t *testing.T) {
	f := static.New(folder(), static.Options{})
	if got := get(f.Serve, "/app.css"); ringtest.Body(got) != "body{}" {
		t.Errorf("%q", ringtest.Body(got))
	}
	if got := get(f.Serve, "/nothing").Status; got != 404 {
		t.Errorf("status %d; want 404", got)
	}
}

func TestWhatCannotBeUsedPanicsAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"no files":                    func() { static.New(nil, static.Options{}) },
		"a prefix without a slash":    func() { static.New(folder(), static.Options{Prefix: "assets"}) },
		"a prefix that ends with one": func() { static.New(folder(), static.Options{Prefix: "/assets/"}) },
		"the root as a prefix":        func() { static.New(folder(), static.Options{Prefix: "/"}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			f()
		})
	}
}

// FuzzPath looks for a path that serves what is hidden, or that makes a file's handler panic.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/", "/app.css", "/.env", "/img/../.env", "/app-0123456789ab.css", "//x", "/.git/config"} {
		f.Add(p)
	}
	h := static.New(folder(), static.Options{}).Wrap(inside)
	f.Fuzz(func(t *testing.T, p string) {
		req := ring.NewRequest("GET", "/", nil)
		req.URL.Path = p
		resp := h(req)
		if strings.Contains(ringtest.Body(resp), "secret") {
			t.Errorf("%q shows what is hidden", p)
		}
		if to := resp.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
			t.Errorf("%q redirects to %q", p, to)
		}
	})
}

func Example() {
	folder := fs.FS(fstest.MapFS{"app.css": {Data: []byte("body{}")}})
	files := static.New(folder, static.Options{})
	site := files.Wrap(func(ring.Request) ring.Response { return ring.Text(files.URL("app.css")) })

	b := ringtest.New(nil, site)
	url := b.Get("/").Body
	fmt.Println(url)
	fmt.Println(b.Get(url).Header.Get("Cache-Control"))
	// Output:
	// /app-7c98040a5416.css
	// public, max-age=31536000, immutable
}
