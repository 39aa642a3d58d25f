package peer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Floor is the least that any library must do, written by hand on net/http for each kind of store: find the cookie, decode
// the token and hash it, make one call of the store, compare, decode the one value; for a write copy the values and make one more call.
// No versions, no merging, no events, no limit but expiry, no types but strings. A flash message is a plain value.
var Floor = []Peer{
	{Name: byHand, Store: "memory", Open: func(Place) (*Site, error) { return floorSite(newShelfOfMemory()), nil }},
	{Name: byHand, Store: "cookie", Open: openFloorSealed},
	{Name: byHand, Store: "sqlite", Open: openFloorSQLite},
	{Name: byHand, Store: "postgres", Needs: postgresURL, Open: openFloorPostgres},
	{Name: byHand, Store: "mysql", Needs: mysqlDSN, Open: openFloorMySQL},
	{Name: byHand, Store: "redis", Needs: redisURL, Open: openFloorRedis},
}

const byHand = "by hand"

type (
	floorID [18]byte

	// A row is a session: the hash of its secret, and its values by number.
	row struct {
		hash    [32]byte
		expires int64 // in Unix seconds
		values  floorValues
	}

	// A shelf keeps rows. insert and save are plain: nobody looks who was faster.
	shelf interface {
		load(context.Context, floorID) (row, error)
		insert(context.Context, floorID, row) error
		save(context.Context, floorID, row) error
	}
)

var errNoRow = errors.New("no row")

// floorValues are strings of up to 255 bytes one after the other, each with its length before it. The first is the flash message,
// the second counts visits, the others are keys.
type floorValues string

const flashAt, visitsAt, firstAt = 0, 1, 2

// span returns where the ith value begins and ends, after its length.
func (v floorValues) span(i int) (int, int) {
	p := 0
	for ; i > 0 && p < len(v); i-- {
		p += 1 + int(v[p])
	}
	if p >= len(v) {
		return p, p
	}
	return p + 1, p + 1 + int(v[p])
}

func (v floorValues) at(i int) string { from, to := v.span(i); return string(v[from:to]) }

// with returns the values with another one at i, where there must have been one.
func (v floorValues) with(i int, s string) floorValues {
	from, to := v.span(i)
	var b strings.Builder
	b.Grow(len(v) + len(s) - (to - from))
	b.WriteString(string(v[:from-1]))
	b.WriteByte(byte(len(s)))
	b.WriteString(s)
	b.WriteString(string(v[to:]))
	return floorValues(b.String())
}

func newFloorValues(keys int) floorValues {
	return floorValues("\x00\x00" + strings.Repeat(string(rune(len(value)))+value, keys))
}

const (
	floorCookie     = "__Host-session="
	floorAttributes = "; Path=/; HttpOnly; Secure; SameSite=Lax"
	floorToken      = 24 + 44
	floorLife       = 30 * time.Minute
)

// cookieValue finds a cookie by its prefix "name=".
func cookieValue(r *http.Request, prefix string) (string, bool) {
	for rest := r.Header.Get("Cookie"); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "; ")
		if v, ok := strings.CutPrefix(pair, prefix); ok {
			return v, true
		}
	}
	return "", false
}

func floorSite(s shelf, done ...func()) *Site { return &Site{HTTP: &floor{shelf: s}, done: done} }

type floor struct {
	shelf shelf
	in    turn
}

// find returns the session of a request; ok is false where there is none.
func (f *floor) find(r *http.Request) (id floorID, got row, ok bool, err error) {
	token, ok := cookieValue(r, floorCookie)
	if !ok || len(token) != floorToken {
		return id, row{}, false, nil
	}
	var buf [floorToken]byte
	var secret [33]byte
	copy(buf[:], token)
	_, err1 := base64.RawURLEncoding.Decode(id[:], buf[:24])
	_, err2 := base64.RawURLEncoding.Decode(secret[:], buf[24:])
	if err1 != nil || err2 != nil {
		return id, row{}, false, nil
	}
	got, err = f.shelf.load(r.Context(), id)
	if err == errNoRow {
		return id, row{}, false, nil
	}
	hash := sha256.Sum256(secret[:])
	ok = subtle.ConstantTimeCompare(hash[:], got.hash[:]) == 1 && time.Now().Unix() < got.expires
	return id, got, ok, err
}

// create stores a new session and returns its Set-Cookie field.
func (f *floor) create(ctx context.Context, values floorValues) (string, error) {
	var id floorID
	var secret [33]byte
	_, _ = rand.Read(id[:])
	_, _ = rand.Read(secret[:])
	fresh := row{sha256.Sum256(secret[:]), time.Now().Add(floorLife).Unix(), values}
	if err := f.shelf.insert(ctx, id, fresh); err != nil {
		return "", err
	}
	var buf [floorToken]byte
	base64.RawURLEncoding.Encode(buf[:24], id[:])
	base64.RawURLEncoding.Encode(buf[24:], secret[:])
	return floorCookie + string(buf[:]) + floorAttributes, nil
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, s, ok, err := f.find(r)
	if err != nil {
		http.Error(w, "the store failed", http.StatusServiceUnavailable)
		return
	}
	text, values := answer(r, s.values, &f.in)
	h := w.Header()
	if ok { // what was made for one visitor must not reach a shared cache
		h.Set("Cache-Control", "private")
		h.Set("Vary", "Cookie")
	}
	if values != "" {
		if ok {
			s.values, s.expires = values, time.Now().Add(floorLife).Unix()
			err = f.shelf.save(r.Context(), id, s)
		} else {
			var set string
			set, err = f.create(r.Context(), values)
			h.Set("Cache-Control", "no-store")
			h.Set("Set-Cookie", set)
		}
		if err != nil {
			http.Error(w, "the store failed", http.StatusServiceUnavailable)
			return
		}
	}
	finish(w, r, text)
}

// answer is the application: what is said, and the values to store, empty where nothing is to be stored.
func answer(r *http.Request, values floorValues, in *turn) (text string, changed floorValues) {
	if values == "" {
		values = newFloorValues(1)
	}
	switch r.URL.Path {
	case "/read":
		return values.at(firstAt), ""
	case "/write":
		return "ok", values.with(firstAt, in.next())
	case "/fill":
		n, _ := strconv.Atoi(r.URL.Query().Get("keys"))
		return "ok", newFloorValues(n)
	case "/put":
		return "ok", values.with(flashAt, message)
	case "/page":
		if text = values.at(flashAt); text != "" {
			changed = values.with(flashAt, "")
		}
		return text, changed
	case "/visit":
		n, _ := strconv.Atoi(values.at(visitsAt))
		text = strconv.Itoa(n + 1)
		return text, values.with(visitsAt, text)
	}
	return "ok", ""
}

func finish(w http.ResponseWriter, r *http.Request, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if r.URL.Path == "/put" {
		h.Set("Location", "/page")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	_, _ = w.Write([]byte(text))
}
