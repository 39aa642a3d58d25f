package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// load finds the session of a request, among the cookies that are present or with another library.
func (m *middleware) load(req ring.Request, l *arrivalWithRecord, present cookiePair[bool]) error {
	l.arrival.commit = &l.commit
	l.deadline.Start(req.Context(), m.until(l.now))
	defer l.deadline.End()
	err := m.loadPresent(req, l, present)
	if err == nil && m.moving.mayBring(&req) {
		err = m.loadMoved(&req, l)
	}
	return err
}

// loadMoved looks for an old session and makes it the session of the arrival, unless that is an owner's already.
func (m *middleware) loadMoved(req *ring.Request, l *arrivalWithRecord) error {
	if m.opts.isForeign(req) {
		return nil // an anonymous session could replace one whose cookie was not sent
	}
	tried := 0
	for value := range cookies.Raw(req.Header, m.moving.Cookie.Name) {
		if tried++; tried > maxTried {
			break
		}
		l.arrival.hasOld = true
		if value == "" || l.arrival.state == Live && (l.arrival.owned || l.arrival.moved) {
			continue
		}
		if err := m.move(req, l, unquoted(value)); err != nil {
			return fmt.Errorf("session: Options.Moving: %w", err)
		}
	}
	return nil
}

// move makes the session that an old cookie's value stands for that of the arrival. It leaves the arrival as it is if
// there is none.
func (m *middleware) move(req *ring.Request, l *arrivalWithRecord, value string) error {
	k, err := newMark(m.cookies.names.anonymous, value)
	if err != nil {
		return err
	}
	t, err := m.markedToken(&l.deadline, k)
	if errors.Is(err, stores.ErrNotFound) {
		t, err = m.bringOver(req, l, k, value)
	}
	if err != nil || t.IsZero() {
		return err
	}
	a := &l.arrival
	rec, err := m.store.Load(&l.deadline, t, a.now)
	owned := rec.Owner != ""
	state, failure := m.classify(&rec, err, owned, a.now)
	switch {
	case failure != nil:
		return failure
	case state != Live:
		m.emit(req.Context(), Event{Kind: Refused, Handle: rec.Handle, State: state})
		if a.state == Live { // the anonymous session, which stays
			return nil
		}
	}
	l.record, a.moved = rec, state == Live
	l.found(t, state, owned)
	return nil
}

var errLostMark = errors.New("the table of marks refuses one as a conflict and has none")

// bringOver stores the old session as a new one and returns its token. The mark decides which of several requests was
// the one to do it: nobody has the token of a session whose mark was not stored. A zero token means that there is no
// old session.
func (m *middleware) bringOver(req *ring.Request, l *arrivalWithRecord, k mark, value string) (stores.Token, error) {
	ctx, a := &l.deadline, &l.arrival
	var s Session
	if a.state == Live {
		s.data = wire.Map(l.record.Data).WithoutKind(wire.Bound) // as for a log-in
	}
	moved, err := m.moving.Load(ctx, value, s)
	if errors.Is(err, ErrAbsent) || err == nil && moved.Owner == "" && a.state == Live {
		return stores.Token{}, nil
	}
	if err == nil {
		err = m.checkMoved(&moved)
	}
	if err != nil {
		return stores.Token{}, err
	}
	rec := m.movedRecord(&moved, a.now)
	if rec.IsEmpty() || m.opts.isOver(&rec, a.now) {
		return stores.Token{}, nil
	}
	t, err := m.store.Save(ctx, m.cookies.token(""), rec, false)
	if err != nil {
		return stores.Token{}, err
	}
	ends := moved.Expires
	if ends.IsZero() {
		ends = a.now.Add(maxCookieAge)
	}
	err = m.moving.Marks.Save(ctx, k.handle, 0, k.row(t, a.now, ends.Add(markSlack)))
	if errors.Is(err, stores.ErrConflict) { // another request was faster
		_ = m.store.Delete(ctx, t) // nobody is going to have its token
		if t, err = m.markedToken(ctx, k); errors.Is(err, stores.ErrNotFound) {
			err = errLostMark
		}
		return t, err
	}
	if err == nil {
		h, _ := t.Handle()
		m.emit(req.Context(), Event{Kind: BroughtOver, Handle: h, Owner: rec.Owner, State: a.state})
	}
	return t, err
}

func (m *middleware) checkMoved(moved *Moved) error {
	size := moved.Session.data.Size()
	switch {
	case moved.Session.err != nil:
		return moved.Session.err
	case len(moved.Owner) > maxOwner:
		return errNoOwner
	case size > m.opts.MaxBytes:
		return fmt.Errorf("%w: %d bytes are more than the %d of Options.MaxBytes", ErrTooLarge, size, m.opts.MaxBytes)
	}
	return nil
}

// movedRecord makes the record of a session that is brought over.
func (m *middleware) movedRecord(moved *Moved, now time.Time) stores.Record {
	rec := stores.Record{
		Data: moved.Session.Data(), Owner: moved.Owner, Created: moved.Created, Seen: now,
		Idle: max(moved.Idle, noLimit), Absolute: max(moved.Absolute, noLimit), Persistent: moved.Persistent || m.opts.Persistent,
	}
	if rec.Created.IsZero() || rec.Created.After(now) {
		rec.Created = now
	}
	if moved.Persistent && rec.Idle == 0 {
		rec.Idle = noLimit
	}
	if rec.Owner != "" {
		rec.Authenticated = rec.Created
	}
	rec.Expires = m.opts.expiry(&rec, now)
	return rec
}

// markedToken returns the token of the session that an old one has become, or ErrNotFound.
func (m *middleware) markedToken(ctx context.Context, k mark) (stores.Token, error) {
	row, err := m.moving.Marks.Load(ctx, k.handle)
	if err != nil {
		return stores.Token{}, err
	}
	value, err := k.open(row)
	return m.cookies.token(value), err
}

// movedFields returns the fields of a response to a request that brought an old session: the cookie of the new one, if
// the browser doesn't have it yet, and the end of the old one.
func (m *middleware) movedFields(req ring.Request, a *arrival, h ring.Header, token bool) []ring.Field {
	var fields []ring.Field
	if token && a.moved && !hasCookie(h, m.cookies.name(a.owned)) {
		age := m.cookieAge(a.rec, a.now)
		fields = append(fields, ring.Field{Name: "Set-Cookie", Value: m.cookies.set(a.owned, m.token(a), age)})
		m.hintAtPlainHTTP(req)
		if anonymous := m.cookies.name(false); a.owned && m.cookies.named(req.Header).anonymous && !hasCookie(h, anonymous) {
			fields = append(fields, ring.Field{Name: "Set-Cookie", Value: m.cookies.expire(false)})
		}
	}
	if a.hasOld && !hasCookie(h, m.moving.Cookie.Name) {
		fields = append(fields, ring.Field{Name: "Set-Cookie", Value: m.moving.forget})
	}
	return fields
}

// settleMoved adds movedFields to a response that goes out as it is.
func (m *middleware) settleMoved(req ring.Request, a *arrival, resp ring.Response, token bool) ring.Response {
	if !a.hasOld || resp.Status == 0 {
		return resp
	}
	if fields := m.movedFields(req, a, resp.Header, token); len(fields) > 0 {
		resp.Header = resp.Header.Del("Cache-Control").AddAll(append(fields, ring.Field{Name: "Cache-Control", Value: "no-store"})...)
	}
	return resp
}
