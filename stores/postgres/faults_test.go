package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

func record() stores.Record {
	now := time.Now().Truncate(time.Microsecond)
	return stores.Record{
		Data: session.Key[string]("theme").Set(session.Session{}, "dark").Data(), Version: 7, Verifier: [32]byte{1}, Owner: "ann",
		Created: now, Authenticated: now, Seen: now, Expires: now.Add(time.Hour),
	}
}

// calls makes each call that a table has.
func calls(ctx context.Context, table *Table) map[string]error {
	rec := record()
	_, loaded := table.Load(ctx, handle())
	_, listed := table.List(ctx, rec.Owner)
	_, swept := table.Sweep(ctx, time.Now())
	return map[string]error{
		"load":    loaded,
		"insert":  table.Save(ctx, handle(), 0, rec.Row()),
		"replace": table.Save(ctx, handle(), 6, rec.Row()),
		"touch":   table.Touch(ctx, handle(), 6, rec.Seen, rec.Expires),
		"delete":  table.Delete(ctx, handle()),
		"list":    listed,
		"sweep":   swept,
	}
}

func wantFailures(t *testing.T, what string, errs map[string]error) {
	t.Helper()
	for call, err := range errs {
		if err == nil || errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict) {
			t.Errorf("%s, %s: error %v; want a failure", what, call, err)
		}
	}
}

func TestT1_ATableThatIsMissingOrAnotherIsAFailure(t *testing.T) {
	ctx := context.Background()
	p := pool(t)
	table := NewTable(p, sqlstore.Layout{})
	wantFailures(t, "no table", calls(ctx, table))
	if _, err := p.Exec(ctx, "CREATE TABLE sessions (handle int, expires date)"); err != nil {
		t.Fatal(err)
	}
	wantFailures(t, "another table", calls(ctx, table))
	if err := table.Migrate(ctx); err == nil {
		t.Error("Migrate is content with another table of that name")
	}
	if _, err := p.Exec(ctx, "DROP TABLE sessions"); err != nil {
		t.Fatal(err)
	}
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := table.Save(ctx, handle(), 0, record().Row()); err != nil {
		t.Errorf("once the table is there: %v", err)
	}
}

func TestT1_ARowThatHoldsWhatIsNoSession(t *testing.T) {
	ctx := context.Background()
	table := migrated(t, sqlstore.Layout{})
	h := handle()
	if err := table.Save(ctx, h, 0, record().Row()); err != nil {
		t.Fatal(err)
	}
	for what, value := range map[string][]byte{"garbage": []byte("garbage"), "nothing": {}, "20 MB": make([]byte, 20<<20)} {
		if _, err := table.pool.Exec(ctx, "UPDATE sessions SET body = $1", value); err != nil {
			t.Fatal(err)
		}
		if err := read(table, h); err == nil || errors.Is(err, stores.ErrNotFound) {
			t.Errorf("%s: %v; want an error", what, err)
		}
		if recs, err := table.List(ctx, "ann"); err != nil || len(recs) != 1 || recs[0].Handle != h {
			t.Errorf("%s: listed %d records, %v; want it listed, so that it can be deleted", what, len(recs), err)
		}
	}
}

// read loads a row and reads the record in it.
func read(table *Table, h stores.Handle) error {
	row, err := table.Load(context.Background(), h)
	if err != nil {
		return err
	}
	_, err = row.Record()
	return err
}

func TestT5_ARowWithoutAColumnHidesNoOther(t *testing.T) {
	ctx := context.Background()
	table := migrated(t, sqlstore.Layout{})
	for _, column := range []string{"version", "seen", "expires", "body"} {
		damaged, whole := handle(), handle()
		for _, h := range []stores.Handle{damaged, whole} {
			if err := table.Save(ctx, h, 0, record().Row()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := table.pool.Exec(ctx, "ALTER TABLE sessions ALTER "+column+" DROP NOT NULL"); err != nil {
			t.Fatal(err)
		}
		if _, err := table.pool.Exec(ctx, "UPDATE sessions SET "+column+" = NULL WHERE handle = $1", damaged.String()); err != nil {
			t.Fatal(err)
		}
		if err := read(table, damaged); !errors.Is(err, stores.ErrUndecodable) {
			t.Errorf("no %s: %v; want ErrUndecodable", column, err)
		}
		if recs, err := table.List(ctx, "ann"); err != nil || len(recs) != 2 {
			t.Errorf("no %s: listed %d, %v; want both", column, len(recs), err)
		}
		if n, err := stores.Keep(table).(stores.Owners).DeleteOwned(ctx, "ann"); err != nil || n != 2 {
			t.Errorf("no %s: ended %d, %v; want both", column, n, err)
		}
	}
}

func TestHandlesAreNoSQL(t *testing.T) {
	ctx := context.Background()
	table := migrated(t, sqlstore.Layout{})
	for _, s := range []string{"'; DROP TABLE sessions", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\"\"''\\\\%%__$1?;--/*"} {
		var h stores.Handle
		copy(h[:], s)
		if err := table.Save(ctx, h, 0, record().Row()); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if rec, err := table.Load(ctx, h); err != nil || rec.Owner != "ann" {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, owner := range []string{"'; DROP TABLE sessions; --", "a\x00b", "\xff\xfe", strings.Repeat("'", 255)} {
		rec := record()
		rec.Owner = owner
		if err := table.Save(ctx, handle(), 0, rec.Row()); err != nil {
			t.Errorf("owner %q: %v", owner, err)
		}
		if recs, err := table.List(ctx, owner); err != nil || len(recs) != 1 || recs[0].Owner != owner {
			t.Errorf("owner %q: listed %d, %v", owner, len(recs), err)
		}
	}
}

// A relay stands between pool and server; it can be cut, or hold back what the server answers.
type relay struct {
	mu     sync.Mutex
	conns  []net.Conn
	down   bool
	silent atomic.Bool
	trips  atomic.Int64 // messages of the client after the server's
}

func (r *relay) dial(ctx context.Context, network, address string) (net.Conn, error) {
	r.mu.Lock()
	down := r.down
	r.mu.Unlock()
	if down {
		return nil, errors.New("connection refused")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = append(r.conns, c)
	return &relayed{Conn: c, relay: r}, nil
}

func (r *relay) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	if down {
		for _, c := range r.conns {
			_ = c.Close()
		}
		r.conns = nil
	}
}

type relayed struct {
	net.Conn
	relay *relay
	heard atomic.Bool
}

func (c *relayed) Write(b []byte) (int, error) {
	if !c.heard.Swap(true) {
		c.relay.trips.Add(1)
	}
	return c.Conn.Write(b)
}

func (c *relayed) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		c.heard.Store(false)
		if err != nil || !c.relay.silent.Load() {
			return n, err
		}
	}
}

func through(r *relay) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.DialFunc = r.dial }
}

func TestT6_AServerThatIsGoneIsAFailureAndComesBack(t *testing.T) {
	var r relay
	table := migrated(t, sqlstore.Layout{}, through(&r))
	h, rec := handle(), record()
	if err := table.Save(context.Background(), h, 0, rec.Row()); err != nil {
		t.Fatal(err)
	}
	r.set(true)
	wantFailures(t, "server gone", calls(context.Background(), table))
	r.set(false)
	if _, err := table.Load(context.Background(), h); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

func TestT6_AServerThatDoesNotAnswerIsLeftAtTheDeadline(t *testing.T) {
	var r relay
	table := migrated(t, sqlstore.Layout{}, through(&r), func(c *pgxpool.Config) { c.MaxConns = 4 })
	r.silent.Store(true)
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		errs := calls(ctx, table) // nothing but the deadline ends them
		cancel()
		wantFailures(t, "silent server", errs)
	}
	r.silent.Store(false)
	if err := table.Save(context.Background(), handle(), 0, record().Row()); err != nil {
		t.Errorf("after it answers again: %v", err)
	}
}

func TestT6_EndedContextsMakeNoCall(t *testing.T) {
	table := migrated(t, sqlstore.Layout{})
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	for what, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		errs := calls(ctx, table)
		wantFailures(t, what, errs)
		for call, err := range errs {
			if !errors.Is(err, ctx.Err()) {
				t.Errorf("%s, %s: %v; want the context's error", what, call, err)
			}
		}
	}
	if n := rows(t, table); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func rows(t *testing.T, table *Table) (n int) {
	t.Helper()
	if err := table.pool.QueryRow(context.Background(), "SELECT count(*) FROM sessions").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestErrorsDontNameThePassword(t *testing.T) {
	cfg, err := pgxpool.ParseConfig(url(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.User, cfg.ConnConfig.Password = "nobody-of-that-name", "hunter2-secret"
	p, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	errs := calls(context.Background(), NewTable(p, sqlstore.Layout{}))
	wantFailures(t, "wrong user", errs)
	for call, err := range errs {
		if strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: the error names the password", call)
		}
	}
}

// Two processes that begin at once make one table.
func TestTwoProcessesMigrateAtOnce(t *testing.T) {
	if where := os.Getenv("SIGNET_TEST_MIGRATE"); where != "" {
		migrateAtOnce(t, where)
		return
	}
	ctx := context.Background()
	p := pool(t)
	var schema string
	if err := p.QueryRow(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		type process struct {
			cmd *exec.Cmd
			in  io.WriteCloser
		}
		var all []process
		var outs [2]strings.Builder
		for i := range 2 {
			cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesMigrateAtOnce$")
			cmd.Env = append(os.Environ(), "SIGNET_TEST_MIGRATE="+schema)
			cmd.Stdout, cmd.Stderr = &outs[i], &outs[i]
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			all = append(all, process{cmd, in})
		}
		for _, pr := range all {
			_ = pr.in.Close() // both go
		}
		for i, pr := range all {
			if err := pr.cmd.Wait(); err != nil {
				t.Fatalf("round %d: %v\n%s", round, err, outs[i].String())
			}
		}
		if _, err := p.Exec(ctx, "DROP TABLE sessions"); err != nil {
			t.Fatal(err)
		}
	}
}

func migrateAtOnce(t *testing.T, schema string) {
	ctx := context.Background()
	cfg, err := pgxpool.ParseConfig(url(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	p, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(os.Stdin)
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if err := NewTable(p, sqlstore.Layout{}).Migrate(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
}

func TestRoundTripsAreOneACall(t *testing.T) {
	var r relay
	table := migrated(t, sqlstore.Layout{}, through(&r), func(c *pgxpool.Config) {
		c.MaxConns = 1
		c.MinIdleConns = 1
	})
	ctx := context.Background()
	rec, h := record(), handle()
	next := rec
	for warm := range 2 { // statements are prepared by their first use
		rec.Version, next.Version = 10, 11
		h = handle()
		for _, c := range []struct {
			name string
			want int64
			call func() error
		}{
			{"insert", 1, func() error { return table.Save(ctx, h, 0, rec.Row()) }},
			{"insert of one that is there", 1, func() error { return is(table.Save(ctx, h, 0, rec.Row()), stores.ErrConflict) }},
			{"load", 1, func() error { _, err := table.Load(ctx, h); return err }},
			{"load of nothing", 1, func() error { _, err := table.Load(ctx, handle()); return is(err, stores.ErrNotFound) }},
			{"save", 1, func() error { return table.Save(ctx, h, 10, next.Row()) }},
			{"refused save", 2, func() error { return is(table.Save(ctx, h, 10, next.Row()), stores.ErrConflict) }},
			{"touch", 1, func() error { return table.Touch(ctx, h, 11, next.Seen, next.Expires.Add(time.Minute)) }},
			{"list", 1, func() error { _, err := table.List(ctx, "ann"); return err }},
			{"sweep", 1, func() error { _, err := table.Sweep(ctx, time.Now()); return err }},
			{"delete", 1, func() error { return table.Delete(ctx, h) }},
		} {
			before := r.trips.Load()
			if err := c.call(); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if got := r.trips.Load() - before; warm == 1 && got != c.want {
				t.Errorf("%s: %d round trips; want %d", c.name, got, c.want)
			}
		}
	}
}

func is(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("error %v; want %w", err, want)
	}
	return nil
}

func TestS7_TheServersClockDoesNotMatter(t *testing.T) {
	table := migrated(t, sqlstore.Layout{})
	ctx := context.Background()
	for _, off := range []time.Duration{-time.Hour, time.Hour} { // of ours, which is the same
		rec := record()
		rec.Seen, rec.Expires = rec.Seen.Add(off), rec.Seen.Add(off+time.Minute)
		h := handle()
		if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Sweep(ctx, rec.Expires.Add(59*time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, err := table.Load(ctx, h); err != nil || !got.Expires.Equal(rec.Expires) {
			t.Errorf("off by %v: expires %v, %v", off, got.Expires, err)
		}
		if _, err := table.Sweep(ctx, rec.Expires.Add(61*time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("off by %v: after the sweep: %v", off, err)
		}
	}
}

func TestT4_AMillionExpiredRowsAreSweptWhileServing(t *testing.T) {
	expired := 1_000_000
	if testing.Short() || race.Enabled {
		expired = 50_000
	}
	ctx := context.Background()
	table := migrated(t, sqlstore.Layout{})
	past := time.Now().Add(-time.Hour).UnixMicro()
	if _, err := table.pool.Exec(ctx, `INSERT INTO sessions (handle, version, owner, seen, expires, body)
		SELECT lpad(n::text, 24, '0'), 1, '', $1, $1, '\x01' FROM generate_series(1, $2::int) AS n`, past, expired); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	swept := 0
	go func() {
		var err error
		swept, err = table.Sweep(ctx, time.Now())
		done <- err
	}()
	served := 0
	for sweeping := true; sweeping || served < 10; served++ {
		h, rec := handle(), record()
		if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Load(ctx, h); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			sweeping = false
		default:
		}
	}
	if swept != expired || rows(t, table) != served {
		t.Errorf("swept %d of %d; %d rows left, %d live", swept, expired, rows(t, table), served)
	}
	t.Logf("served %d sessions beside a sweep of %d", served, swept)
	statements, err := sqlstore.Postgres().Statements(sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := pgx.BeginFunc(ctx, table.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = on"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "EXPLAIN "+statements.Sweep, past)
		if err != nil {
			return err
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if all := strings.Join(plan, "\n"); strings.Contains(all, "Seq Scan") {
			return fmt.Errorf("a full scan:\n%s", all)
		}
		return nil
	}); err != nil {
		t.Errorf("the plan of a sweep: %v", err)
	}
}
