package sqlstore

import (
	"context"
	"database/sql"
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
	var one int
	err := t.db.QueryRowContext(ctx, t.statements.Unique).Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return failed("migrate", errors.New("the handle has no unique index of its own in that table"))
	case err != nil:
		return failed("migrate", err)
	}
	return nil
}

// migrate executes the schema, each statement of which does nothing where it has nothing to do, and the check.
func (t *Table) migrate(ctx context.Context) error {
	steps := slices.Concat(t.statements.Schema, []string{t.statements.Check})
	if t.statements.Lock != "" {
		steps = append([]string{t.statements.Lock}, steps...)
		for tries := 1; ; tries++ {
			if err := t.migrateLocked(ctx, steps); !t.again(err, tries) {
				return err
			}
		}
	}
	for _, s := range steps {
		var err error
		if t.writer != nil {
			_, err = t.writer.Exec(ctx, s)
		} else {
			_, err = t.db.ExecContext(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// migrateLocked does it in one transaction, which holds the lock until its end.
func (t *Table) migrateLocked(ctx context.Context, steps []string) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}
