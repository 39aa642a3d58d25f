package ring

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Requests, responses and headers end up in logs, by way of %v or a slog attribute. They print what says what went on,
// and nothing that opens a session.

// Format writes method, address without the query, and header as [Header.Format] does, whatever the verb is. Body,
// values and context are left out.
func (r Request) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.printed()) }

// LogValue is what [Request.Format] writes.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.printed()) }

func (r Request) printed() string {
	return "Request{" + r.Method + " " + r.Scheme + "://" + r.Host + withoutQuery(r.URL.EscapedPath(), r.URL.RawQuery != "") +
		" from " + r.RemoteAddr + " " + r.Header.printed() + "}"
}

// Format writes status, error, the size of a text, and header as [Header.Format] does, whatever the verb is. Text and
// values are left out.
func (r Response) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.printed()) }

// LogValue is what [Response.Format] writes.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.printed()) }

func (r Response) printed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Response{%d", r.Status)
	if r.IsPlaceholder() {
		b.WriteString(" placeholder")
	}
	if r.Err != nil {
		fmt.Fprintf(&b, " error %q", r.Err)
	}
	if text, isText := r.Body.Text(); isText {
		fmt.Fprintf(&b, " %d bytes", len(text))
	}
	b.WriteString(" " + r.Header.printed() + "}")
	return b.String()
}

// Format writes the fields, whatever the verb is. The values of cookies and of fields that hold credentials, tokens or
// keys are masked, and addresses are without their query.
func (h Header) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, h.printed()) }

// LogValue is what [Header.Format] writes.
func (h Header) LogValue() slog.Value { return slog.StringValue(h.printed()) }

func (h Header) printed() string {
	var b strings.Builder
	b.WriteString("Header{")
	for i, f := range h.owned().fields {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %q", f.Name, masked(f.Name, f.Value))
	}
	b.WriteString("}")
	return b.String()
}

const mask = "***"

// masked is a value as it may be shown.
func masked(name, value string) string {
	switch name {
	case "Set-Cookie":
		_, attributes, _ := strings.Cut(value, ";")
		return strings.TrimSuffix(cookieName(value)+"="+mask+";"+attributes, ";")
	case "Cookie":
		return mask
	case "Location", "Content-Location", "Referer", "Refresh":
		address, _, has := strings.Cut(value, "?")
		return withoutQuery(address, has)
	}
	lower := strings.ToLower(name)
	for _, part := range []string{"auth", "token", "secret", "key", "password", "session", "credential", "signature", "cookie", "csrf", "xsrf"} {
		if strings.Contains(lower, part) && name != "Www-Authenticate" && name != "Proxy-Authenticate" {
			return mask
		}
	}
	return value
}

// withoutQuery is an address whose query is not shown, as it may hold secrets.
func withoutQuery(address string, hasQuery bool) string {
	if hasQuery {
		return address + "?" + mask
	}
	return address
}
