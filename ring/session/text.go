package session

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/signet-go/signet/internal/wire"
)

// Keys and values as people read them, in the failures of tests.

// keyText returns the name of a key, quoted unless it is a plain word.
func keyText(key string) string {
	for _, c := range key {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '=' {
			return strconv.Quote(key)
		}
	}
	return key
}

var kindNames = map[wire.Kind]string{
	wire.Counter: " (counter)", wire.Tally: " (tally)", wire.Members: " (members)", wire.Bound: " (bound)",
}

// valueText returns an encoded value as people read it. Values that are encoded differently have different texts.
func valueText(v string) string {
	if v == "" {
		return "none"
	}
	k, inner, _ := wire.Unwrap(v)
	return plainText(inner) + kindNames[k]
}

func plainText(v string) string {
	if v == "" {
		return "nothing"
	}
	kids := wire.Children(v)
	switch {
	case wire.IsMap(v):
		parts := make([]string, 0, len(kids)/2)
		for i := 0; i+1 < len(kids); i += 2 {
			parts = append(parts, plainText(kids[i])+": "+plainText(kids[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case wire.IsArray(v):
		for i, kid := range kids {
			kids[i] = plainText(kid)
		}
		return "[" + strings.Join(kids, ", ") + "]"
	}
	return scalarText(v)
}

func scalarText(v string) string {
	switch v {
	case "\xc0":
		return "nil"
	case "\xc2":
		return "false"
	case "\xc3":
		return "true"
	}
	if text, ok := wire.String(v); ok {
		return strconv.Quote(text)
	}
	if b, ok := wire.Bytes(v); ok {
		return "bytes " + hex.EncodeToString(b)
	}
	if n, ok := wire.Int(v); ok && n.Negative {
		return strconv.FormatInt(int64(n.Bits), 10)
	} else if ok {
		return strconv.FormatUint(n.Bits, 10)
	}
	if f, ok := wire.Float(v); ok {
		return floatText(f, len(v) == 5)
	}
	if t, ok := timeOf(v); ok {
		if t.Location() == time.UTC {
			return t.Format(time.RFC3339Nano)
		}
		return t.Format("2006-01-02T15:04:05.999999999-07:00:00")
	}
	return "encoded " + hex.EncodeToString([]byte(v))
}

// floatText returns a float that doesn't read as an integer. One of 32 bits has the letter f behind it.
func floatText(f float64, short bool) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eIN") {
		text += ".0"
	}
	if short {
		text += "f"
	}
	return text
}
