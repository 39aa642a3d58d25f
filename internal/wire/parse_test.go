package wire

import (
	"errors"
	"strings"
	"testing"
)

func TestHostileRecordsAreRefused(t *testing.T) {
	for name, b := range map[string]string{
		"empty":                 "",
		"format 0":              "\x00\x80",
		"a byte of no format":   "\x10\x80",
		"a text":                "text",
		"a number":              "12",
		"a page":                "<html>",
		"noise":                 "\xf3\x80",
		"no map":                "\x01\x90",
		"array of 4 billion":    "\x01\x81\xa1k\xdd\xff\xff\xff\xff",
		"map of 4 billion":      "\x01\xdf\xff\xff\xff\xff\xa1k",
		"bin of 4 billion":      "\x01\x81\xa1k\xc6\xff\xff\xff\xff\x00",
		"string of 4 billion":   "\x01\x81\xa1k\xdb\xff\xff\xff\xff\x00",
		"ext of 4 billion":      "\x01\x81\xa1k\xc9\xff\xff\xff\xff\x01",
		"deep":                  "\x01\x81\xa1k" + strings.Repeat("\x91", 5000) + "\xc0",
		"left over":             "\x01\x80\x00",
		"broken off":            "\x01\x82\xa1a\x01",
		"twice":                 "\x01\x82\xa1a\x01\xa1a\x02",
		"out of order":          "\x01\x82\xa1b\x01\xa1a\x02",
		"key no string":         "\x01\x81\x01\x01",
		"foreign extension":     "\x01\x81\xa1k\xd4\x06\x00",
		"zoned time too short":  "\x01\x81\xa1k\xd7\x0512345678",
		"zoned as a timestamp":  "\x01\x81\xa1k\xd8\xff1234567890123456",
		"nested kind":           "\x01\x81\xa1k\x91\xd4\x01\x00",
		"kind in a kind":        "\x01\x81\xa1k\xc7\x03\x01\xd4\x01\x00",
		"extension with a tail": "\x01\x81\xa1k\xd5\x01\x00\x00",
		"time of odd size":      "\x01\x81\xa1k\xd5\xff\x00\x00",
		"reserved byte":         "\x01\x81\xa1k\xc1",
	} {
		if _, err := Parse([]byte(b), DefaultMax); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%s: %v; want ErrUndecodable", name, err)
		}
	}
	for _, format := range []string{"\x02", "\x0f"} {
		if _, err := Parse([]byte(format+"\x80"), DefaultMax); !errors.Is(err, ErrNewerFormat) || errors.Is(err, ErrUndecodable) {
			t.Errorf("the newer format %x: %v", format, err)
		}
	}
	if _, err := Parse(make([]byte, 100), 10); !errors.Is(err, ErrUndecodable) {
		t.Errorf("over the limit: %v", err)
	}
}

func TestAnotherSpellingIsReadAndWrittenInOurs(t *testing.T) {
	got, err := Parse([]byte("\x01\xde\x00\x01\xd9\x01k\x01"), DefaultMax)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Map{}).Put("k", AppendInt(nil, 1), ""); !got.Equal(want) {
		t.Errorf("%x; want %x", got.Bytes(), want.Bytes())
	}
}

// What is accepted is in canonical spelling from then on, and comes back unchanged.
func FuzzParse(f *testing.F) {
	m := Map{}.Put("name", AppendStringHead(nil, 3), "Ann").Put("n", AppendKindHead(nil, Counter, 1), "\x03")
	f.Add(m.Bytes())
	f.Add([]byte("\x01\x81\xa1k\xdd\xff\xff\xff\xff"))
	f.Add([]byte("\x01\xde\x00\x01\xd9\x01k\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b, 4096)
		if err != nil {
			if !errors.Is(err, ErrUndecodable) && !errors.Is(err, ErrNewerFormat) {
				t.Fatalf("%x: %v", b, err)
			}
			return
		}
		if back, err := Parse(m.Text(), 8192); err != nil || !back.Equal(m) {
			t.Fatalf("%x does not come back: %v", m.Text(), err)
		}
		var again Builder
		for k, v := range m.All() {
			if m.Get(k) != v {
				t.Fatalf("key %q is %x by its name, %x in its place", k, m.Get(k), v)
			}
			again.Add(k, v)
			_, inner, _ := Unwrap(v)
			_, _ = Children(inner), AppendSorted(nil, inner)
		}
		if !again.Map().Equal(m) {
			t.Fatalf("%x is built as %x", m.Text(), again.Map().Text())
		}
	})
}
