package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Migrate makes the table and its indexes where they are missing, and fails if a table of that name lacks a column or
// allows a handle twice. It may be called at every start, by several processes at once. Whoever has made a table of
// their own gets it checked. If another program has a table of that name, Layout.Table names another one.
func (t *Table) Migrate(ctx context.Context) error {
	err := t.migrate(ctx)
	if err == nil && t.statements.Unique != "" {
		err = t.checkUnique(ctx)
	}
	if err != nil {
		return failed("migrate", fmt.Errorf("table %q of Layout.Table: %w", t.name, err))
	}
	return nil
}

func (t *Table) checkUnique(ctx context.Context) error {
	unique, err := t.conn.Exists(ctx, t.statements.Unique)
	if err == nil && !unique {
		err = errors.New("the handle has no unique index of its own")
	}
	return err
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
