package redistest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// outlives says what is wrong where an owner's list doesn't have a session for longer than the session is there.
func (p *place) outlives(t testing.TB, h stores.Handle, owner string) error {
	t.Helper()
	lives := p.do(t, "PTTL", p.key(h)).(int64)
	score, _ := p.do(t, "ZSCORE", p.list(owner), h.String()).(string)
	if score == "" {
		return errors.New("it isn't listed")
	}
	until, err := strconv.ParseInt(score, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	now := p.serverTime(t)
	entry, list := until-now, p.do(t, "PTTL", p.list(owner)).(int64)
	if least := lives + (50 * time.Minute).Milliseconds(); entry < least || list < least {
		return fmt.Errorf("it lives for %d ms, its entry for %d and the list for %d", lives, entry, list)
	}
	return nil
}

func (p *place) serverTime(t testing.TB) int64 {
	t.Helper()
	now := p.do(t, "TIME").([]any)
	s, _ := strconv.ParseInt(now[0].(string), 10, 64)
	us, _ := strconv.ParseInt(now[1].(string), 10, 64)
	return s*1000 + us/1000
}

func listed(t *testing.T, open Open) {
	const day = 24 * time.Hour
	p := newPlace(t, open)
	save := func(h stores.Handle, rec stores.Record, change func(*stores.Record)) stores.Record {
		t.Helper()
		seen := rec.Version
		rec.Version++
		change(&rec)
		p.save(t, h, seen, rec)
		return rec
	}
	for name, change := range map[string]func(stores.Handle, stores.Record){
		"nothing": func(stores.Handle, stores.Record) {},
		"a save":  func(h stores.Handle, rec stores.Record) { save(h, rec, func(*stores.Record) {}) },
		"a save that makes it live for ninety days": func(h stores.Handle, rec stores.Record) {
			save(h, rec, func(r *stores.Record) { r.Expires = r.Seen.Add(90 * day) })
		},
		"a touch": func(h stores.Handle, rec stores.Record) {
			_ = p.Touch(ctx, h, rec.Version, rec.Seen, rec.Expires.Add(time.Minute))
		},
		"a touch that makes it live for ninety days": func(h stores.Handle, rec stores.Record) {
			_ = p.Touch(ctx, h, rec.Version, rec.Seen, rec.Expires.Add(90*day))
		},
		"ninety days and then a save that takes them back": func(h stores.Handle, rec stores.Record) {
			rec = save(h, rec, func(r *stores.Record) { r.Expires = r.Seen.Add(90 * day) })
			save(h, rec, func(r *stores.Record) { r.Expires = r.Seen.Add(time.Hour) })
		},
		"a save without its owner and one with it": func(h stores.Handle, rec stores.Record) {
			rec = save(h, rec, func(r *stores.Record) { r.Owner = "" })
			save(h, rec, func(r *stores.Record) { r.Owner = "ann" })
		},
		"another log-in": func(h stores.Handle, rec stores.Record) {
			save(h, rec, func(r *stores.Record) { r.Authenticated = r.Seen })
		},
	} {
		t.Run("after "+name, func(t *testing.T) {
			rec := record("ann")
			h := p.insert(t, rec)
			change(h, rec)
			if err := p.outlives(t, h, "ann"); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("after the log-in of a visitor", func(t *testing.T) {
		rec := record("")
		h := p.insert(t, rec)
		save(h, rec, func(r *stores.Record) { r.Owner, r.Authenticated = "visitor", r.Seen })
		if err := p.outlives(t, h, "visitor"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a thousand of one owner", func(t *testing.T) {
		for range 1000 {
			p.insert(t, record("many"))
		}
		recs, err := p.List(ctx, "many")
		if err != nil || len(recs) != 1000 {
			t.Errorf("listed %d, %v; want 1000", len(recs), err)
		}
	})
	t.Run("what isn't a handle names nothing", func(t *testing.T) {
		h := p.insert(t, record("eve"))
		p.do(t, "ZADD", p.list("eve"), "9999999999999", "owner:ann")
		recs, err := p.List(ctx, "eve")
		if err != nil || len(recs) != 1 || recs[0].Handle != h {
			t.Errorf("listed %d, %v; want the session", len(recs), err)
		}
	})
}

func listedFirst(t *testing.T, open Open) {
	c, addr := open(t, "", "", Single(t)), Single(t)
	var order []string
	down := errors.New("down")
	var fail func(key string) error
	p := placeAt(spied{c, func(key string) error {
		order = append(order, key)
		if fail != nil {
			return fail(key)
		}
		return nil
	}}, addr)

	h := p.insert(t, record("ann"))
	if got, want := strings.Join(order, " "), p.list("ann")+" "+p.key(h); got != want {
		t.Errorf("wrote %s; want %s", got, want)
	}

	fail = func(key string) error {
		if key == p.list("bob") {
			return down
		}
		return nil
	}
	h = newHandle()
	if err := p.Save(ctx, h, 0, record("bob").Row()); !errors.Is(err, down) {
		t.Errorf("save: %v; want the failure of the list", err)
	}
	if _, err := p.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
		t.Errorf("load: %v; want no session that isn't listed", err)
	}

	h = newHandle()
	fail = func(key string) error {
		if key == p.key(h) {
			return down
		}
		return nil
	}
	if err := p.Save(ctx, h, 0, record("eve").Row()); !errors.Is(err, down) {
		t.Errorf("save: %v; want the failure", err)
	}
	if recs, err := p.List(ctx, "eve"); err != nil || len(recs) != 0 {
		t.Errorf("listed %d, %v; want nothing that isn't there", len(recs), err)
	}
}

func listsLosePastEntries(t *testing.T, open Open) {
	p := newPlace(t, open)
	past, future := newHandle().String(), newHandle().String()
	now := p.serverTime(t)
	p.do(t, "ZADD", p.list("ann"), fmt.Sprint(now-1), past, fmt.Sprint(now+600_000), future)
	h := p.insert(t, record("ann"))
	names, err := p.client.Members(ctx, p.list("ann"))
	if got, want := strings.Join(names, " "), future+" "+h.String(); got != want || err != nil {
		t.Errorf("listed are %s, %v; want %s", got, err, want)
	}
}
