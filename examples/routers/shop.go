package routers

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
)

const (
	theme  session.Key[string]   = "theme"
	lang   session.Key[string]   = "lang"
	draft  session.Key[string]   = "draft"
	viewed session.Key[string]   = "viewed"
	upload session.Key[int64]    = "upload"
	visits session.Counter       = "visits"
	cart   session.Tally[string] = "cart"
	notice flash.Key[string]     = "notice"
)

// A Shop is an application of plain handlers.
type Shop struct {
	// Pause is called by handlers that take their time, between reading the session and changing it, or between two
	// parts of a page. nil does nothing.
	Pause func(*http.Request)
}

// A Page is a handler with its method and its path, in which {id} stands for a segment.
type Page struct {
	Method, Path string
	Handler      http.HandlerFunc
}

// Pages returns all that the shop serves.
func (s *Shop) Pages() []Page {
	return []Page{
		{"GET", "/", s.home},
		{"GET", "/account", s.account},
		{"GET", "/item/{id}", s.item},
		{"GET", "/login", s.loginForm},
		{"GET", "/hop", s.hop},
		{"GET", "/logo", s.logo},
		{"GET", "/poll", s.poll},
		{"GET", "/stream", s.stream},
		{"GET", "/events", s.events},
		{"GET", "/hints", s.hints},
		{"GET", "/socket", s.socket},
		{"GET", "/panic", s.panics},
		{"POST", "/login", s.login},
		{"POST", "/logout", s.logout},
		{"POST", "/renew", s.renew},
		{"POST", "/clear", s.clear},
		{"POST", "/theme", s.setTheme},
		{"POST", "/lang", s.setLang},
		{"POST", "/visit", s.visit},
		{"POST", "/cart/{id}", s.addToCart},
		{"POST", "/api/cart", s.orderJSON},
		{"POST", "/upload", s.upload},
		{"POST", "/form", s.form},
		{"POST", "/together", s.together},
		{"POST", "/late", s.late},
		{"POST", "/silent", s.silent},
		{"POST", "/wrong", s.wrong},
		{"POST", "/panic", s.panics},
	}
}

func (s *Shop) pause(r *http.Request) {
	if s.Pause != nil {
		s.Pause(r)
	}
}

// amend changes the response, or says that it can't and reports false.
func amend(w http.ResponseWriter, r *http.Request, changes ...ring.Change) bool {
	if err := ring.Amend(r.Context(), changes...); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return false
	}
	return true
}

// back is the end of most forms.
func back(w http.ResponseWriter, r *http.Request, changes ...ring.Change) {
	if amend(w, r, changes...) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// home shows the messages that wait, and who the visitor is.
func (s *Shop) home(w http.ResponseWriter, r *http.Request) {
	req := ring.FromContext(r.Context())
	s.pause(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for message := range notice.All(req) {
		fmt.Fprintf(w, "<p>%s", html.EscapeString(message))
	}
	fmt.Fprintf(w, "<p>Hello %s.", html.EscapeString(session.Info(req).Owner))
}

// account shows the session, for pages that ask in the background.
func (s *Shop) account(w http.ResponseWriter, r *http.Request) {
	info := session.Info(ring.FromContext(r.Context()))
	fmt.Fprintf(w, "%v %q %v", info.State, info.Owner, session.FromContext(r.Context()))
}

// item remembers what was viewed last.
func (s *Shop) item(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.pause(r)
	if amend(w, r, viewed.Put(id)) {
		fmt.Fprintf(w, "item %s", id)
	}
}

func (s *Shop) loginForm(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<p>%s<form method=post><input name=user>`, html.EscapeString(notice.Get(ring.FromContext(r.Context()))))
}

// login believes everybody. It tells the reader of the header whom it has logged in, from the request that does so.
func (s *Shop) login(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	if user == "" {
		if amend(w, r, notice.Put("Who are you?")) {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
		return
	}
	if !amend(w, r, session.Login(user), notice.Put("Welcome back.")) {
		return
	}
	if r.FormValue("remember") != "" && !amend(w, r, session.Lifetime(14*24*time.Hour, 90*24*time.Hour, true)) {
		return
	}
	w.Header().Set("X-User", session.Info(ring.FromContext(r.Context())).Owner)
	s.pause(r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// logout sets a value too, which does not outlive the session.
func (s *Shop) logout(w http.ResponseWriter, r *http.Request) {
	back(w, r, session.Set(theme.Set(session.FromContext(r.Context()), "gone")), session.Delete, notice.Put("Bye."))
}

func (s *Shop) renew(w http.ResponseWriter, r *http.Request) { back(w, r, session.Renew) }

func (s *Shop) clear(w http.ResponseWriter, r *http.Request) {
	back(w, r, session.Set(session.FromContext(r.Context()).Clear()))
}

func (s *Shop) setTheme(w http.ResponseWriter, r *http.Request) {
	value := r.FormValue("value")
	s.pause(r)
	back(w, r, theme.Put(value), notice.Put("The theme is "+value+"."))
}

func (s *Shop) setLang(w http.ResponseWriter, r *http.Request) {
	value := r.FormValue("value")
	s.pause(r)
	back(w, r, lang.Put(value))
}

func (s *Shop) visit(w http.ResponseWriter, r *http.Request) {
	s.pause(r)
	if amend(w, r, visits.By(1)) {
		fmt.Fprint(w, "visits ", visits.Get(session.FromContext(r.Context())))
	}
}

// addToCart is written as it is with a session that is a map: read, change, put back.
func (s *Shop) addToCart(w http.ResponseWriter, r *http.Request) {
	mine := cart.Add(session.FromContext(r.Context()), r.PathValue("id"), 1)
	s.pause(r)
	back(w, r, session.Set(mine))
}

func (s *Shop) orderJSON(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Goods string
		N     int64
	}
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	if !amend(w, r, cart.By(order.Goods, order.N)) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]int64{order.Goods: cart.Get(session.FromContext(r.Context()), order.Goods)})
}

func (s *Shop) upload(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer file.Close()
	n, err := io.Copy(io.Discard, file)
	if err == nil && amend(w, r, upload.Put(n)) {
		fmt.Fprintf(w, "%s %d", head.Filename, n)
	}
}

// form shows an incomplete form again, and keeps what was typed.
func (s *Shop) form(w http.ResponseWriter, r *http.Request) {
	if amend(w, r, draft.Put(r.FormValue("value"))) {
		http.Error(w, "Something is missing.", http.StatusUnprocessableEntity)
	}
}

// hop redirects whoever comes to the home page.
func (s *Shop) hop(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

const logo = "<svg xmlns='http://www.w3.org/2000/svg'/>"

func (s *Shop) logo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Set("Etag", `"1"`)
	http.ServeContent(w, r, "logo.svg", time.Time{}, strings.NewReader(logo))
}

// poll waits for news.
func (s *Shop) poll(w http.ResponseWriter, r *http.Request) {
	s.pause(r)
	fmt.Fprint(w, "news", notice.Get(ring.FromContext(r.Context())))
}

func (s *Shop) stream(w http.ResponseWriter, r *http.Request) {
	if !amend(w, r, visits.By(1)) {
		return
	}
	for _, part := range []string{"one ", "two ", "three"} {
		_, _ = io.WriteString(w, part)
		w.(http.Flusher).Flush()
		s.pause(r)
	}
}

func (s *Shop) events(w http.ResponseWriter, r *http.Request) {
	if !amend(w, r, visits.By(1)) {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	if out.Flush() != nil { // the head, before there is an event
		return
	}
	for i := range 2 {
		fmt.Fprintf(w, "data: %d\n\n", i)
		_ = out.Flush()
		s.pause(r)
	}
}

func (s *Shop) hints(w http.ResponseWriter, r *http.Request) {
	if !amend(w, r, visits.By(1)) {
		return
	}
	w.Header().Set("Link", "</style.css>; rel=preload")
	w.WriteHeader(http.StatusEarlyHints)
	fmt.Fprint(w, "page")
}

// socket answers one line of whoever upgrades the connection.
func (s *Shop) socket(w http.ResponseWriter, r *http.Request) {
	if !amend(w, r, visits.By(1)) {
		return
	}
	w.Header().Set("Upgrade", "echo")
	w.Header().Set("Connection", "Upgrade")
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.Header().Del("Upgrade")
		w.Header().Del("Connection")
		http.Error(w, "HTTP/1.1 only", http.StatusNotImplemented)
		return
	}
	defer conn.Close()
	_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	_ = w.Header().Write(rw)
	_, _ = rw.WriteString("\r\n")
	_ = rw.Flush()
	if line, err := rw.ReadString('\n'); err == nil {
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	}
}

// panics does so before its first byte, or after it.
func (s *Shop) panics(w http.ResponseWriter, r *http.Request) {
	_ = ring.Amend(r.Context(), theme.Put("panic"), notice.Put("never"))
	if r.FormValue("when") == "late" {
		_, _ = io.WriteString(w, "half a ")
		w.(http.Flusher).Flush()
	}
	panic(errors.New("a defect of the shop"))
}

// together changes the session from several goroutines.
func (s *Shop) together(w http.ResponseWriter, r *http.Request) {
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			_ = ring.Amend(r.Context(), visits.By(1), cart.By(fmt.Sprint(i), 1))
			_ = session.FromContext(r.Context()).Len()
		})
	}
	all.Wait()
	fmt.Fprint(w, "visits ", visits.Get(session.FromContext(r.Context())))
}

// late changes the session after its first byte, which is too late.
func (s *Shop) late(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "page: ")
	fmt.Fprint(w, ring.Amend(r.Context(), theme.Put("late")))
}

// silent changes the session, and writes nothing.
func (s *Shop) silent(_ http.ResponseWriter, r *http.Request) {
	_ = ring.Amend(r.Context(), visits.By(1))
}

// wrong doesn't look at the error of a value that can't be stored.
func (s *Shop) wrong(w http.ResponseWriter, r *http.Request) {
	_ = ring.Amend(r.Context(), lang.Put("xx"), session.Key[chan int]("channel").Put(make(chan int)))
	fmt.Fprint(w, "Saved.")
}
