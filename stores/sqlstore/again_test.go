package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

type (
	state string // a driver's error of PostgreSQL
	errno uint16 // a driver's error of MySQL
)

func (e state) Error() string    { return "SQLSTATE " + string(e) }
func (e state) SQLState() string { return string(e) }
func (e errno) Error() string    { return fmt.Sprint("error ", uint16(e)) }

func numberOf(err error) uint16 {
	n, _ := errors.AsType[errno](err)
	return uint16(n)
}

// givesUp is a Writer whose first statements fail.
type givesUp struct {
	err   error
	times int
	sent  int
}

func (w *givesUp) Exec(context.Context, string, ...any) (int64, error) {
	if w.sent++; w.sent <= w.times {
		return 0, fmt.Errorf("the driver: %w", w.err)
	}
	return 1, nil
}

func TestT2_AStatementThatIsGivenUpIsSentAgain(t *testing.T) {
	ctx, now, h := context.Background(), time.Now(), stores.Handle{7}
	calls := map[string]func(*Table) error{
		"insert":  func(t *Table) error { return t.Save(ctx, h, 0, stores.Row{Version: 2}) },
		"replace": func(t *Table) error { return t.Save(ctx, h, 1, stores.Row{Version: 2}) },
		"touch":   func(t *Table) error { return t.Touch(ctx, h, 1, now, now) },
		"delete":  func(t *Table) error { return t.Delete(ctx, h) },
		"sweep":   func(t *Table) error { _, err := t.Sweep(ctx, now); return err },
	}
	for _, c := range []struct {
		dialect Dialect
		err     error
		again   bool
	}{
		{Postgres(), state("40001"), true},
		{Postgres(), state("40P01"), true},
		{Postgres(), state("23505"), false},
		{Postgres(), errors.New("connection reset"), false},
		{MySQL(numberOf), errno(1213), true},
		{MySQL(numberOf), errno(1205), true},
		{MySQL(numberOf), errno(1317), false},
		{SQLite(), errors.New("database is locked"), false},
	} {
		for name, call := range calls {
			for _, times := range []int{1, most - 1, most} {
				w := &givesUp{err: c.err, times: times}
				err := call(NewTableWriter(sql.OpenDB(nowhere{}), w, c.dialect, Layout{}))
				sent := 1
				if c.again {
					sent = min(times+1, most)
				}
				if w.sent != sent {
					t.Errorf("%v, %s: sent %d times; want %d", c.err, name, w.sent, sent)
				}
				switch {
				case c.again && times < most:
					if err != nil {
						t.Errorf("%v, %s: %v; want it done", c.err, name, err)
					}
				case c.again && name == "replace":
					if !errors.Is(err, stores.ErrConflict) {
						t.Errorf("%v, %s: %v; want ErrConflict, as nothing was done", c.err, name, err)
					}
				case !errors.Is(err, c.err) || errors.Is(err, stores.ErrConflict):
					t.Errorf("%v, %s: %v; want the failure", c.err, name, err)
				}
			}
		}
	}
}

// nowhere is a database that can't be connected to.
type nowhere struct{}

func (nowhere) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("nowhere") }
func (nowhere) Driver() driver.Driver                        { return nil }
