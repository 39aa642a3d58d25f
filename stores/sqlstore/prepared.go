package sqlstore

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
)

// prepared is a statement that is prepared when it is first needed: the table may be made after the store.
type prepared struct {
	text string
	mu   sync.Mutex
	stmt atomic.Pointer[sql.Stmt]
}

func (p *prepared) on(ctx context.Context, db *sql.DB) (*sql.Stmt, error) {
	if st := p.stmt.Load(); st != nil {
		return st, nil
	}
	// Not under the lock: who waits for a lock honours no context.
	st, err := db.PrepareContext(ctx, p.text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.stmt.Load(); first != nil {
		_ = st.Close()
		return first, nil
	}
	p.stmt.Store(st)
	return st, nil
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st := p.stmt.Swap(nil); st != nil {
		return st.Close()
	}
	return nil
}
