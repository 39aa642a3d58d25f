package stores

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/wire"

	"github.com/signet-go/signet/internal/race"
)

func someData() Data {
	return Data(wire.Map{}.Put("k", []byte{0xa1, 'v'}, "").Put("n", wire.AppendKindHead(nil, wire.Counter, 1), "\x03"))
}

func full() Record {
	at := func(s int64) time.Time { return time.Unix(s, 5) }
	return Record{
		Handle: Handle{7}, Data: someData(), Version: 1 << 63,
		Verifier: [32]byte{1}, Previous: [32]byte{2}, PreviousUntil: at(1), Owner: "änn",
		Created: at(2), Authenticated: at(3), Renewed: at(4), Seen: at(5), Expires: at(6),
		Idle: time.Minute, Absolute: -1, Persistent: true,
	}
}

func same(a, b Record) bool {
	for _, t := range [][2]time.Time{{a.PreviousUntil, b.PreviousUntil}, {a.Created, b.Created}, {a.Authenticated, b.Authenticated},
		{a.Renewed, b.Renewed}, {a.Seen, b.Seen}, {a.Expires, b.Expires}} {
		if !t[0].Equal(t[1]) {
			return false
		}
	}
	return bytes.Equal(a.Bytes(), b.Bytes())
}

func TestARecordComesBack(t *testing.T) {
	for _, r := range []Record{full(), {}, {Data: full().Data}} {
		got, err := ParseRecord(r.Bytes(), 0)
		if err != nil || !same(got, r) || got.Handle != r.Handle || got.Owner != r.Owner || !got.Data.Equal(r.Data) {
			t.Errorf("%+v, %v; want %+v", got, err, r)
		}
	}
}

func TestT1_ADamagedRecordIsUndecodableAndANewerOneAFailure(t *testing.T) {
	whole := full().Bytes()
	for n := range whole {
		if _, err := ParseRecord(whole[:n], 0); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	newer := bytes.Clone(whole)
	newer[0]++
	if _, err := ParseRecord(newer, 0); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a newer format: %v", err)
	}
	for _, b := range []byte{0, 0x10, 't', '1', '<', 0x81, 0xff} {
		damaged := bytes.Clone(whole)
		damaged[0] = b
		if _, err := ParseRecord(damaged, 0); !errors.Is(err, ErrUndecodable) || errors.Is(err, ErrNewerFormat) {
			t.Errorf("a record that begins with %#x: %v", b, err)
		}
	}
	if _, err := ParseRecord(append(bytes.Clone(whole), 0), 0); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a byte left over: %v", err)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add(full().Bytes())
	f.Add(Record{}.Bytes())
	f.Add([]byte("\x01\x80\x99"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRecord(b, 4096)
		if err != nil {
			return
		}
		again, err := ParseRecord(r.Bytes(), 8192)
		if err != nil || !same(again, r) {
			t.Fatalf("%x comes back as %x, %v", r.Bytes(), again.Bytes(), err)
		}
	})
}

func TestARecordBeginsWithItsData(t *testing.T) {
	for _, rec := range []Record{full(), {}} {
		b, body, data := rec.Bytes(), rec.Row().Body.Bytes(), rec.Data.Bytes()
		if !bytes.HasPrefix(b, body) || !bytes.HasPrefix(body, data) {
			t.Errorf("%x does not begin with the body %x, or that not with the data %x", b, body, data)
		}
	}
}

func TestReadingARecordIsOneAllocation(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	b := full().Bytes()
	if n := testing.AllocsPerRun(100, func() { _, _ = ParseRecord(b, 0) }); n != 1 {
		t.Errorf("%v allocations; want 1, the copy", n)
	}
}
