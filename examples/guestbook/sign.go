package main

import (
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// homeData is what the first page shows.
type homeData struct {
	Entries    []Entry
	Name, Text Field
	Visits     int64
}

// home shows the book and counts the visit. As an Attempt it tells the number that is stored, also where two tabs are
// opened at once.
func (s *site) home(req ring.Request) ring.Response {
	return session.Attempt(func(now session.Session) (session.Session, ring.Response) {
		now = visits.Add(now, 1)
		return now, s.page(req, homePage, homeData{
			Entries: s.book.Entries(),
			Name:    Field{Value: penName.Get(now)},
			Visits:  visits.Get(now),
		})
	})
}

// sign adds an entry. A form with a mistake is shown again, with everything that was typed.
func (s *site) sign(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	info := session.Info(req)
	name, text := nameField(form.Get("name")), textField(form.Get("text"))
	if info.Owner != "" {
		name = Field{Value: info.Owner} // who is logged in signs with that name
	}
	if name.Problem != "" || text.Problem != "" {
		was := session.From(req)
		return s.page(req, homePage, homeData{s.book.Entries(), name, text, visits.Get(was)}).
			With(ring.Status(http.StatusUnprocessableEntity))
	}
	if err := s.book.Add(Entry{name.Value, text.Value, info.Now, info.Owner != ""}); err != nil {
		return ring.Fail(err)
	}
	thanks := ring.Redirect("/").With(notice.Put("Thank you for signing, " + name.Value + "."))
	if info.Owner != "" {
		return thanks
	}
	return thanks.With(penName.Put(name.Value))
}
