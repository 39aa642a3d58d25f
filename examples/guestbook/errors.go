package main

import (
	"errors"
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
)

// A Problem is what a page of error says.
type Problem struct {
	Status      int
	Title, Help string
}

// errorPage makes a page of the site out of a failed response. It stands outside of the session, which may be what failed.
func errorPage(_ ring.Request, failed ring.Response) ring.Response {
	p := problem(failed.Status)
	if known, ok := errors.AsType[*ring.Error](failed.Err); ok && known.Message != "" {
		p.Help = known.Message
	}
	if errors.Is(failed.Err, csrf.ErrToken) {
		p.Title = "This page has expired"
	}
	page := ring.HTML(problemPage, frame{Body: p})
	page.Status = failed.Status
	return page
}

func problem(status int) Problem {
	p := Problem{Status: status}
	switch status {
	case http.StatusBadRequest:
		p.Title, p.Help = "That did not arrive whole", "Please go back and try again."
	case http.StatusForbidden:
		p.Title, p.Help = "This came from another site", "A form of the guest book only counts if it was sent from here. Nothing was changed."
	case http.StatusNotFound:
		p.Title, p.Help = "There is no such page", "The address may be mistyped, or the page was never written."
	case http.StatusMethodNotAllowed:
		p.Title, p.Help = "This is not a page to visit", "There is a button for it, on one of the pages."
	case http.StatusRequestEntityTooLarge:
		p.Title, p.Help = "That is too much", "The guest book takes short entries only."
	case http.StatusServiceUnavailable:
		p.Title, p.Help = "The book is out of reach", "Please try again in a moment."
	default:
		p.Title, p.Help = "Something went wrong", "It is not your fault. Please try again in a moment."
		if status < 500 {
			p.Title, p.Help = "That was not understood", "Please go back and try again."
		}
	}
	return p
}
