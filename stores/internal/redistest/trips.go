package redistest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores"
)

func roundTrips(t *testing.T, open Open) {
	proxy := NewProxy(t, Single(t))
	p := placeAt(open(t, "", "", proxy.Addr()), proxy.target)
	warm := p.insert(t, record("warm"))
	_ = p.Touch(ctx, warm, 7, time.Now(), time.Now().Add(time.Hour))

	is := func(what, want string, call func() error) {
		t.Helper()
		proxy.Trips()
		if err := call(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		all := strings.Fields(proxy.Trips())
		// A test elsewhere may have made the server forget its scripts.
		all = slices.DeleteFunc(all, func(s string) bool { return s == "EVAL" })
		if got := strings.Join(all, " "); got != want {
			t.Errorf("%s: %s; want %s", what, got, want)
		}
	}
	h, rec := newHandle(), record("")
	next := func(change func(*stores.Record)) func() error {
		return func() error {
			seen := rec.Version
			rec.Version++
			change(&rec)
			return p.Save(ctx, h, seen, rec.Row())
		}
	}
	load := func() error { return second(p.Load(ctx, h)) }
	touch := func(d time.Duration) func() error {
		return func() error {
			rec.Expires = rec.Expires.Add(d)
			return p.Touch(ctx, h, rec.Version, rec.Seen, rec.Expires)
		}
	}
	same := func(*stores.Record) {}
	is("an anonymous session begins", "EVALSHA", func() error { return p.Save(ctx, h, 0, rec.Row()) })
	is("it is loaded", "GET", load)
	is("what isn't there is loaded", "GET", func() error {
		if _, err := p.Load(ctx, newHandle()); !errors.Is(err, stores.ErrNotFound) {
			return err
		}
		return nil
	})
	is("it is saved", "EVALSHA", next(same))
	is("it is touched", "EVALSHA", touch(time.Minute))
	is("somebody logs in", "EVALSHA EVALSHA", next(func(r *stores.Record) { r.Owner, r.Authenticated = "ann", r.Seen }))
	is("an owned session is loaded", "GET", load)
	is("it is saved", "EVALSHA", next(func(r *stores.Record) { r.Seen = r.Seen.Add(time.Second) }))
	is("it is renewed", "EVALSHA", next(func(r *stores.Record) { r.Verifier[0]++ }))
	is("it is touched", "EVALSHA", touch(time.Minute))
	is("it is touched after twelve hours", "EVALSHA GET EVALSHA EVALSHA", touch(13*time.Hour))
	is("it is touched again", "EVALSHA", touch(time.Minute))
	is("it is to live for ninety days", "EVALSHA EVALSHA EVALSHA", next(func(r *stores.Record) { r.Expires = r.Seen.Add(90 * 24 * time.Hour) }))
	is("it is saved", "EVALSHA", next(same))
	is("it is deleted", "DEL", func() error { return p.Delete(ctx, h) })
	is("a session begins that is somebody's", "EVALSHA EVALSHA", func() error { return p.Save(ctx, h, 0, rec.Row()) })
	p.insert(t, record("ann"))
	p.insert(t, record("ann"))
	is("three are listed", "ZRANGE GET+GET+GET", func() error { return second(p.List(ctx, "ann")) })
	is("nobody's are listed", "", func() error { return second(p.List(ctx, "")) })
}

// Allocs checks that a load allocates hardly more than the client does for the same command.
func Allocs(t *testing.T, open Open) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	p := newPlace(t, open)
	h := p.insert(t, record("ann"))
	key := p.key(h)
	own := testing.AllocsPerRun(500, func() { _, _, _ = p.client.Get(ctx, key) })
	load := testing.AllocsPerRun(500, func() { _, _ = p.Load(ctx, h) })
	t.Logf("GET %v, load %v", own, load)
	if load > own+8 {
		t.Errorf("%v allocations a load, %v of them the client's; want at most 8 more", load, own)
	}
}
