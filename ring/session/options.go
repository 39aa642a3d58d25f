package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"time"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// Options of [Wrap]. The zero Options is safe in production.
type Options struct {
	// Cookie is the template of the cookie: Name, Path, Domain, Secure, HttpOnly, SameSite and Partitioned count. The
	// zero Cookie is __Host-session, Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain. Sessions with an owner use
	// the name with "-owner" at its end. In a Cookie that isn't zero, an empty Name, Path and SameSite have those
	// defaults; Secure and HttpOnly are as they are there, but a cookie without Secure also takes Insecure. SameSite
	// http.SameSiteDefaultMode sends no such attribute: browsers take Lax, and some let the cookie come with a form
	// that another site posts within two minutes, as log-ins with form_post need.
	Cookie http.Cookie

	// Insecure says that the cookie may travel over plain http: for development where a browser does not treat the
	// address as secure (Safari, or a LAN). The default cookie then loses Secure and the __Host- prefix. Without it
	// Wrap logs a hint, once, when it sets a Secure cookie over plain http for another host than that of the browser.
	Insecure bool

	// Slot is the session that this is: the ordinary one, or one of Named. The default cookie of a named session is
	// __Host- and its name.
	Slot Slot

	// Idle ends a session that nobody has used for so long. 0 means 30 minutes, or with Persistent no limit: then
	// Absolute alone counts. Negative means no limit; over 400 days are 400 days in any case. With a [Sealer] it counts
	// from the last write, and 0 is no limit.
	Idle time.Duration

	// Absolute ends a session so long after it was created or logged in. 0 means 12 hours, negative no limit.
	Absolute time.Duration

	// Persistent makes the cookie outlive the browser session, until the absolute limit. Lifetime says so for one
	// session.
	Persistent bool

	// TouchEvery is how often at most a session that is only read has its expiry moved. 0 means a thirtieth of Idle,
	// between a second and a minute; negative means never, so that idling counts from the last write. It is never with a
	// [Sealer].
	TouchEvery time.Duration

	// MaxBytes bounds an encoded session. 0 means 64 KiB. A store may allow less. Of a session that is too large,
	// reserved keys such as flash messages are dropped first, in the order of their names; if it is too large without
	// them, the response fails.
	MaxBytes int

	// Deadline bounds the time that loading may take, and then again the commit with all its tries. 0 means 5 seconds.
	// A store that waits for the end of its context may be told up to a sixteenth earlier, as calls share timers.
	Deadline time.Duration

	// Now is the clock. nil means time.Now.
	Now func() time.Time

	// Rand returns the random bytes of ids ([Information.AppendID]). nil means crypto/rand. Tokens are the store's
	// business; see [KeepRand].
	Rand io.Reader

	// OnEvent is called for what was decided, before the response goes on; nil for nobody. It must be fast and safe
	// for concurrent use.
	OnEvent func(context.Context, Event)

	// OnDropped answers if a change was dropped, because its session was deleted, renewed or expired meanwhile; resp is
	// what the handler wanted to say. nil means: a GET or HEAD is answered as it is, and so is a redirect by a handler
	// that saw no session; anything else with 409. If reserved keys such as flash messages are all that was dropped,
	// OnDropped isn't called and the answer is that of the handler.
	//
	// The answer is for this request only: no cache stores it, unless it has a Cache-Control of its own. It can't carry
	// a message or a change of the session, as there is no session to put them in; they are dropped, and the event's
	// Err says so.
	OnDropped func(req ring.Request, resp ring.Response) ring.Response

	// OnFailure answers if the store failed: before the handler, which then isn't called, or instead of its response.
	// Nothing is stored, and no cookie is set. nil means a failed response of 503. As with OnDropped, no cache stores
	// the answer, and it can't carry a message or a change. It isn't called if the client has left while its session
	// was loaded.
	OnFailure func(req ring.Request, err error) ring.Response

	// Moving brings over the sessions that the visitors of a running site still have with another library. nil if there
	// is nothing to bring over.
	Moving *Moving

	customClock bool // Now is not time.Now
}

const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 12 * time.Hour
	defaultDeadline = 5 * time.Second
	skew            = time.Hour   // how far the clocks of programs that share a store may be apart, or one may be set back
	emptyLifetime   = time.Minute // how long an empty session stays, for a parallel request that adds to it
	maxCookieAge    = 400 * 24 * time.Hour
)

// normal returns the options with defaults filled in. It panics on a mistake in the program.
func (o Options) withDefaults() Options {
	if isZeroCookie(o.Cookie) {
		o.Cookie = http.Cookie{Secure: !o.Insecure, HttpOnly: true}
	}
	if o.Cookie.MaxAge != 0 || !o.Cookie.Expires.IsZero() || o.Cookie.Value != "" {
		panic("session: Options.Cookie has a MaxAge, Expires or Value: how long a cookie lives follows from Persistent and Absolute")
	}
	if o.Cookie.Name == "" {
		o.Cookie.Name = "session"
		if name := o.Slot.Name(); name != "" {
			o.Cookie.Name = name
		}
		if o.Cookie.Secure && o.Cookie.Domain == "" && (o.Cookie.Path == "" || o.Cookie.Path == "/") {
			o.Cookie.Name = "__Host-" + o.Cookie.Name
		}
	}
	if o.Cookie.Path == "" {
		o.Cookie.Path = "/"
	}
	if o.Cookie.SameSite == 0 {
		o.Cookie.SameSite = http.SameSiteLaxMode
	}
	if !o.Cookie.Secure && !o.Insecure {
		panic("session: Options.Cookie is not Secure: say Insecure if that is meant")
	}
	if o.Persistent && o.Idle == 0 {
		o.Idle = noLimit
	}
	o.Idle = cmp.Or(o.Idle, defaultIdle)
	o.Absolute = cmp.Or(o.Absolute, defaultAbsolute)
	if o.TouchEvery == 0 {
		o.TouchEvery = time.Minute
		if o.Idle > 0 {
			o.TouchEvery = min(max(o.Idle/30, time.Second), time.Minute)
		}
	}
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	if o.Deadline < 0 {
		panic("session: Options.Deadline is negative: without one, a store that hangs hangs the site")
	}
	if o.MaxBytes < 0 {
		panic("session: Options.MaxBytes is negative")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = wire.DefaultMax
	}
	o.customClock = o.Now != nil
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.OnFailure == nil {
		o.OnFailure = unavailable
	}
	return o
}

func isZeroCookie(c http.Cookie) bool {
	return c.Name == "" && c.Path == "" && c.Domain == "" && !c.Secure && !c.HttpOnly && c.SameSite == 0 && !c.Partitioned // the rest is refused
}

// limits returns the idle and absolute limits that hold for a record; 0 for none.
func (o *Options) limits(r *stores.Record) (idle, absolute time.Duration) {
	return max(0, cmp.Or(r.Idle, o.Idle)), max(0, cmp.Or(r.Absolute, o.Absolute))
}

// expiry returns when a record that is used now expires.
func (o *Options) expiry(r *stores.Record, now time.Time) time.Time {
	if r.IsEmpty() {
		return now.Add(emptyLifetime)
	}
	idle, absolute := o.limits(r)
	end := now.Add(maxCookieAge)
	if idle > 0 && idle < maxCookieAge {
		end = now.Add(idle)
	}
	if absolute > 0 {
		if hard := r.Start().Add(absolute); hard.Before(end) {
			end = hard
		}
	}
	return end
}

// isOver reports whether a record has expired, by what it says or by the limits of today, should they be tighter. One
// from the future has too: limits that count from there would let it live for as long as the clock was ahead when it
// was stored.
func (o *Options) isOver(r *stores.Record, now time.Time) bool {
	if latest := now.Add(skew); !now.Before(r.Expires) || r.Seen.After(latest) || r.Start().After(latest) {
		return true
	}
	idle, absolute := o.limits(r)
	return idle > 0 && now.Sub(r.Seen) >= idle || absolute > 0 && now.Sub(r.Start()) >= absolute
}

// unavailable is OnFailure unless Options have another one.
func unavailable(_ ring.Request, err error) ring.Response {
	return ring.Fail(&ring.Error{
		Status:  http.StatusServiceUnavailable,
		Message: "Please try again in a moment.",
		Err:     err,
	})
}
