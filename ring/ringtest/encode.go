package ringtest

import (
	"cmp"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"path"
	"strings"
)

// An entry is a name and value that a form sends; with a file, the value is its name.
type entry struct {
	name, value string
	file        *file
}

type file struct{ name, content string }

const (
	urlEncoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data"
)

// encode gives the content type and the body of a form.
func encode(enctype string, entries []entry) (mediaType, body string) {
	switch enctype {
	case multipartForm:
		return encodeMultipart(entries)
	case "text/plain":
		var b strings.Builder
		for _, e := range entries {
			b.WriteString(breaks(e.name) + "=" + breaks(e.value) + "\r\n")
		}
		return "text/plain", b.String()
	}
	return urlEncoded, encodeURL(entries)
}

// encodeURL keeps the order of the entries, as url.Values does not.
func encodeURL(entries []entry) string {
	var b strings.Builder
	for i, e := range entries {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(breaks(e.name)) + "=" + url.QueryEscape(breaks(e.value)))
	}
	return b.String()
}

func encodeMultipart(entries []entry) (mediaType, body string) {
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for _, e := range entries {
		head, content := textproto.MIMEHeader{}, breaks(e.value)
		disposition := fmt.Sprintf(`form-data; name="%s"`, escapeName(breaks(e.name)))
		if e.file != nil {
			disposition += fmt.Sprintf(`; filename="%s"`, escapeName(e.file.name))
			head.Set("Content-Type", cmp.Or(mime.TypeByExtension(path.Ext(e.file.name)), "application/octet-stream"))
			content = e.file.content
		}
		head.Set("Content-Disposition", disposition)
		part, _ := w.CreatePart(head) // a strings.Builder takes everything
		_, _ = part.Write([]byte(content))
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

// escapeName escapes a name between quotes as browsers do, which no backslash is.
func escapeName(s string) string {
	return strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22").Replace(s)
}

// breaks makes every line break the one that forms are sent with.
func breaks(s string) string {
	return strings.ReplaceAll(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n", "\r\n")
}
