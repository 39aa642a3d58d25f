package static

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
)

// file answers with a file, or with what it is compressed to.
func (f *Files) file(req *ring.Request, name string, info fs.FileInfo, control string) ring.Response {
	v, err := f.version(name, info)
	if err != nil {
		return ring.Fail(fmt.Errorf("static: %s: %w", name, err))
	}
	resp := ring.File(f.fsys, name)
	tag := v.fingerprint()
	compressed := false
	for _, c := range codings {
		if info, err := fs.Stat(f.fsys, name+c.suffix); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if !compressed {
			compressed = true
			resp.Header = resp.Header.Add("Vary", "Accept-Encoding")
		}
		if !accepts(req.Header, c.name) {
			continue
		}
		vary := resp.Header
		resp = ring.File(f.fsys, name+c.suffix)
		resp.Header = vary.Set("Content-Encoding", c.name).Set("Content-Type", typeOf(name))
		tag += "-" + c.name
		break
	}
	return resp.With(ring.SetHeader("ETag", `"`+tag+`"`), ring.SetHeader("Cache-Control", control))
}

// codings are those that a file may be there in, the smallest first.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// typeOf returns the media type of a file by its extension. A browser must not guess that of what it has to decompress.
func typeOf(name string) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// accepts reports whether a coding is named in Accept-Encoding with a weight that is not 0.
func accepts(h ring.Header, coding string) bool {
	for field := range h.All("Accept-Encoding") {
		for entry := range strings.SplitSeq(field, ",") {
			name, parameter, _ := strings.Cut(entry, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			weight, given := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			return !given || err == nil && q > 0
		}
	}
	return false
}

// A version is what has been read of a file, and by what it is known that it has not changed since.
type version struct {
	size     int64
	modified time.Time
	hash     [sha256.Size]byte
}

const fingerprintSize = 12 // hexadecimal digits: 48 bits, of one file's versions

func (v version) fingerprint() string { return hex.EncodeToString(v.hash[:])[:fingerprintSize] }

// version reads a file unless it has done so since the file changed. It reads a file once for each version, and keeps
// nothing of it but its hash.
func (f *Files) version(name string, info fs.FileInfo) (version, error) {
	f.mu.Lock()
	v, ok := f.seen[name]
	f.mu.Unlock()
	if ok && v.size == info.Size() && v.modified.Equal(info.ModTime()) {
		return v, nil
	}
	file, err := f.fsys.Open(name)
	if err != nil {
		return v, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return v, err
	}
	v = version{size: info.Size(), modified: info.ModTime(), hash: [sha256.Size]byte(hash.Sum(nil))}
	f.mu.Lock()
	f.seen[name] = v
	f.mu.Unlock()
	return v, nil
}

// URL returns the path of a file, with a name that changes with its content: "/app-1f0c9d2b64a8.css" for "app.css". It
// is for pages, and for the functions of templates. A file that can't be read has the path of its plain name.
func (f *Files) URL(name string) string {
	name = strings.TrimLeft(name, "/")
	plain := (&url.URL{Path: f.o.Prefix + "/" + name}).EscapedPath()
	info, err := fs.Stat(f.fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		return plain
	}
	v, err := f.version(name, info)
	if err != nil {
		return plain
	}
	ext := path.Ext(plain)
	return strings.TrimSuffix(plain, ext) + "-" + v.fingerprint() + ext
}

// cutFingerprint returns the plain name and the fingerprint of a name that URL has made.
func cutFingerprint(name string) (plain, fingerprint string, ok bool) {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	i := len(stem) - fingerprintSize - 1
	if i < 1 || stem[i] != '-' || strings.Trim(stem[i+1:], "0123456789abcdef") != "" {
		return "", "", false
	}
	return stem[:i] + ext, stem[i+1:], true
}
