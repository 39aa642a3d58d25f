package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// columns returns a row as a driver does that has everything as text.
func columns() Columns {
	var c Columns
	for dest, v := range map[sql.Scanner]any{
		&c.Version: "-1", &c.Owner: []byte("ann"), &c.Seen: []byte("1700000000123456"), &c.Expires: int64(1_700_000_001_000_000), &c.Body: []byte("body"),
	} {
		_ = dest.Scan(v)
	}
	c.Handle = stores.Handle{7}.String()
	return c
}

func TestT1_ColumnsAreARow(t *testing.T) {
	c := columns()
	row := c.Row()
	if row.Version != 1<<64-1 || row.Owner != "ann" || !row.Seen.Equal(time.UnixMicro(1_700_000_000_123_456)) ||
		!row.Expires.Equal(time.Unix(1_700_000_001, 0)) || string(row.Body.Bytes()) != "body" {
		t.Errorf("got %+v", row)
	}
}

func TestT1_WhatADriverReturnsForAColumnOfAnotherTypeMakesTheRowUnreadable(t *testing.T) {
	for _, v := range []any{nil, 1.5, true, time.Now()} {
		for name, dest := range map[string]func(*Columns) sql.Scanner{
			"version": func(c *Columns) sql.Scanner { return &c.Version },
			"owner":   func(c *Columns) sql.Scanner { return &c.Owner },
			"seen":    func(c *Columns) sql.Scanner { return &c.Seen },
			"expires": func(c *Columns) sql.Scanner { return &c.Expires },
			"body":    func(c *Columns) sql.Scanner { return &c.Body },
		} {
			c := columns()
			if err := dest(&c).Scan(v); err != nil {
				t.Errorf("%s: %v is an error of the query: %v", name, v, err)
			}
			if _, err := c.Row().Record(); !errors.Is(err, stores.ErrUndecodable) || len(c.Row().Body.Bytes()) != 0 {
				t.Errorf("%s: a column of %v is read with %v", name, v, err)
			}
		}
	}
}

// found is a Conn that finds some rows.
type found struct {
	Conn
	rows []Columns
}

func (f found) List(_ context.Context, _ string, _ any, each func(*Columns)) error {
	for i := range f.rows {
		each(&f.rows[i])
	}
	return nil
}

func TestT5_ARowWithoutAHandleIsNotListed(t *testing.T) {
	whole, none := columns(), columns()
	none.Handle = "no handle"
	rows, err := NewTableConn(found{rows: []Columns{none, whole}}, SQLite(), Layout{}).List(t.Context(), "ann")
	if err != nil || len(rows) != 1 || rows[0].Handle != (stores.Handle{7}) || rows[0].Owner != "ann" {
		t.Errorf("listed %+v, %v", rows, err)
	}
}
