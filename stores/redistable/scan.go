package redistable

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/signet-go/signet/stores"
)

// Scan implements stores.Scanner by the command SCAN on each master. The server walks a hash table that may change its
// size meanwhile, so a session may come twice. It costs time in proportion to all the keys of the server, whatever their
// prefix.
func (t *Table) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		goOn, failed := true, error(nil)
		err := t.client.Keys(ctx, escape(t.prefix)+"*", func(keys []string) bool {
			var rows []stores.Row
			if rows, failed = t.rows(ctx, keys); failed != nil {
				return false
			}
			for _, row := range rows {
				if goOn = yield(row, nil); !goOn {
					return false
				}
			}
			return true
		})
		if err == nil {
			err = failed
		}
		if goOn && err != nil {
			yield(stores.Row{}, fmt.Errorf("redis: scan: %w", err))
		}
	}
}

// rows returns what is under those of the keys that are a session's.
func (t *Table) rows(ctx context.Context, keys []string) (rows []stores.Row, err error) {
	var handles []stores.Handle
	sessions := keys[:0]
	for _, key := range keys {
		name := strings.TrimPrefix(key, t.prefix)
		if h, err := stores.ParseHandle(name); err == nil && t.key(h) == key {
			handles, sessions = append(handles, h), append(sessions, key)
		}
	}
	if len(sessions) == 0 {
		return nil, nil
	}
	err = t.client.GetAll(ctx, sessions, func(i int, value string) {
		row := t.parse(value)
		row.Handle = handles[i]
		rows = append(rows, row)
	})
	return rows, err
}

// escape returns the pattern that s alone matches.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(s)
}
