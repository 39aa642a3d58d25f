package stores

import (
	"context"
	"iter"
)

// An Iterable is a Store that yields all its sessions. [Keep] makes one of a Table that is a Scanner.
type Iterable interface {
	// All yields each session once, expired ones included, in bounded memory. The memory store and SQL databases have the same
	// order each time. Redis has none, and a session may come twice. Sessions that begin, change or end meanwhile may be
	// missing. A session that can't be read is yielded with its Handle and what else is known of it. An error comes with the
	// zero Record and ends the sequence.
	All(ctx context.Context) iter.Seq2[Record, error]
}

// iterable is the Iterable of a table.
type iterable struct{ scanner Scanner }

// All implements Iterable.
func (i iterable) All(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for row, err := range i.scanner.Scan(ctx) {
			var rec Record
			if err == nil {
				_ = row.toRecord(&rec) // what can't be read is yielded nevertheless
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}
