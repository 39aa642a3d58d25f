package sqlstore

import (
	"context"
	"errors"
	"slices"
)

// Migrate makes the table and its indexes where they are missing, and fails if a table of that name lacks a column or
// allows a handle twice. It may be called at every start, by several processes at once. Whoever has made a table of
// their own gets it checked.
func (t *Table) Migrate(ctx context.Context) error {
	if err := t.migrate(ctx); err != nil {
		return failed("migrate", err)
	}
	if t.statements.Unique == "" {
		return nil
	}
	unique, err := t.conn.Exists(ctx, t.statements.Unique)
	switch {
	case err != nil:
		return failed("migrate", err)
	case !unique:
		return failed("migrate", errors.New("the handle has no unique index of its own in that table"))
	}
	return nil
}

// migrate executes the schema, each statement of which does nothing where it has nothing to do, and the check.
func (t *Table) migrate(ctx context.Context) error {
	steps := slices.Concat(t.statements.Schema, []string{t.statements.Check})
	if t.statements.Lock != "" {
		steps = append([]string{t.statements.Lock}, steps...)
		for tries := 1; ; tries++ {
			if err := t.conn.Transact(ctx, steps); !t.again(err, tries) {
				return err
			}
		}
	}
	for _, s := range steps {
		if _, err := t.conn.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
