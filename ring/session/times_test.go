package session

import (
	"bytes"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
)

var (
	kolkata = time.FixedZone("IST", 5*60*60+30*60)
	west    = time.FixedZone("", -8*60*60)
)

func sameTime(a, b time.Time) bool { return a.Equal(b) && offsetOf(a) == offsetOf(b) }

func TestATimeKeepsItsInstantAndItsOffset(t *testing.T) {
	const at Key[time.Time] = "at"
	for _, want := range []time.Time{
		{},
		time.Unix(0, 0),
		time.Date(2024, 2, 29, 23, 30, 0, 0, kolkata),
		time.Date(2024, 2, 29, 23, 30, 0, 123456789, west),
		time.Date(2024, 2, 29, 23, 30, 0, 123456789, time.UTC),
		time.Date(1890, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 53*60+28)),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, west),
	} {
		s := at.Set(Session{}, want)
		got, err := at.Lookup(s)
		if err != nil || s.Err() != nil || !sameTime(got, want) {
			t.Errorf("%v comes back as %v, %v, %v", want, got, err, s.Err())
		}
		if _, offset := want.Zone(); offset == 0 && got.Location() != time.UTC {
			t.Errorf("%v comes back in %v; want UTC", want, got.Location())
		}
		parsed, err := stores.ParseData(s.Data().Bytes(), 0)
		if err != nil || !parsed.Equal(s.Data()) {
			t.Errorf("%v does not parse: %v", want, err)
		}
	}
}

func TestTimesInsideOfOthersKeepTheirOffsets(t *testing.T) {
	type visit struct {
		At    time.Time
		Until *time.Time
		All   []time.Time
		By    map[string]time.Time
		Any   any
	}
	x, y := time.Date(2024, 2, 29, 23, 30, 0, 5, kolkata), time.Date(2024, 2, 29, 1, 0, 0, 0, time.UTC)
	const key Key[visit] = "visit"
	s := key.Set(Session{}, visit{x, &y, []time.Time{x, y}, map[string]time.Time{"x": x, "y": y}, x})
	got, err := key.Lookup(s)
	if err != nil || s.Err() != nil {
		t.Fatal(err, s.Err())
	}
	in, _ := got.Any.(time.Time)
	if !sameTime(got.At, x) || !sameTime(*got.Until, y) || !sameTime(got.All[0], x) || !sameTime(got.All[1], y) ||
		!sameTime(got.By["x"], x) || !sameTime(got.By["y"], y) || !sameTime(in, x) {
		t.Errorf("%+v", got)
	}
	if got.By["y"].Location() != time.UTC {
		t.Errorf("%v; want UTC", got.By["y"])
	}
	const set Members[time.Time] = "set"
	s = set.Add(Session{}, x, x.UTC(), y)
	if set.Len(s) != 3 || !set.Has(s, x) || set.Has(s, x.In(west)) {
		t.Errorf("%v; want three members, told apart by their offsets", s)
	}
}

func TestS1_ATimeHasOneEncodingHoweverItIsSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-2, 2).Draw(t, "zone")*1800)
		nanos := rapid.SampledFrom([]int64{0, 1, 999999999}).Draw(t, "nanoseconds")
		at := time.Unix(rapid.Int64Range(-1<<36, 1<<36).Draw(t, "seconds"), nanos).In(zone)
		direct := string(appendTimeValue(nil, at))
		list := []time.Time{at}
		encoded, err := encode(list)
		if err != nil || encoded[1:] != direct {
			t.Errorf("%v is %x by itself and %x in a list, %v", at, direct, encoded, err)
		}
	})
}

// Records of earlier versions hold timestamps, without a zone.
func TestATimestampIsReadInUTC(t *testing.T) {
	want := time.Date(2024, 2, 29, 23, 30, 0, 5, kolkata)
	stamp, err := msgpack.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	wire := []byte{1, 0x82, 0xa2, 'a', 't'}
	wire = append(append(wire, stamp...), 0xa2, 'i', 'n', 0x91)
	d, err := stores.ParseData(append(wire, stamp...), 0)
	if err != nil {
		t.Fatal(err)
	}
	s := Of(d)
	if got := Key[time.Time]("at").Get(s); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%v; want %v", got, want.UTC())
	}
	if got := Key[[]time.Time]("in").Get(s); len(got) != 1 || !got[0].Equal(want) || got[0].Location() != time.UTC {
		t.Errorf("%v; want %v", got, want.UTC())
	}
}

// The process has one codec of msgpack for times. Others who use it must not notice that this package is there.
func TestOtherUsersOfMsgpackGetWhatTheyHad(t *testing.T) {
	at := time.Date(2024, 2, 29, 23, 30, 0, 5, kolkata)
	for _, v := range []any{at, []time.Time{at}, struct{ T time.Time }{at}} {
		b, err := msgpack.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte{0xd7, 0xff}) || bytes.Contains(b, []byte{fixExt16}) {
			t.Errorf("%T is written as %x; want a timestamp of eight bytes", v, b)
		}
	}
	b, err := msgpack.Marshal([]time.Time{at})
	if err != nil {
		t.Fatal(err)
	}
	var back []time.Time
	if err := msgpack.Unmarshal(b, &back); err != nil || !back[0].Equal(at) || back[0].Location() != time.Local {
		t.Errorf("%v, %v; want %v in the local zone", back, err, at)
	}
	zoned := append([]byte{0x91, fixExt16, 0xff}, make([]byte, wire.ZonedSize)...)
	if err := msgpack.Unmarshal(zoned, &back); err == nil {
		t.Errorf("%v; want an error, as for any timestamp of 16 bytes", back)
	}
}
