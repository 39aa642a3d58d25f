package redistest

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
)

func scriptOf(source string) *redistable.Script {
	sum := sha1.Sum([]byte(source))
	return &redistable.Script{Source: source, SHA1: hex.EncodeToString(sum[:])}
}

// A spied client tells of a script before it runs it. An error is the answer instead.
type spied struct {
	redistable.Client
	before func(key string) error
}

func (c spied) Run(ctx context.Context, s *redistable.Script, key string, args ...string) (int64, error) {
	if err := c.before(key); err != nil {
		return 0, err
	}
	return c.Client.Run(ctx, s, key, args...)
}

// A broken client runs scripts of which a part is another one.
type broken struct {
	redistable.Client
	old, new string
	found    *bool
}

func (c broken) Run(ctx context.Context, s *redistable.Script, key string, args ...string) (int64, error) {
	if changed := strings.ReplaceAll(s.Source, c.old, c.new); changed != s.Source {
		*c.found = true
		s = scriptOf(changed)
	}
	return c.Client.Run(ctx, s, key, args...)
}

// brokenScripts breaks scripts on purpose, and looks whether that is noticed.
func brokenScripts(t *testing.T, open Open) {
	c, addr := open(t, "", "", Single(t)), Single(t)
	for name, b := range map[string]struct {
		old, new string
		law      func(testing.TB, *place) error
	}{
		"a save without a look at the version":  {"if has:sub(2, 9) ~= ARGV[1] then return -1 end", "", oneOfTwoSaves},
		"a save that inserts what was deleted":  {"\t\treturn 0\n", "", deletedStays},
		"an insert over what is there":          {", 'NX'", "", insertedOnce},
		"a touch without a look at the version": {"or has:sub(2, 9) ~= ARGV[1]", "", touchOfAnother},
		"a touch that goes backwards":           {"newHigh < high or", "", touchForward},
		"a save that trusts the list":           {"has:sub(30) == value:sub(30, 45) and", "", newOwnerIsListed},
		"a touch that trusts the list":          {"< now + ARGV[3]", "< 0", touchedIsListed},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.law(t, placeAt(c, addr)); err != nil {
				t.Errorf("the right script: %v", err)
			}
			found := false
			if err := b.law(t, placeAt(broken{c, b.old, b.new, &found}, addr)); err == nil {
				t.Error("nobody notices")
			}
			if !found {
				t.Errorf("no script has %q", b.old)
			}
		})
	}
}

func oneOfTwoSaves(t testing.TB, p *place) error {
	rec := record("")
	h := p.insert(t, rec)
	rec.Version = 8
	p.save(t, h, 7, rec)
	rec.Version = 9
	if err := p.Save(ctx, h, 7, rec.Row()); !errors.Is(err, stores.ErrConflict) {
		return errors.New("two saves over one version were accepted")
	}
	return nil
}

func deletedStays(t testing.TB, p *place) error {
	h := p.insert(t, record(""))
	if err := p.Delete(ctx, h); err != nil {
		t.Fatalf("delete: %v", err)
	}
	_ = p.Save(ctx, h, 7, record("").Row())
	if _, err := p.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
		return errors.New("a deleted session is back")
	}
	return nil
}

func insertedOnce(t testing.TB, p *place) error {
	h := p.insert(t, record(""))
	if err := p.Save(ctx, h, 0, record("").Row()); !errors.Is(err, stores.ErrConflict) {
		return errors.New("an insert over a session was accepted")
	}
	return nil
}

func touchOfAnother(t testing.TB, p *place) error {
	rec := record("")
	h := p.insert(t, rec)
	_ = p.Touch(ctx, h, 6, rec.Seen, rec.Expires.Add(time.Minute))
	if got, err := p.Load(ctx, h); err != nil || !got.Expires.Equal(rec.Expires) {
		return errors.New("a touch has moved another version")
	}
	return nil
}

func touchForward(t testing.TB, p *place) error {
	rec := record("")
	h := p.insert(t, rec)
	_ = p.Touch(ctx, h, 7, rec.Seen, rec.Expires.Add(-10*time.Minute))
	if got, err := p.Load(ctx, h); err != nil || !got.Expires.Equal(rec.Expires) {
		return errors.New("a touch has gone backwards")
	}
	return nil
}

func newOwnerIsListed(t testing.TB, p *place) error {
	rec := record("ann")
	h := p.insert(t, rec)
	rec.Version, rec.Owner = 8, "bob"
	p.save(t, h, 7, rec)
	return p.outlives(t, h, "bob")
}

func touchedIsListed(t testing.TB, p *place) error {
	rec := record("ann")
	h := p.insert(t, rec)
	_ = p.Touch(ctx, h, 7, rec.Seen, rec.Expires.Add(20*time.Hour))
	return p.outlives(t, h, "ann")
}
