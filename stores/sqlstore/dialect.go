package sqlstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect is how an engine spells what all of them can do. Its zero value is none; use [SQLite], [Postgres] or [MySQL].
type Dialect struct {
	quote     quote
	numbered  bool                             // parameters are $1, $2, … and not ?
	leave     string                           // follows INSERT … VALUES (…), with the handle's name in it, to leave a row that is there alone
	duplicate func(error) bool                 // an insert found a row, where it can't be told to leave it alone
	givenUp   func(error) bool                 // the statement was undone in favour of another transaction
	unique    func(l Layout) string            // selects a row if the handle is unique, where leave doesn't tell
	lock      string                           // begins a migration: one at a time
	schema    func(l Layout, q quote) []string // makes table and indexes where they are missing
	sweep     func(l Layout, rows int) string  // removes up to so many rows whose expiry is before the parameter
}

// leave names the handle, so that whatever else a table of one's own wants to be unique is an error and not a conflict. It
// fails on a table where the handle isn't unique, in which sessions would be lost.
const leave = " ON CONFLICT (%s) DO NOTHING"

// SQLite is the dialect of SQLite, from version 3.24 on.
func SQLite() Dialect {
	return Dialect{
		quote: "`", // what stands in quotation marks and is no column, SQLite takes for a text
		leave: leave,
		schema: func(l Layout, q quote) []string {
			schema, expires := q.index(l.Table, "_expires")
			_, owner := q.index(l.Table, "_owner")
			bare := strings.TrimPrefix(l.Table, schema)
			return []string{
				fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s TEXT NOT NULL PRIMARY KEY, %s INTEGER NOT NULL, %s BLOB NOT NULL, "+
					"%s INTEGER NOT NULL, %s INTEGER NOT NULL, %s BLOB NOT NULL)",
					l.Table, l.Handle, l.Version, l.Owner, l.Seen, l.Expires, l.Body),
				fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s%s ON %s (%s)", schema, expires, bare, l.Expires),
				fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s%s ON %s (%s) WHERE %s <> x''", schema, owner, bare, l.Owner, l.Owner),
			}
		},
		sweep: func(l Layout, rows int) string {
			return fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[3]s < ? ORDER BY %[3]s LIMIT %[4]d)",
				l.Table, l.Handle, l.Expires, rows)
		},
	}
}

// Postgres is the dialect of PostgreSQL, from version 9.5 on.
func Postgres() Dialect {
	return Dialect{
		quote:    `"`,
		numbered: true,
		leave:    leave,
		givenUp:  serialization,
		lock:     "SELECT pg_advisory_xact_lock(7236835208551163764)", // IF NOT EXISTS alone fails when two do it at once
		schema: func(l Layout, q quote) []string {
			_, expires := q.index(l.Table, "_expires")
			_, owner := q.index(l.Table, "_owner")
			kind := "TABLE"
			if l.Unlogged {
				kind = "UNLOGGED TABLE"
			}
			return []string{
				fmt.Sprintf(`CREATE %s IF NOT EXISTS %s (%s text COLLATE "C" PRIMARY KEY, %s bigint NOT NULL, %s bytea NOT NULL, `+
					`%s bigint NOT NULL, %s bigint NOT NULL, %s bytea NOT NULL) WITH (fillfactor = 70)`,
					kind, l.Table, l.Handle, l.Version, l.Owner, l.Seen, l.Expires, l.Body),
				fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)", expires, l.Table, l.Expires),
				fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s) WHERE %s <> ''", owner, l.Table, l.Owner, l.Owner),
			}
		},
		// A row that somebody writes to just now is left for the next time. What was written to since the inner SELECT
		// is locked by it and can't have changed.
		sweep: func(l Layout, rows int) string {
			return fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s = ANY (ARRAY(SELECT %[2]s FROM %[1]s WHERE %[3]s < $1 ORDER BY %[3]s LIMIT %[4]d "+
				"FOR UPDATE SKIP LOCKED))", l.Table, l.Handle, l.Expires, rows)
		},
	}
}

// serialization reports whether a statement of PostgreSQL has failed because of another transaction. With the default
// isolation that is a deadlock. With a stricter one it is each statement that finds a row changed by a transaction which
// had not committed when the statement began. What drivers' errors have in common is the method SQLState.
func serialization(err error) bool {
	const serializationFailure, deadlockDetected = "40001", "40P01"
	var e interface{ SQLState() string }
	return errors.As(err, &e) && (e.SQLState() == serializationFailure || e.SQLState() == deadlockDetected)
}

// MySQL is the dialect of MySQL from version 5.7 and MariaDB from version 10.2 on. It knows no driver's errors: number
// gives the server's number of one, such as 1062, and 0 for an error that isn't the server's. stores/mysql has it for the
// usual driver.
func MySQL(number func(error) uint16) Dialect {
	const duplicate, lockWaitTimeout, deadlock = 1062, 1205, 1213
	return Dialect{
		quote:     "`",
		duplicate: func(err error) bool { return number(err) == duplicate },
		givenUp:   func(err error) bool { return number(err) == deadlock || number(err) == lockWaitTimeout },
		unique: func(l Layout) string {
			schema, table := "DATABASE()", l.Table
			if before, after, ok := strings.Cut(l.Table, "`.`"); ok {
				schema, table = text(before), after
			}
			return fmt.Sprintf("SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s "+
				"GROUP BY INDEX_NAME HAVING MAX(NON_UNIQUE) = 0 AND COUNT(*) = 1 AND MAX(COLUMN_NAME) = %s", schema, text(table), text(l.Handle))
		},
		schema: func(l Layout, q quote) []string {
			_, expires := q.index(l.Table, "_expires")
			_, owner := q.index(l.Table, "_owner")
			// Indexes stand inside: MySQL has no CREATE INDEX IF NOT EXISTS.
			return []string{
				fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s CHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, "+
					"%s BIGINT NOT NULL, %s VARBINARY(255) NOT NULL, %s BIGINT NOT NULL, %s BIGINT NOT NULL, %s MEDIUMBLOB NOT NULL, "+
					"INDEX %s (%s), INDEX %s (%s)) ENGINE=InnoDB",
					l.Table, l.Handle, l.Version, l.Owner, l.Seen, l.Expires, l.Body, expires, l.Expires, owner, l.Owner),
			}
		},
		sweep: func(l Layout, rows int) string {
			return fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s < ? ORDER BY %[2]s LIMIT %[3]d", l.Table, l.Expires, rows)
		},
	}
}

// text spells a name of MySQL as a text. It has been checked to hold nothing that would end one.
func text(name string) string { return "'" + strings.Trim(name, "`") + "'" }

// SweepRows is how many rows the Sweep statement removes at most.
const SweepRows = 500

// PageRows is how many rows the Page statement selects at most.
const PageRows = 500

// Statements are the texts that a table is worked with, for those who send them by other means than database/sql, as
// stores/sqlite does. The parameters are the columns in the order that each names.
type Statements struct {
	Lock    string   // begins the transaction of a migration; may be empty
	Schema  []string // makes the table and its indexes where they are missing
	Check   string   // changes nothing, and fails unless the table has the columns, and handles are unique where Insert says so
	Unique  string   // where Check doesn't tell: a row if handles are unique, else none; may be empty
	Load    string   // of a handle: version, owner, seen, expires, body
	List    string   // of an owner: handle, version, owner, seen, expires, body
	Insert  string   // handle, version, owner, seen, expires, body: 0 rows if the handle is taken, with MySQL the error 1062
	Replace string   // version, owner, seen, expires, body; where handle, version: 0 rows if the row has another version or there is none
	Exists  string   // of a handle: a row, or none
	Touch   string   // seen, expires; where handle, version, and expires before the fifth
	Delete  string   // of a handle
	Page    string   // after a handle: up to PageRows rows as List has them, in the order of their handles
	Sweep   string   // of the time, in microseconds, before which rows have expired
}

// Statements returns the statements for a table. An error says what is wrong with its names.
func (d Dialect) Statements(l Layout) (Statements, error) {
	if d.schema == nil {
		return Statements{}, fmt.Errorf("sqlstore: no dialect")
	}
	if l.Unlogged && d.lock == "" {
		return Statements{}, fmt.Errorf("sqlstore: Unlogged is for PostgreSQL")
	}
	l, err := l.named(d.quote)
	if err != nil {
		return Statements{}, fmt.Errorf("sqlstore: %w", err)
	}
	row := strings.Join([]string{l.Version, l.Owner, l.Seen, l.Expires, l.Body}, ", ")
	check := fmt.Sprintf("SELECT %s, %s FROM %s WHERE 1 = 0", l.Handle, row, l.Table)
	insert := fmt.Sprintf("INSERT INTO %s (%s, %s) ", l.Table, l.Handle, row)
	values := "VALUES (?, ?, ?, ?, ?, ?)"
	if d.leave != "" {
		leave := fmt.Sprintf(d.leave, l.Handle)
		check, values = insert+check+leave, values+leave
	}
	unique := ""
	if d.unique != nil {
		unique = d.unique(l)
	}
	st := Statements{
		Lock:    d.lock,
		Schema:  d.schema(l, d.quote),
		Check:   check,
		Unique:  unique,
		Load:    fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?", row, l.Table, l.Handle),
		List:    fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s = ?", l.Handle, row, l.Table, l.Owner),
		Insert:  insert + values,
		Replace: fmt.Sprintf("UPDATE %s SET %s = ?, %s = ?, %s = ?, %s = ?, %s = ? WHERE %s = ? AND %s = ?", l.Table, l.Version, l.Owner, l.Seen, l.Expires, l.Body, l.Handle, l.Version),
		Exists:  fmt.Sprintf("SELECT 1 FROM %s WHERE %s = ?", l.Table, l.Handle),
		Touch:   fmt.Sprintf("UPDATE %s SET %s = ?, %s = ? WHERE %s = ? AND %s = ? AND %s < ?", l.Table, l.Seen, l.Expires, l.Handle, l.Version, l.Expires),
		Delete:  fmt.Sprintf("DELETE FROM %s WHERE %s = ?", l.Table, l.Handle),
		Page:    fmt.Sprintf("SELECT %[1]s, %[2]s FROM %[3]s WHERE %[1]s > ? ORDER BY %[1]s LIMIT %[4]d", l.Handle, row, l.Table, PageRows),
		Sweep:   d.sweep(l, SweepRows),
	}
	if d.numbered {
		// Names may hold a question mark; they are inside of quotation marks.
		for _, s := range []*string{&st.Load, &st.List, &st.Page, &st.Insert, &st.Replace, &st.Exists, &st.Touch, &st.Delete} {
			*s = number(*s)
		}
	}
	return st, nil
}

// number replaces the question marks outside of names with $1, $2, ….
func number(s string) string {
	var b strings.Builder
	n, quoted := 0, false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '?' && !quoted:
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
