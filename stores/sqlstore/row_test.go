package sqlstore

import (
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

func record(t *testing.T) stores.Record {
	t.Helper()
	now := time.Unix(1_700_000_000, 123_456_789)
	return stores.Record{
		Data: session.Key[string]("theme").Set(session.Session{}, "dark").Data(), Version: 1<<64 - 1, Verifier: [32]byte{1}, Owner: "ann",
		Created: now, Authenticated: now, Seen: now, Expires: now.Add(time.Hour),
	}
}

func TestT1_ARowGivesTheRecordBack(t *testing.T) {
	rec, h := record(t), stores.Handle{7}
	r, err := RowOf(h, rec)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Parse(h)
	if err != nil {
		t.Fatal(err)
	}
	if got.Handle != h || got.Version != rec.Version || got.Owner != "ann" || !got.Expires.Equal(rec.Expires) || !got.Data.Equal(rec.Data) {
		t.Errorf("got %+v", got)
	}
}

func TestS8_ColumnsSayWhatATouchMoved(t *testing.T) {
	rec, h := record(t), stores.Handle{7}
	r, err := RowOf(h, rec)
	if err != nil {
		t.Fatal(err)
	}
	r.Seen, r.Expires = r.Seen+1_000_000, r.Expires+2_000_000
	got, err := r.Parse(h)
	if err != nil {
		t.Fatal(err)
	}
	if got.Seen.UnixMicro() != r.Seen || got.Expires.UnixMicro() != r.Expires {
		t.Errorf("seen %v, expires %v; want the columns' times", got.Seen, got.Expires)
	}
}

func TestARowThatHoldsGarbageIsAnErrorAndStillListed(t *testing.T) {
	r := Row{Handle: stores.Handle{7}.String(), Version: 3, Record: []byte("\xdd\xff\xff\xff\xff")}
	if _, err := r.Parse(stores.Handle{7}); !errors.Is(err, stores.ErrUndecodable) {
		t.Errorf("parse: %v", err)
	}
	rec, ok := r.Listed("ann")
	if !ok || rec.Handle != (stores.Handle{7}) || rec.Owner != "ann" || rec.Version != 3 || rec.Data.Len() != 0 {
		t.Errorf("listed %+v, %v", rec, ok)
	}
	r.Handle = "no handle"
	if _, ok := r.Listed("ann"); ok {
		t.Error("a row without a handle is listed")
	}
}
