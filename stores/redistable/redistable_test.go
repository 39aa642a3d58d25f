package redistable

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// The rest of the package's tests need a server: see stores/redis and stores/goredis.

func TestADigestIsThatOfItsScript(t *testing.T) {
	for name, s := range map[string]*Script{"save": saveScript, "touch": touchScript, "enlist": enlistScript} {
		sum := sha1.Sum([]byte(s.Source))
		if want := hex.EncodeToString(sum[:]); s.SHA1 != want {
			t.Errorf("%s: %s; want %s", name, s.SHA1, want)
		}
	}
}

func TestAScriptNamesNoKeyButItsOwn(t *testing.T) {
	for name, s := range map[string]*Script{"save": saveScript, "touch": touchScript, "enlist": enlistScript} {
		for rest := s.Source; ; {
			_, after, ok := strings.Cut(rest, "redis.call(")
			if !ok {
				break
			}
			rest = after
			call, _, _ := strings.Cut(after, ")")
			if args := strings.Split(call, ", "); len(args) > 1 && args[1] != "KEYS[1]" {
				t.Errorf("%s: %s", name, call)
			}
		}
	}
}

func TestAValueGivesItsRecordBack(t *testing.T) {
	table := New(none{})
	now := time.Now()
	for name, at := range map[string]time.Time{
		"now": now, "the zero time": {}, "1970": time.Unix(0, 0), "before 1970": time.Unix(-1, -1), "late": time.Date(2260, 1, 1, 0, 0, 0, 1, time.UTC),
	} {
		h := stores.Handle{1, 2, 3}
		rec := stores.Record{Handle: h, Version: 1<<64 - 1, Owner: "ann", Created: now, Seen: at, Expires: at}
		rec.Data = session.Key[string]("theme").Set(session.Session{}, "dark").Data()
		row := rec.Row()
		v, err := table.value(&row)
		if err != nil {
			t.Fatal(err)
		}
		got, err := table.parse(v).Record()
		if err != nil || !got.Seen.Equal(at) || !got.Expires.Equal(at) || got.Version != rec.Version || got.Owner != "ann" || !got.Data.Equal(rec.Data) {
			t.Errorf("%s: %v, %v, %v", name, got.Seen, got.Expires, err)
		}
	}
}

func TestLaterTimesAreGreaterNumbers(t *testing.T) {
	last := ordered(time.Time{})
	for _, at := range []time.Time{time.Unix(-1<<32, 0), time.Unix(-1, 0), time.Unix(0, -1), time.Unix(0, 0), time.Unix(0, 1), time.Now(), time.Unix(1<<33, 0)} {
		if n := ordered(at); n <= last {
			t.Errorf("%v is %d, after %d", at, n, last)
		} else {
			last = n
		}
	}
}

func TestAnOwnerThatHasNoRoomIsRefused(t *testing.T) {
	table := New(none{})
	for n, fits := range map[int]bool{60_000: true, 70_000: false} {
		_, err := table.value(&stores.Row{Version: 7, Owner: strings.Repeat("x", n)})
		if (err == nil) != fits || !fits && !errors.Is(err, stores.ErrRefused) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// FuzzParse looks for a value that a table can't make a row of.
func FuzzParse(f *testing.F) {
	rec := stores.Record{Version: 7, Owner: "ann", Data: session.Key[string]("theme").Set(session.Session{}, "dark").Data()}
	table, row := New(none{}), rec.Row()
	whole, err := table.value(&row)
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range []string{"", "<html>", "\x01", whole, whole[:headSize], whole[:len(whole)-1], whole + "\xc0"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		row := table.parse(v)
		rec, err := row.Record()
		switch {
		case err != nil && !errors.Is(err, stores.ErrUndecodable) && !errors.Is(err, stores.ErrNewerFormat):
			t.Errorf("refused %q with %v", v, err)
		case err != nil:
			return
		}
		again, err := table.value(&row)
		if err != nil || again[:25] != v[:25] || again[headSize:] != v[headSize:] {
			t.Errorf("%q, which is read as %+v, is written as %q, %v", v, rec, again, err)
		}
	})
}

func TestAnAnswerThatNoScriptGivesIsAFailure(t *testing.T) {
	table := New(none{})
	rec := stores.Record{Version: 7, Seen: time.Now(), Expires: time.Now().Add(time.Hour)}
	for call, err := range map[string]error{
		"save":  table.Save(context.Background(), stores.Handle{}, 0, rec.Row()),
		"touch": table.Touch(context.Background(), stores.Handle{}, 7, rec.Seen, rec.Expires),
	} {
		if err == nil || errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict) {
			t.Errorf("%s: %v; want a failure", call, err)
		}
	}
}

func TestT5_AFailureHidesNoOtherSessionOfTheOwner(t *testing.T) {
	f := &listing{values: map[string]string{}}
	table := New(f)
	for i := range 600 {
		h := stores.Handle{byte(i), byte(i >> 8)}
		v, err := table.value(&stores.Row{Version: 7, Owner: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		f.names = append(f.names, h.String())
		f.values[table.key(h)] = v
	}
	f.fails = 2
	recs, err := table.List(context.Background(), "ann")
	if !errors.Is(err, errDown) || len(recs) != 600-256 {
		t.Errorf("listed %d, %v; want all but one step, and the failure", len(recs), err)
	}
}

var errDown = errors.New("connection refused")

// listing is a client that has one list. One of its GetAll fails.
type listing struct {
	Client
	names  []string
	values map[string]string
	calls  int
	fails  int
}

func (l *listing) Members(context.Context, string) ([]string, error) { return l.names, nil }

func (l *listing) GetAll(_ context.Context, keys []string, each func(int, string)) error {
	if l.calls++; l.calls == l.fails {
		return errDown
	}
	for i, key := range keys {
		each(i, l.values[key])
	}
	return nil
}

// none is a client of something that isn't Redis.
type none struct{ Client }

func (none) Run(context.Context, *Script, string, ...string) (int64, error) { return 42, nil }
