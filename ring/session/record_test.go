package session_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
)

func aRecord() session.Record {
	var s session.Session
	for _, k := range []session.Key[string]{"a", "b", "c"} {
		s = k.Set(s, "some value")
	}
	now := time.Now()
	return session.Record{Data: s.Data(), Version: 1, Owner: "ann", Created: now, Authenticated: now, Seen: now, Expires: now.Add(time.Hour)}
}

func TestARecordBeginsWithItsData(t *testing.T) {
	for _, rec := range []session.Record{aRecord(), {}} {
		if b, data := rec.Bytes(), rec.Data.Bytes(); !bytes.HasPrefix(b, data) {
			t.Errorf("%x does not begin with %x", b, data)
		}
	}
}

func TestReadingARecordIsOneAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	b := aRecord().Bytes()
	if n := testing.AllocsPerRun(100, func() { _, _ = session.ParseRecord(b, 0) }); n != 1 {
		t.Errorf("%v allocations; want 1, the copy", n)
	}
}
