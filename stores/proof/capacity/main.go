// Capacity measures what a session of ten keys takes in each store: it stores many, half of them with an owner, and asks
// the engine how large it has become.
//
//	go run ./stores/proof/withservers -- go run ./stores/proof/capacity -n 200000
//
// What has no server is left out.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/rueidis"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/mysql"
	"github.com/signet-go/signet/stores/postgres"
	"github.com/signet-go/signet/stores/redis"
	"github.com/signet-go/signet/stores/sqlite"
	"github.com/signet-go/signet/stores/sqlstore"
)

// size is what an engine says that sessions take.
type size struct{ data, index int64 }

// An engine is opened, filled, and asked.
type engine struct {
	name string
	open func(context.Context) (opened, error)
}

var errAbsent = errors.New("no server")

type opened struct {
	table stores.Table
	size  func(context.Context) (size, error)
	close func()
}

func main() {
	n := flag.Int("n", 200_000, "sessions")
	flag.Parse()
	ctx := context.Background()
	fmt.Printf("%d sessions of ten keys, every second one with an owner; bytes a session\n\n", *n)
	fmt.Println("| store | data | indexes | together |\n|---|---|---|---|")
	for _, e := range []engine{
		{"memory", openMemory}, {"SQLite", openSQLite}, {"PostgreSQL", openPostgres}, {"MariaDB", openMySQL}, {"Redis", openRedis},
	} {
		s, err := measure(ctx, e, *n)
		switch {
		case errors.Is(err, errAbsent):
			continue
		case err != nil:
			log.Fatalf("%s: %v", e.name, err)
		}
		fmt.Printf("| %s | %d | %d | %d |\n", e.name, s.data/int64(*n), s.index/int64(*n), (s.data+s.index)/int64(*n))
	}
}

func measure(ctx context.Context, e engine, n int) (size, error) {
	o, err := e.open(ctx)
	if err != nil {
		return size{}, err
	}
	defer o.close()
	before, err := o.size(ctx)
	if err != nil {
		return size{}, err
	}
	if err := fill(ctx, o.table, n); err != nil {
		return size{}, err
	}
	after, err := o.size(ctx)
	return size{after.data - before.data, after.index - before.index}, err
}

// fill stores n sessions from 32 goroutines.
func fill(ctx context.Context, t stores.Table, n int) error {
	const writers = 32
	errs := make([]error, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += writers {
				h, rec := tenKeys(i)
				errs[w] = t.Save(ctx, h, 0, rec.Row())
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// tenKeys is a session as the benchmarks have it.
func tenKeys(i int) (stores.Handle, stores.Record) {
	var h stores.Handle
	rec := stores.Record{Version: uint64(i) + 1}
	_, _ = rand.Read(h[:])
	_, _ = rand.Read(rec.Verifier[:])
	var s session.Session
	for k := range 10 {
		s = session.Key[string]("key"+strconv.Itoa(k)).Set(s, fmt.Sprintf("value-%06d", i))
	}
	rec.Data = s.Data()
	now := time.Now()
	rec.Created, rec.Seen, rec.Expires = now, now, now.Add(30*time.Minute)
	if i%2 == 0 {
		rec.Owner, rec.Authenticated = fmt.Sprintf("user-%09d", i), now
	}
	return h, rec
}

func openMemory(context.Context) (opened, error) {
	t := memory.NewTable()
	return opened{t, func(context.Context) (size, error) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(t)
		return size{data: int64(m.HeapAlloc)}, nil
	}, func() {}}, nil
}

func openSQLite(ctx context.Context) (opened, error) {
	dir, err := os.MkdirTemp("", "capacity")
	if err != nil {
		return opened{}, err
	}
	path := filepath.Join(dir, "sessions.db")
	t, err := sqlite.OpenTable(path, sqlstore.Layout{})
	if err != nil {
		return opened{}, err
	}
	if err := t.Migrate(ctx); err != nil {
		return opened{}, err
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return opened{}, err
	}
	return opened{t, func(ctx context.Context) (size, error) {
		var s size
		err := db.QueryRowContext(ctx, `SELECT sum(CASE WHEN m.type = 'table' THEN s.pgsize ELSE 0 END),
			sum(CASE WHEN m.type = 'index' THEN s.pgsize ELSE 0 END)
			FROM dbstat s JOIN sqlite_schema m ON m.name = s.name`).Scan(&s.data, &s.index)
		return s, err
	}, func() {
		_, _ = db.Close(), t.Close()
		_ = os.RemoveAll(dir)
	}}, nil
}

func openPostgres(ctx context.Context) (opened, error) {
	url := os.Getenv("SIGNET_TEST_POSTGRES_URL")
	if url == "" {
		return opened{}, errAbsent
	}
	p, err := pgxpool.New(ctx, url)
	if err != nil {
		return opened{}, err
	}
	t := postgres.NewTable(p, sqlstore.Layout{Table: "capacity_sessions"})
	if err := t.Migrate(ctx); err != nil {
		return opened{}, err
	}
	return opened{t, func(ctx context.Context) (size, error) {
		var s size
		err := p.QueryRow(ctx, "SELECT pg_table_size('capacity_sessions'), pg_indexes_size('capacity_sessions')").Scan(&s.data, &s.index)
		return s, err
	}, func() {
		_, _ = p.Exec(ctx, "DROP TABLE capacity_sessions")
		p.Close()
	}}, nil
}

func openMySQL(ctx context.Context) (opened, error) {
	dsn := os.Getenv("SIGNET_TEST_MYSQL_DSN")
	if dsn == "" {
		return opened{}, errAbsent
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return opened{}, err
	}
	db.SetMaxIdleConns(32)
	t := sqlstore.NewTable(db, mysql.Dialect(), sqlstore.Layout{Table: "capacity_sessions"})
	if err := t.Migrate(ctx); err != nil {
		return opened{}, err
	}
	return opened{t, func(ctx context.Context) (size, error) {
		if _, err := db.ExecContext(ctx, "ANALYZE TABLE capacity_sessions"); err != nil {
			return size{}, err
		}
		var s size
		err := db.QueryRowContext(ctx, "SELECT data_length, index_length FROM information_schema.tables "+
			"WHERE table_schema = database() AND table_name = 'capacity_sessions'").Scan(&s.data, &s.index)
		return s, err
	}, func() {
		_, _ = db.ExecContext(ctx, "DROP TABLE capacity_sessions")
		_, _ = t.Close(), db.Close()
	}}, nil
}

func openRedis(ctx context.Context) (opened, error) {
	url := os.Getenv("SIGNET_TEST_REDIS_URL")
	if url == "" {
		return opened{}, errAbsent
	}
	o, err := rueidis.ParseURL(url)
	if err != nil {
		return opened{}, err
	}
	c, err := rueidis.NewClient(o)
	if err != nil {
		return opened{}, err
	}
	const prefix = "capacity:"
	return opened{redis.NewTable(c, redis.Prefix(prefix)), func(ctx context.Context) (size, error) {
		info, err := c.Do(ctx, c.B().Info().Section("memory").Build()).ToString()
		if err != nil {
			return size{}, err
		}
		_, used, _ := strings.Cut(info, "used_memory:")
		used, _, _ = strings.Cut(used, "\r\n")
		n, err := strconv.ParseInt(used, 10, 64)
		return size{data: n}, err
	}, func() {
		defer c.Close()
		for cursor := uint64(0); ; {
			e, err := c.Do(ctx, c.B().Scan().Cursor(cursor).Match(prefix+"*").Count(10_000).Build()).AsScanEntry()
			if err != nil {
				return
			}
			for _, k := range e.Elements {
				_ = c.Do(ctx, c.B().Unlink().Key(k).Build()).Error()
			}
			if cursor = e.Cursor; cursor == 0 {
				return
			}
		}
	}}, nil
}
