package ring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Response is what a handler answers. The zero Response is a failed one: its Status is missing.
type Response struct {
	Status int
	Header Header
	Body   Body
	Err    error  // not nil: a failed response, for which no session is saved and no cookie is set, and which never says 2xx
	Values Values // for the layers around the handler

	pending *pending // not nil: a placeholder
}

// A Change makes one response out of another.
type Change func(Response) Response

// With applies changes in order.
func (r Response) With(changes ...Change) Response {
	for _, c := range changes {
		r = c(r)
	}
	return r
}

// Claimed returns r without the values that no layer around req claims, and the names of those that it left out. A
// layer that answers in the place of the handlers inside uses it for an answer that says what only a layer inside would
// claim.
func (r Response) Claimed(req Request) (Response, []string) {
	var names []string
	r.Values, names = r.Values.claimed(req.Values)
	return r, names
}

// Status changes the status.
func Status(code int) Change {
	return func(r Response) Response {
		r.Status = code
		return r
	}
}

// SetHeader sets a header field to one value.
func SetHeader(name, value string) Change {
	return func(r Response) Response {
		r.Header = r.Header.Set(name, value)
		return r
	}
}

// AddHeader adds a value to a header field.
func AddHeader(name, value string) Change {
	return func(r Response) Response {
		r.Header = r.Header.Add(name, value)
		return r
	}
}

var (
	textHeader = contentType("text/plain; charset=utf-8")
	htmlHeader = contentType("text/html; charset=utf-8")
	jsonHeader = contentType("application/json")
)

func contentType(t string) Header { return Header{}.Add("Content-Type", t) }

// Text answers 200 with plain text.
func Text(s string) Response {
	return Response{Status: http.StatusOK, Header: textHeader, Body: Body{text: s}}
}

// Data answers 200 with content of the given type.
func Data(mediaType, content string) Response {
	return Response{Status: http.StatusOK, Header: contentType(mediaType), Body: Body{text: content}}
}

// HTML answers 200 with the template executed on data. A template that fails is a failed response, never half a page.
func HTML(t *template.Template, data any) Response {
	return Render(func(w io.Writer) error { return t.Execute(w, data) })
}

// Render answers 200 with the page that write writes, as HTML unless the response is given another Content-Type. It is
// for whatever writes to an io.Writer: a component of templ or gomponents, a template by its name.
//
//	ring.Render(node.Render)
//	ring.Render(func(w io.Writer) error { return pages.ExecuteTemplate(w, "home", data) })
//
// Render calls write at once and keeps what it writes. If write returns an error, the response is a failed one, and
// nothing of the page is sent. See [Stream] for what is too long to be kept.
func Render(write func(w io.Writer) error) Response {
	var page strings.Builder
	if err := write(&page); err != nil {
		return Fail(fmt.Errorf("ring: render: %w", err))
	}
	return Response{Status: http.StatusOK, Header: htmlHeader, Body: Body{text: page.String()}}
}

// JSON answers 200 with v as JSON, as encoding/json writes it. A v that can't be encoded is a failed response.
func JSON(v any) Response {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return Fail(fmt.Errorf("ring: json: %w", err))
	}
	return Response{Status: http.StatusOK, Header: jsonHeader, Body: Body{text: b.String()}}
}

// NoContent answers 204.
func NoContent() Response { return Response{Status: http.StatusNoContent} }

// Redirect answers 303 See Other: whatever the method was, the client gets location next. That is what a form that
// was accepted answers. The location is a path, absolute or relative to the request, or a URL.
//
// A location that can't be sent is a failed response of 400, as it mostly comes with the request: one that is empty or
// malformed, or has control characters. That holds for all redirects.
func Redirect(location string) Response { return redirect(http.StatusSeeOther, location) }

// MovedPermanently answers 301: the page has moved for ever.
func MovedPermanently(location string) Response {
	return redirect(http.StatusMovedPermanently, location)
}

// Found answers 302: the page is elsewhere for now. Clients turn a POST into a GET.
func Found(location string) Response { return redirect(http.StatusFound, location) }

// TemporaryRedirect answers 307: the client repeats the same request, method and body included, at location.
func TemporaryRedirect(location string) Response {
	return redirect(http.StatusTemporaryRedirect, location)
}

// PermanentRedirect answers 308: as 307, for ever.
func PermanentRedirect(location string) Response {
	return redirect(http.StatusPermanentRedirect, location)
}

func redirect(status int, location string) Response {
	if location == "" {
		return badLocation(errors.New("ring: redirect: no location"))
	}
	for i := 0; i < len(location); i++ {
		if location[i] < ' ' || location[i] == 0x7f {
			return badLocation(fmt.Errorf("ring: redirect: control character %q in the location", location[i]))
		}
	}
	if _, err := url.Parse(location); err != nil {
		if wrong, ok := errors.AsType[*url.Error](err); ok {
			err = wrong.Err // without the location, whose query may hold secrets
		}
		return badLocation(fmt.Errorf("ring: redirect: the location is no URL: %w", err))
	}
	h := Header{fields: []Field{{"Location", asciiLocation(location)}}}
	return Response{Status: status, Header: h}
}

func badLocation(err error) Response {
	return Fail(malformed("The address to go to is malformed.", err))
}

// asciiLocation escapes what a header can't carry: blanks and anything outside ASCII.
func asciiLocation(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] > ' ' && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] > ' ' && s[i] < 0x7f {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// File answers with a file of fsys, as net/http serves one: ranges, conditional requests, content type by extension or
// content. For a folder take the FS of an os.Root, as os.DirFS follows symbolic links that lead out of it; for files
// in the program itself embed.FS. The name is a slash-separated path within fsys; a leading slash is ignored. A name
// that leads outside, to a folder or to nothing is a failed response of 404.
func File(fsys fs.FS, name string) Response {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if name == "" {
		name = "."
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return Fail(&Error{Status: http.StatusNotFound, Err: err})
	case info.IsDir():
		return Fail(&Error{Status: http.StatusNotFound, Err: fmt.Errorf("ring: file: %s is a folder", name)})
	}
	return Response{Status: http.StatusOK, Body: Body{source: fileBody{fsys, name}}}
}
