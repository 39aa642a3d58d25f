package peer

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/boj/redistore"
	"github.com/gorilla/sessions"
)

const gorillaModule = "github.com/gorilla/sessions"

// Gorilla is gorilla/sessions with its stores.
var Gorilla = []Peer{
	{Name: "gorilla", Module: gorillaModule, Store: "cookie", Open: func(Place) (*Site, error) {
		return gorillaSite(sessions.NewCookieStore(randomKey(32), randomKey(32))), nil
	}},
	{Name: "gorilla", Module: gorillaModule, Store: "files", Open: func(at Place) (*Site, error) {
		store := sessions.NewFilesystemStore(at.Dir, randomKey(32))
		store.MaxLength(0) // its default of 4096 bytes is too little for fifty keys
		return gorillaSite(store), nil
	}},
	{Name: "gorilla", Module: gorillaModule, Store: "redis", Needs: redisURL, Open: func(at Place) (*Site, error) {
		store, err := redistore.NewRediStoreWithURL(10, at.URL, randomKey(32))
		if err != nil {
			return nil, errors.New("redistore can't connect") // its error may hold the password
		}
		store.SetKeyPrefix(randomName() + ":")
		store.SetMaxAge(3600) // so that what is left behind expires
		return gorillaSite(store, func() { _ = store.Close() }), nil
	}},
}

func gorillaSite(store sessions.Store, done ...func()) *Site {
	return &Site{HTTP: gorillaApp(store), done: done}
}

func gorillaApp(store sessions.Store) http.HandlerFunc {
	var in turn
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.URL.Path == "/plain" {
			_, _ = w.Write([]byte("ok"))
			return
		}
		s, err := store.Get(r, "session")
		if err != nil && s == nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		text, save := "ok", true
		switch r.URL.Path {
		case "/read":
			text, _ = s.Values[firstKey].(string)
			save = false
		case "/write":
			s.Values[firstKey] = in.next()
		case "/fill":
			n, _ := strconv.Atoi(r.URL.Query().Get("keys"))
			for i := range n {
				s.Values[KeyName(i)] = value
			}
		case "/put":
			s.AddFlash(message)
		case "/page", "/poll":
			text = ""
			for _, f := range s.Flashes() {
				text, _ = f.(string)
			}
			save = text != ""
		case "/visit", "/count":
			if r.URL.Path == "/count" {
				wait(r.URL.Query().Get("gate"))
			}
			n, _ := s.Values["visits"].(int)
			s.Values["visits"] = n + 1
			text = strconv.Itoa(n + 1)
		case "/set":
			wait(r.URL.Query().Get("gate"))
			s.Values[r.URL.Query().Get("key")] = value
		case "/get":
			text, _ = s.Values[r.URL.Query().Get("key")].(string)
			save = false
		case "/login":
			s.Values["user"] = user // there is no way to renew
		case "/logout":
			s.Options.MaxAge = -1
		case "/who":
			text, _ = s.Values["user"].(string)
			save = false
		}
		if save {
			if err := s.Save(r, w); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		if r.URL.Path == "/put" {
			http.Redirect(w, r, "/page", http.StatusSeeOther)
			return
		}
		_, _ = w.Write([]byte(text))
	}
}
