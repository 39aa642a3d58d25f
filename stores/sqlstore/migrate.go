package sqlstore

import (
	"context"
)

// Migrate makes the table and its indexes where they are missing, and fails if a table of that name lacks a column. It
// may be called at every start, by several processes at once. Whoever has made a table of their own needn't call it.
func (t *Table) Migrate(ctx context.Context) error {
	if err := t.migrate(ctx); err != nil {
		return failed("migrate", err)
	}
	rows, err := t.db.QueryContext(ctx, t.statements.Check)
	if err != nil {
		return failed("migrate", err)
	}
	defer rows.Close()
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		return failed("migrate", err)
	}
	return nil
}

// migrate executes the schema, each statement of which does nothing where it has nothing to do.
func (t *Table) migrate(ctx context.Context) error {
	if t.statements.Lock != "" {
		return t.migrateLocked(ctx)
	}
	for _, s := range t.statements.Schema {
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
func (t *Table) migrateLocked(ctx context.Context) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range append([]string{t.statements.Lock}, t.statements.Schema...) {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}
