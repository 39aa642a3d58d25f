package ring

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
)

// Form is what a browser sent from a form: values and files by field name. It is immutable; the zero Form is empty.
//
// Functions that take an url.Values or a *multipart.Form get those from [Form.Values] and [Form.Multipart].
type Form struct {
	values map[string][]string
	files  map[string][]Upload
	source *multipartSource // nil: not multipart
}

// A multipartSource is where the form of [Form.Multipart] comes from: a body that is in memory, or a form that a
// middleware of net/http has parsed.
type multipartSource struct {
	data     []byte
	boundary string
	parsed   *multipart.Form
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

// Values returns the values of all fields as a new map, for functions that take one: decoders of forms into structs,
// say.
func (f Form) Values() url.Values { return cloneValues(f.values) }

// Multipart returns the form as package mime/multipart has it, for functions that take one. Its files are in memory, as
// those of the Form are, so there are no temporary files to remove. It is parsed anew by each call, from the body that
// the Form was read from, unless a net/http middleware further out has parsed it: then it is that one's, which the
// server removes at the end of the request. A form that is not multipart has values and no files. Forms of over 1000
// parts are an error, whatever [Limits] say.
func (f Form) Multipart() (*multipart.Form, error) {
	switch {
	case f.source == nil:
		return &multipart.Form{Value: f.Values(), File: map[string][]*multipart.FileHeader{}}, nil
	case f.source.parsed != nil:
		return f.source.parsed, nil
	}
	form, err := multipart.NewReader(bytes.NewReader(f.source.data), f.source.boundary).ReadForm(math.MaxInt64) // on no disk
	if err != nil {
		return nil, multipartError(err)
	}
	return form, nil
}

// Equal reports whether both have the same values and files under the same names.
func (f Form) Equal(other Form) bool {
	return maps.EqualFunc(f.values, other.values, slices.Equal) &&
		maps.EqualFunc(f.files, other.files, func(a, b []Upload) bool { return slices.EqualFunc(a, b, Upload.Equal) })
}

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

// Equal reports whether both have the same name, media type and content.
func (u Upload) Equal(other Upload) bool {
	return u.Name == other.Name && u.MediaType == other.MediaType && bytes.Equal(u.content, other.content)
}

// Open returns a new reader of the content.
func (u Upload) Open() io.ReadSeeker { return bytes.NewReader(u.content) }

// Form reads the body as a form, urlencoded or multipart, within the limits of [Limit]. It is read once and remembered:
// every layer gets the same. Values of the address are not in it; see Query. A request without a body has an empty
// form. Errors answer with 413 (over a limit), 400 (malformed) or 415 (another content type). The form has then what
// could be read beside: of an urlencoded form the pairs that are well-formed, of a multipart form the parts before the
// error; nothing of a body that is too large or broke off. If a net/http middleware further out has called ParseForm or
// ParseMultipartForm, the form is what that found.
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
	kind := r.mediaType()
	if form, ok, err := r.formOfNetHTTP(kind, limits); ok {
		return form, err
	}
	switch kind {
	case urlEncoded, multipartForm, "":
	default:
		return Form{}, errNoForm
	}
	data, err := r.body.readWhole(limits.Body)
	switch {
	case err != nil:
		return Form{}, err
	case kind == urlEncoded:
		return parseURLEncoded(data, limits)
	case kind == multipartForm:
		_, ps, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || ps["boundary"] == "" {
			return Form{}, malformed("The form has no boundary between its parts.", err)
		}
		return parseMultipart(data, ps["boundary"], limits)
	case len(data) > 0:
		return Form{}, errNoForm
	}
	return Form{}, nil
}

const (
	urlEncoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data"
)

var errNoForm = &Error{Status: http.StatusUnsupportedMediaType, Message: "The request must be a form."}

// formOfNetHTTP is the form that a middleware of net/http further out has parsed, if one has: it has left nothing of
// the body to read.
func (r Request) formOfNetHTTP(kind string, limits Limits) (Form, bool, error) {
	if r.ex == nil || r.body != r.ex.body || r.body.whole {
		return Form{}, false, nil
	}
	raw := r.ex.raw
	switch {
	case kind == urlEncoded && raw.PostForm != nil &&
		(raw.Method == http.MethodPost || raw.Method == http.MethodPut || raw.Method == http.MethodPatch):
		return Form{values: cloneValues(raw.PostForm)}, true, nil
	case kind == multipartForm && raw.MultipartForm != nil:
		form := Form{
			values: cloneValues(raw.MultipartForm.Value), files: map[string][]Upload{},
			source: &multipartSource{parsed: raw.MultipartForm},
		}
		for field, fs := range raw.MultipartForm.File {
			for _, fh := range fs {
				if err := form.copyFile(field, fh, limits); err != nil {
					return form, true, err
				}
			}
		}
		return form, true, nil
	}
	return Form{}, false, nil
}

func (f Form) copyFile(field string, fh *multipart.FileHeader, limits Limits) error {
	if fh.Size > limits.File {
		return fileTooLarge(limits)
	}
	file, err := fh.Open()
	if err != nil {
		return fmt.Errorf("ring: form: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("ring: form: %w", err)
	}
	return f.addFile(field, Upload{fh.Filename, fh.Header.Get("Content-Type"), content}, limits)
}

func fileTooLarge(limits Limits) error {
	return tooLarge(fmt.Sprintf("A file has more than %d bytes.", limits.File), nil)
}

// cloneValues copies a map that others may change.
func cloneValues(m map[string][]string) map[string][]string {
	c := make(map[string][]string, len(m))
	for name, vs := range m {
		c[name] = slices.Clone(vs)
	}
	return c
}
