// Package static serves the files of a site: style sheets, scripts, images, whole folders of pages.
//
//	//go:embed public
//	var public embed.FS
//
//	folder, _ := fs.Sub(public, "public")
//	files := static.New(folder, static.Options{})
//	site := ring.Chain(files.Wrap, session.Wrap(store, session.Options{}))(app)
//
// [Files.Wrap] answers a GET or HEAD of a path that is a file's, and leaves everything else to the handlers inside. It
// stands outside of session.Wrap, so a file neither loads a session nor sets a cookie, and caches may share it.
//
// # What is served
//
// The path "/img/logo.png" is the file img/logo.png, and a folder's path is its index.html. The path of a folder without
// the slash at its end is redirected to the one with it. A name that begins with a dot, as .git does, is never served,
// unless it is .well-known. Folders are not listed.
//
// For a folder on disk take the FS of an [os.Root]: links that lead out of it are not followed. [os.DirFS] follows them.
//
// If the browser accepts it, and there is a file of that name with .br or .gz at its end, that one is sent, as
// "Content-Encoding: br" or "gzip". Make them when the site is built. What is computed is compressed by a layer, such as
// gzhttp's of klauspost/compress.
//
// # Caching
//
// Each file has an ETag, and browsers ask each time whether it is still the same. A page that links to a file by
// [Files.URL], as "/app-1f0c9d2b64a8.css" for app.css, spares them that: the name changes with the content, so the file
// is kept for a year.
package static

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/signet-go/signet/ring"
)

// Options change what [New] makes.
type Options struct {
	// Prefix is the path below which the files are: with "/assets", app.css is "/assets/app.css". "" is the root.
	Prefix string

	// Index is the name of the file that a folder's path is answered with, "index.html" if it is "". It is "-" for none.
	Index string

	// CacheControl is the field of files whose names don't change with their content, "public, no-cache" if it is "".
	CacheControl string
}

// Files serves the files of an fs.FS. It is safe for concurrent use.
type Files struct {
	fsys fs.FS
	o    Options

	mu   sync.Mutex
	seen map[string]version // by name: what has been read of files that are there
}

// New returns the Files of fsys. It panics if fsys is nil, or if the prefix is no absolute path without a slash at its
// end.
func New(fsys fs.FS, o Options) *Files {
	switch {
	case fsys == nil:
		panic("static: no files")
	case o.Prefix != "" && (!strings.HasPrefix(o.Prefix, "/") || path.Clean(o.Prefix) != o.Prefix || o.Prefix == "/"):
		panic(`static: Prefix must be a path like "/assets"`)
	}
	if o.Index == "" {
		o.Index = "index.html"
	}
	if o.CacheControl == "" {
		o.CacheControl = "public, no-cache"
	}
	return &Files{fsys: fsys, o: o, seen: map[string]version{}}
}

// Wrap is the middleware that serves the files.
func (f *Files) Wrap(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		if resp, ok := f.answer(&req); ok {
			return resp
		}
		return h(req)
	}
}

// Serve answers with a file, or with a failed response of 404. It is a handler for a route of its own.
func (f *Files) Serve(req ring.Request) ring.Response {
	if resp, ok := f.answer(&req); ok {
		return resp
	}
	return ring.Fail(&ring.Error{Status: http.StatusNotFound})
}

func (f *Files) answer(req *ring.Request) (ring.Response, bool) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return ring.Response{}, false
	}
	below, ok := strings.CutPrefix(req.URL.Path, f.o.Prefix)
	if !ok || !strings.HasPrefix(below, "/") {
		return ring.Response{}, false
	}
	name := strings.TrimPrefix(below, "/")
	folder := name == "" || strings.HasSuffix(name, "/")
	if folder {
		if f.o.Index == "-" {
			return ring.Response{}, false
		}
		name += f.o.Index
	}
	if !fs.ValidPath(name) || isHidden(name) {
		return ring.Response{}, false
	}
	info, err := fs.Stat(f.fsys, name)
	switch {
	case err == nil && info.IsDir() && !folder:
		return f.toFolder(req, name)
	case err == nil && info.Mode().IsRegular():
		return f.file(req, name, info, f.o.CacheControl), true
	}
	plain, hash, ok := cutFingerprint(name)
	if !ok {
		return ring.Response{}, false
	}
	if info, err = fs.Stat(f.fsys, plain); err != nil || !info.Mode().IsRegular() {
		return ring.Response{}, false
	}
	control := f.o.CacheControl // of a page that was made before the file changed
	if now, err := f.version(plain, info); err == nil && now.fingerprint() == hash {
		control = forAYear
	}
	return f.file(req, plain, info, control), true
}

// forAYear keeps a browser from asking again: https://www.rfc-editor.org/rfc/rfc8246
const forAYear = "public, max-age=31536000, immutable"

// toFolder redirects to the path with a slash, by which the links of the folder's page are resolved.
func (f *Files) toFolder(req *ring.Request, name string) (ring.Response, bool) {
	if f.o.Index == "-" {
		return ring.Response{}, false
	}
	if info, err := fs.Stat(f.fsys, path.Join(name, f.o.Index)); err != nil || !info.Mode().IsRegular() {
		return ring.Response{}, false
	}
	u := req.URL
	u.Path, u.RawPath, u.Scheme, u.Host, u.User = u.Path+"/", "", "", "", nil
	return ring.PermanentRedirect(u.String()), true
}

// isHidden reports whether a name, or that of a folder on its way, begins with a dot.
func isHidden(name string) bool {
	first := true
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && !(first && part == ".well-known") {
			return true
		}
		first = false
	}
	return false
}
