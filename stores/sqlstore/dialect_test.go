package sqlstore

import (
	"strings"
	"testing"
)

func dialects() map[string]Dialect {
	return map[string]Dialect{"SQLite": SQLite(), "Postgres": Postgres(), "MySQL": MySQL(func(error) uint16 { return 0 })}
}

// all returns every statement there is.
func (s Statements) all() []string {
	return append([]string{s.Check, s.Unique, s.Load, s.List, s.Insert, s.Replace, s.Exists, s.Touch, s.Delete, s.Sweep}, s.Schema...)
}

func TestEveryNameIsTheCallersAndQuoted(t *testing.T) {
	l := Layout{
		Table: "my app.User Sessions", Handle: "the id", Version: "select", Owner: "user; drop table x", Seen: "last--seen",
		Expires: "till?", Body: "Blöb/*",
	}
	for name, d := range dialects() {
		st, err := d.Statements(l)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		q := string(d.quote)
		for _, s := range st.all() {
			for _, n := range []string{"my app", "User Sessions", "the id", "select", "user; drop table x", "last--seen", "till?", "Blöb/*"} {
				s = strings.ReplaceAll(strings.ReplaceAll(s, q+n+q, ""), "'"+n+"'", "")
			}
			for _, left := range []string{"the id", "select", "drop", "--", "?,?", "Blöb", "my app"} {
				if strings.Contains(s, left) {
					t.Errorf("%s: %q stands unquoted in %s", name, left, s)
				}
			}
		}
	}
}

func TestNamesThatCantBeQuotedAreRefused(t *testing.T) {
	for what, l := range map[string]Layout{
		"quotation mark":   {Owner: `a"b`},
		"apostrophe":       {Owner: "a'b"},
		"grave accent":     {Owner: "a`b"},
		"bracket":          {Owner: "a]b"},
		"backslash":        {Owner: `a\b`},
		"NUL":              {Owner: "a\x00b"},
		"line feed":        {Owner: "a\nb"},
		"no UTF-8":         {Owner: "a\xffb"},
		"64 bytes":         {Owner: strings.Repeat("x", 64)},
		"dot in a column":  {Owner: "a.b"},
		"two dots":         {Table: "a.b.c"},
		"empty schema":     {Table: ".b"},
		"two of one name":  {Owner: "Handle"},
		"quote in a table": {Table: `a".b`},
	} {
		for name, d := range dialects() {
			if _, err := d.Statements(l); err == nil {
				t.Errorf("%s, %s: no error", name, what)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s, %s: NewTable didn't panic", name, what)
					}
				}()
				NewTable(nil, d, l)
			}()
		}
	}
}

func TestTheZeroDialectIsNone(t *testing.T) {
	if _, err := (Dialect{}).Statements(Layout{}); err == nil {
		t.Error("no error")
	}
}

func TestUnloggedIsRefusedWhereThereIsNoSuchTable(t *testing.T) {
	for name, d := range dialects() {
		st, err := d.Statements(Layout{Unlogged: true})
		if name == "Postgres" {
			if err != nil || !strings.Contains(st.Schema[0], "UNLOGGED") {
				t.Errorf("%s: %v, %v", name, st.Schema, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParametersAreNumberedForPostgres(t *testing.T) {
	st, err := Postgres().Statements(Layout{Expires: "when?"})
	if err != nil {
		t.Fatal(err)
	}
	want := `UPDATE "sessions" SET "seen" = $1, "when?" = $2 WHERE "handle" = $3 AND "version" = $4 AND "when?" < $5`
	if st.Touch != want {
		t.Errorf("touch is %s; want %s", st.Touch, want)
	}
}

func TestIndexNamesStayWithinTheLimit(t *testing.T) {
	for name, d := range dialects() {
		schema, index := d.quote.index(d.quote.name("s")+"."+d.quote.name(strings.Repeat("ä", 31)+"x"), "_expires")
		bare := strings.Trim(index, string(d.quote))
		if len(bare) > maxName || !strings.HasSuffix(bare, "_expires") || strings.ToValidUTF8(bare, "") != bare || schema != d.quote.name("s")+"." {
			t.Errorf("%s: schema %s, index %s", name, schema, index)
		}
	}
}
