package main

import (
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"io/fs"
	"slices"
	"time"
	"unicode"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/static"
)

//go:embed pages static
var files embed.FS

var (
	assets = static.New(sub(files, "static"), static.Options{Prefix: "/static", Index: "-"})

	homePage     = parsePage("home")
	loginPage    = parsePage("login")
	browsersPage = parsePage("browsers")
	problemPage  = parsePage("problem")
)

// sub returns a folder of the program's own files.
func sub(files embed.FS, folder string) fs.FS {
	f, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // folder is no path
	}
	return f
}

// parsePage makes one page: the frame with its content.
func parsePage(name string) *template.Template {
	t := template.New("frame.html").Funcs(template.FuncMap{
		"initial": initial, "tone": tone,
		"asset": assets.URL,
	})
	return template.Must(t.ParseFS(files, "pages/frame.html", "pages/"+name+".html"))
}

// A frame is a page with what is around it.
type frame struct {
	InSession bool   // the rest is known; it is not for a page of what went wrong
	User      string // who is logged in
	Listed    bool   // and can see where
	Notices   []string
	Footer    []string
	Now       time.Time
	Token     template.HTML // for forms: a field, or nothing
	Body      any           // what the page itself shows
}

// page shows a page to the visitor who asks for it.
func (s *site) page(req ring.Request, t *template.Template, body any) ring.Response {
	info := session.Info(req)
	var token template.HTML
	if info.State == session.Live || t == loginPage { // whoever only reads the book gets no session
		token = csrf.Field(req)
	}
	resp := ring.HTML(t, frame{true, info.Owner, s.owners != nil, slices.Collect(notice.All(req)), s.footer, info.Now, token, body})
	if info.Owner != "" {
		// After a log-out, the back button must not find it.
		resp = resp.With(ring.SetHeader("Cache-Control", "no-store"))
	}
	return resp
}

// footer tells how long things last.
func footer(keeps string) []string {
	return []string{
		keeps,
		fmt.Sprintf("A session ends after %.0f minutes without a visit, and in any case %.0f hours after it began.",
			sessionIdle.Minutes(), sessionLongest.Hours()),
		fmt.Sprintf("The book holds the newest %d entries.", maxEntries),
	}
}

// Ago tells when t was, as seen from the page.
func (f frame) Ago(t time.Time) string {
	switch d := f.Now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(int(d.Minutes()), "minute") + " ago"
	case d < 24*time.Hour:
		return count(int(d.Hours()), "hour") + " ago"
	case d < 7*24*time.Hour:
		return count(int(d.Hours()/24), "day") + " ago"
	}
	return t.Format("2 January 2006")
}

// Entries counts entries in words.
func (f frame) Entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// initial is the first letter or digit of a name, for the seal beside an entry.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

const tones = 6 // colours of seals in the style sheet

// tone gives a name the colour that it always has. A class, as the content security policy allows no style attribute.
func tone(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("tone-%d", h.Sum32()%tones)
}
