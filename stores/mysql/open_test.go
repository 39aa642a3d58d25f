package mysql

import (
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestADSNThatCantBeReadIsNotRepeated(t *testing.T) {
	for _, dsn := range []string{
		"app:s3cr3t", "app:s3cr3t@tcp(localhost/app", "app:x@s3cr3t/app", "app:s3cr3t@tcp(localhost)/app?timeout=s3cr3t",
		"app:s3cr3t@tcp(localhost)/app?tls=s3cr3t", "mysql://app:s3cr3t@localhost/app",
	} {
		s, err := Open(dsn, sqlstore.Layout{})
		if err == nil {
			t.Errorf("%s: no error, %v", dsn, s.Close())
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t") || !strings.HasPrefix(err.Error(), "mysql: open: ") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	if _, err := Open("app@/app", sqlstore.Layout{Owner: "a`b"}); err == nil || !strings.HasPrefix(err.Error(), "mysql: open: ") {
		t.Errorf("a layout whose names can't be used: %v", err)
	}
}

func TestOpenSetsWhatTheDSNLacks(t *testing.T) {
	for dsn, want := range map[string][3]time.Duration{
		"/app":                                {5 * time.Second, 30 * time.Second, 10 * time.Second},
		"/app?timeout=2s":                     {2 * time.Second, 30 * time.Second, 10 * time.Second},
		"/app?readTimeout=1m&writeTimeout=1m": {5 * time.Second, time.Minute, time.Minute},
	} {
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		complete(cfg)
		if got := [3]time.Duration{cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout}; got != want {
			t.Errorf("%s: %v; want %v", dsn, got, want)
		}
	}
}

// A server that isn't strict would cut an owner that is too long for its column, and another's sessions would be ended.
func TestWhatIsTooLongIsNotCut(t *testing.T) {
	dsn := place(t)
	table := migrated(t, dsn)
	db := table.(ownTable).db
	if _, err := db.Exec("ALTER TABLE sessions MODIFY owner VARBINARY(3)"); err != nil {
		t.Fatal(err)
	}
	if err := table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "anna").Row()); err == nil {
		t.Error("an owner was cut")
	}
	var mode string
	if err := db.QueryRow("SELECT @@sql_mode").Scan(&mode); err != nil || !strings.Contains(mode, "STRICT_ALL_TABLES") {
		t.Errorf("sql_mode is %q, %v", mode, err)
	}
	other, err := open(place(t, func(c *mysql.Config) { c.Params = map[string]string{"sql_mode": "'ANSI'"} }))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.QueryRow("SELECT @@sql_mode").Scan(&mode); err != nil || strings.Contains(mode, "STRICT") {
		t.Errorf("a mode of one's own became %q, %v", mode, err)
	}
}

func TestStatementsUseTheirIndexes(t *testing.T) {
	dsn := place(t)
	db := migrated(t, dsn).(ownTable).db
	fill(t, db, 5000, time.Now().Add(time.Hour).UnixMicro())
	if _, err := db.Exec("ANALYZE TABLE sessions"); err != nil {
		t.Fatal(err)
	}
	st, err := Dialect().Statements(sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	h, later := strings.Repeat("0", 23)+"7", time.Now().Add(2*time.Hour).UnixMicro()
	for name, c := range map[string]struct {
		statement string
		args      []any
		key       string
	}{
		"load":    {st.Load, []any{h}, "PRIMARY"},
		"list":    {st.List, []any{[]byte("ann")}, "sessions_owner"},
		"replace": {st.Replace, []any{1, []byte{}, 0, 0, []byte{}, h, 1}, "PRIMARY"},
		"touch":   {st.Touch, []any{0, later, h, 1, later}, "PRIMARY"},
		"delete":  {st.Delete, []any{h}, "PRIMARY"},
		"sweep":   {st.Sweep, []any{time.Now().UnixMicro()}, "sessions_expires"},
	} {
		rows, err := db.Query("EXPLAIN "+c.statement, c.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values := make([]*string, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if !rows.Next() {
			t.Fatalf("%s: no plan", name)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		for i, column := range columns {
			if column == "key" && (values[i] == nil || *values[i] != c.key) {
				t.Errorf("%s uses another index than %s", name, c.key)
			}
		}
	}
}

func TestCloseLeavesWhatIsTheCallers(t *testing.T) {
	db, err := open(place(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := New(db, sqlstore.Layout{})
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	var store stores.Store = s
	token, err := store.Save(ctx, stores.Token{}, sqltest.Record(0, "ann"), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Ping(); err != nil {
		t.Errorf("the caller's database: %v", err)
	}
	if _, err := store.Load(ctx, token, time.Now()); err != nil {
		t.Errorf("a load after that: %v", err)
	}
}

func TestCloseEndsWhatOpenHasOpened(t *testing.T) {
	s, err := Open(place(t), sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.List(ctx, "ann"); err == nil {
		t.Error("it is still open")
	}
}
