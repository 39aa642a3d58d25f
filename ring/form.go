package ring

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Form is what a browser sent from a form: values and files by field name. It is immutable; the zero Form is empty.
type Form struct {
	values map[string][]string
	files  map[string][]Upload
}

// Get returns the first value of a field, or "".
func (f Form) Get(name string) string {
	if vs := f.values[name]; len(vs) > 0 {
		return vs[0]
	}
	return ""
}

// Has reports whether the field was sent, be it empty.
func (f Form) Has(name string) bool { return len(f.values[name]) > 0 }

// All returns the values of a field in order, as a new slice.
func (f Form) All(name string) []string { return slices.Clone(f.values[name]) }

// Names returns the names of the fields that have values, sorted.
func (f Form) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// File returns the first file of a field, and whether there is one.
func (f Form) File(name string) (Upload, bool) {
	if us := f.files[name]; len(us) > 0 {
		return us[0], true
	}
	return Upload{}, false
}

// Files returns the files of a field in order, as a new slice.
func (f Form) Files(name string) []Upload { return slices.Clone(f.files[name]) }

// An Upload is a file from a form, held in memory. Name and MediaType are what the client says and not to be trusted.
type Upload struct {
	Name      string // without folders
	MediaType string
	content   []byte
}

// Size returns the number of bytes.
func (u Upload) Size() int64 { return int64(len(u.content)) }

// Open returns a new reader of the content.
func (u Upload) Open() io.ReadSeeker { return bytes.NewReader(u.content) }

// Form reads the body as a form, urlencoded or multipart, within the limits of [Limit]. It is read once and remembered:
// every layer gets the same. Values of the address are not in it; see Query. A request without a body has an
// empty form. Errors answer with 413 (over a limit), 400 (malformed) or 415 (another content type).
func (r Request) Form() (Form, error) {
	if r.body == nil {
		return Form{}, nil
	}
	r.body.mu.Lock()
	defer r.body.mu.Unlock()
	if !r.body.parsed {
		r.body.form, r.body.formErr = r.readForm()
		r.body.parsed = true
	}
	return r.body.form, r.body.formErr
}

func (r Request) readForm() (Form, error) {
	limits := r.limits()
	data, err := r.body.readWhole(limits.Body)
	if err != nil {
		return Form{}, err
	}
	switch r.mediaType() {
	case "application/x-www-form-urlencoded":
		return parseURLEncoded(data, limits)
	case "multipart/form-data":
		_, ps, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || ps["boundary"] == "" {
			return Form{}, malformed("The form has no boundary between its parts.", err)
		}
		return parseMultipart(data, ps["boundary"], limits)
	}
	if len(data) == 0 {
		return Form{}, nil
	}
	return Form{}, &Error{Status: http.StatusUnsupportedMediaType, Message: "The request must be a form."}
}

func parseURLEncoded(data []byte, limits Limits) (Form, error) {
	if bytes.Count(data, []byte("&"))+1 > limits.Parts {
		return Form{}, tooLarge(fmt.Sprintf("The form has more than %d values.", limits.Parts), nil)
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return Form{}, malformed("The form is malformed.", err)
	}
	return Form{values: values}, nil
}

func parseMultipart(data []byte, boundary string, limits Limits) (Form, error) {
	form := Form{values: map[string][]string{}, files: map[string][]Upload{}}
	mr := multipart.NewReader(bytes.NewReader(data), boundary)
	for n := 1; ; n++ {
		part, err := mr.NextPart()
		if err == io.EOF {
			return form, nil
		}
		if errors.Is(err, multipart.ErrMessageTooLarge) {
			return Form{}, tooLarge("A part of the form has too large a header.", err)
		}
		if err != nil {
			return Form{}, malformed("The form is malformed or broke off.", err)
		}
		if n > limits.Parts {
			return Form{}, tooLarge(fmt.Sprintf("The form has more than %d parts.", limits.Parts), nil)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return Form{}, malformed("The form is malformed or broke off.", err)
		}
		name, file := part.FormName(), part.FileName()
		switch _, isFile, err := disposition(part); {
		case err != nil || name == "":
			return Form{}, malformed("A part of the form has no name.", err)
		case !isFile:
			form.values[name] = append(form.values[name], string(content))
		case int64(len(content)) > limits.File:
			return Form{}, tooLarge(fmt.Sprintf("A file has more than %d bytes.", limits.File), nil)
		case file != "" || len(content) > 0: // a file input that was left empty sends a file without name and content
			form.files[name] = append(form.files[name], Upload{file, part.Header.Get("Content-Type"), content})
		}
	}
}

// disposition tells whether the part is a file, which Part.FileName does not when the name is empty.
func disposition(part *multipart.Part) (string, bool, error) {
	kind, ps, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false, err
	}
	_, isFile := ps["filename"]
	return strings.ToLower(kind), isFile, nil
}
