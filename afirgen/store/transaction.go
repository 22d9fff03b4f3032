package store

import (
	"context"
	"database/sql"
)

// attempts is how often something is tried that the server breaks off, because it stands in the way of others: a
// deadlock has one victim, so the others have gone on by then.
const attempts = 5

// querier is a database or a transaction in it.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// transact runs do in a transaction, more than once if the server asks for it. What do returns comes back as it is, and
// nothing of it is stored then.
func (s *Store) transact(ctx context.Context, do func(*sql.Tx) error) error {
	return s.write(ctx, func() error {
		// All rows that have to stand still are locked by name, so a snapshot would only add locks on gaps.
		tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // after a commit it does nothing
		if err := do(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// write waits for a turn to write and does it.
func (s *Store) write(ctx context.Context, do func() error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	for n := 1; ; n++ {
		err := do()
		if err == nil || n == attempts || ctx.Err() != nil || understand(err) != again {
			return err
		}
	}
}
