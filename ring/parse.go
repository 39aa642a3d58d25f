package ring

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

func parseURLEncoded(data []byte, limits Limits) (Form, error) {
	values := map[string][]string{}
	n := 0
	var failure error
	// Pair by pair, as url.ParseQuery has a limit of its own to their number.
	for pair := range strings.SplitSeq(string(data), "&") {
		if n++; n > limits.Parts {
			return Form{values: values}, tooLarge(fmt.Sprintf("The form has more than %d values.", limits.Parts), nil)
		}
		vs, err := url.ParseQuery(pair)
		if err != nil && failure == nil {
			failure = malformed("The form is malformed.", err)
		}
		for name := range vs {
			values[name] = append(values[name], vs[name]...)
		}
	}
	return Form{values: values}, failure
}

func parseMultipart(data []byte, boundary string, limits Limits) (Form, error) {
	form := Form{
		values: map[string][]string{}, files: map[string][]Upload{},
		source: &multipartSource{data: data, boundary: boundary},
	}
	mr := multipart.NewReader(bytes.NewReader(data), boundary)
	for n := 1; ; n++ {
		part, err := mr.NextPart()
		if err == io.EOF {
			return form, nil
		}
		if err == nil && n > limits.Parts {
			return form, tooLarge(fmt.Sprintf("The form has more than %d parts.", limits.Parts), nil)
		}
		if err == nil {
			err = form.read(part, limits)
		}
		if err != nil {
			return form, multipartError(err)
		}
	}
}

func multipartError(err error) error {
	if errors.Is(err, multipart.ErrMessageTooLarge) {
		return tooLarge("A part of the form has too large a header.", err)
	}
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	return malformed("The form is malformed or broke off.", err)
}

// read adds a part to a form that nobody has seen yet.
func (f Form) read(part *multipart.Part, limits Limits) error {
	content, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	name := part.FormName()
	if name == "" {
		return malformed("A part of the form has no name.", nil)
	}
	if !isFile(part) {
		f.values[name] = append(f.values[name], string(content))
		return nil
	}
	return f.addFile(name, Upload{part.FileName(), part.Header.Get("Content-Type"), content}, limits)
}

func (f Form) addFile(field string, u Upload, limits Limits) error {
	if u.Size() > limits.File {
		return fileTooLarge(limits)
	}
	if u.Name == "" && u.Size() == 0 {
		return nil // a file input that was left empty
	}
	u.Name = withoutFolders(u.Name)
	f.files[field] = append(f.files[field], u)
	return nil
}

func withoutFolders(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// isFile tells whether the part is a file, which Part.FileName does not if the name is empty.
func isFile(part *multipart.Part) bool {
	_, ps, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, has := ps["filename"]
	return has
}
