// Live is a note that all tabs of a user's browser show while it is typed, over a WebSocket and over server-sent
// events. Both end with the session.
//
//	go run ./examples/recipes/live
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const note session.Key[string] = "note"

type site struct {
	sessions *session.Sessions
	watchers watchers
	recheck  func() <-chan time.Time // sends when it is time to look at a session again
}

// follow calls show with the session now and whenever it may have changed. It returns when the session has ended, also because
// another user has logged in; if the store can't tell, that counts as ended. Looking is no use of a session, so an open tab
// keeps nobody logged in.
func (s *site) follow(ctx context.Context, about session.Information, show func(session.Session) error) error {
	wake, leave := s.watchers.join(about)
	defer leave()
	for {
		in, _, err := s.sessions.Load(ctx, about.Handle)
		if err != nil {
			return err
		}
		if err := show(in); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-s.recheck(): // for what happens in another process, and for limits of time
		}
	}
}

// events sends the note as server-sent events.
func (s *site) events(req ring.Request) ring.Response {
	about := session.Info(req)
	if about.Owner == "" {
		return ring.NoContent() // which makes an EventSource stop asking
	}
	return ring.Stream("text/event-stream", func(w ring.Writer) error {
		_ = s.follow(req.Context(), about, func(in session.Session) error {
			data, err := json.Marshal(note.Get(in)) // without line breaks, which would end the event
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
				return err
			}
			return w.Flush()
		})
		return nil
	}).With(ring.SetHeader("Cache-Control", "no-store"))
}

// socket sends the note and takes new ones.
func (s *site) socket(w http.ResponseWriter, r *http.Request) {
	about := session.Info(ring.FromContext(r.Context())) // as it is at the handshake
	if about.Owner == "" {
		http.Error(w, "please log in", http.StatusUnauthorized)
		return
	}
	c, err := websocket.Accept(w, r, nil) // which refuses pages of other hosts: a browser sends them our cookies
	if err != nil {
		return
	}
	defer c.CloseNow()
	go func() {
		err := s.follow(r.Context(), about, func(in session.Session) error {
			return c.Write(r.Context(), websocket.MessageText, []byte(note.Get(in)))
		})
		_ = c.Close(reason(err))
	}()
	for {
		_, text, err := c.Read(r.Context())
		if err != nil {
			return
		}
		// A log-out that came first wins: then this is ErrNotFound, and nothing was stored.
		if err := s.sessions.Amend(r.Context(), about.Handle, note.Put(string(text))); err != nil {
			_ = c.Close(reason(err))
			return
		}
	}
}

// reason tells the browser why its socket was closed.
func reason(err error) (websocket.StatusCode, string) {
	if errors.Is(err, session.ErrNotFound) {
		return websocket.StatusPolicyViolation, "the session has ended"
	}
	return websocket.StatusInternalError, "please connect again"
}

// login believes whoever says a name. The recipe login has a real one.
func login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(session.Login(form.Get("name")))
}

func logout(ring.Request) ring.Response { return ring.Redirect("/").With(session.Delete) }

func home(req ring.Request) ring.Response { return ring.HTML(page, session.Info(req).Owner) }

var page = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Note</title>
{{if .}}<p>{{.}}</p><form method="post" action="/logout"><button>Log out</button></form>
<textarea id="note"></textarea> <output id="copy"></output>
<script>
	const socket = new WebSocket("/socket"); // ws://, or wss:// on https
	note.oninput = () => socket.send(note.value);
	socket.onmessage = e => { if (document.activeElement != note) note.value = e.data; };
	socket.onclose = () => location.reload(); // to the log-in, if the session has ended
	new EventSource("/events").onmessage = e => copy.value = JSON.parse(e.data);
</script>
{{else}}<form method="post" action="/login"><input name="name"><button>Log in</button></form>{{end}}`))

func app(store stores.Store, recheck func() <-chan time.Time) http.Handler {
	s := &site{recheck: recheck}
	options := session.Options{OnEvent: s.watchers.hear}
	s.sessions = session.Open(store, options) // what it does is heard too
	layers := ring.Chain(
		session.Wrap(store, options),
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", home),
		route.Post("/login", login),
		route.Post("/logout", logout),
		route.Get("/events", s.events),
		route.Get("/socket", ring.FromHTTP(http.HandlerFunc(s.socket))),
	))
}

func main() {
	everyMinute := func() <-chan time.Time { return time.After(time.Minute) }
	fmt.Println("http://localhost:8080/ has a note")
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New(), everyMinute)))
}
