package sqlstore

import (
	"fmt"
	"strings"
)

// Layout names the table and its columns. The zero value is a table "sessions" with columns named like these fields. Names are
// quoted wherever they are used, so that case and reserved words don't matter; a name is at most 63 bytes of letters,
// digits and anything else that prints, but for quotes, backslashes and dots.
type Layout struct {
	Table   string // may be qualified by one dot: "auth.sessions"
	Handle  string // text of 24 characters, told apart to the last bit; the primary key, or unique by itself
	Version string // signed integer of 64 bits
	Owner   string // bytes, up to 255 of them; empty for an anonymous session
	Seen    string // microseconds since 1970 in UTC, as an integer of 64 bits
	Expires string // like Seen
	Body    string // bytes, at most the MaxBytes of session.Options and 1 KiB

	// Unlogged makes Migrate create the table outside of PostgreSQL's write-ahead log: writes cost about half, a crash
	// of the server loses all sessions, replicas have none.
	Unlogged bool
}

// named returns l with the defaults filled in and everything quoted.
func (l Layout) named(q quote) (Layout, error) {
	seen := map[string]bool{}
	for _, n := range []struct {
		name *string
		or   string
	}{
		{&l.Handle, "handle"}, {&l.Version, "version"}, {&l.Owner, "owner"},
		{&l.Seen, "seen"}, {&l.Expires, "expires"}, {&l.Body, "body"},
	} {
		if *n.name == "" {
			*n.name = n.or
		}
		if err := checkName(*n.name); err != nil {
			return l, fmt.Errorf("column %q: %w", *n.name, err)
		}
		lower := strings.ToLower(*n.name)
		if seen[lower] {
			return l, fmt.Errorf("column %q: named twice", *n.name)
		}
		seen[lower] = true
		*n.name = q.name(*n.name)
	}
	if l.Table == "" {
		l.Table = defaultTable
	}
	parts := strings.Split(l.Table, ".")
	if len(parts) > 2 {
		return l, fmt.Errorf("table %q: more than one dot", l.Table)
	}
	for i, p := range parts {
		if err := checkName(p); err != nil {
			return l, fmt.Errorf("table %q: %w", l.Table, err)
		}
		parts[i] = q.name(p)
	}
	l.Table = strings.Join(parts, ".")
	return l, nil
}

const defaultTable = "sessions"

// maxName is what PostgreSQL allows; MySQL allows one more.
const maxName = 63

func checkName(s string) error {
	if s == "" || len(s) > maxName {
		return fmt.Errorf("a name has 1 to %d bytes", maxName)
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffd || strings.ContainsRune("\"'`[].\\", r) {
			return fmt.Errorf("%q can't be in a name", r)
		}
	}
	return nil
}

// quote is the quotation mark of a dialect. What it quotes has been checked to hold none.
type quote string

func (q quote) name(s string) string { return string(q) + s + string(q) }

// index names an index of a quoted table: the same schema where the dialect wants it there, the table's name and a suffix.
func (q quote) index(table, suffix string) (schema, name string) {
	bare := table
	if i := strings.LastIndex(table, "."); i >= 0 {
		schema, bare = table[:i+1], table[i+1:]
	}
	bare = strings.Trim(bare, string(q))
	if most := maxName - len(suffix); len(bare) > most {
		bare = strings.ToValidUTF8(bare[:most], "")
	}
	return schema, q.name(bare + suffix)
}
