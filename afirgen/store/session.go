package store

import (
	"context"
	"database/sql"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// CreateSession stores a new session, at version 1. An id that is taken is ErrConflict.
func (s *Store) CreateSession(ctx context.Context, session fir.Session) error {
	err := s.write(ctx, func() error { return insertSession(ctx, s.db, session) })
	return fail(ctx, "creating session "+session.ID, err)
}

// execer is a database, a transaction or a connection.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func insertSession(ctx context.Context, on execer, session fir.Session) error {
	body, err := encode(session)
	if err != nil {
		return err
	}
	_, err = on.ExecContext(ctx, `INSERT INTO sessions (id, status, step, trace_id, created_at, last_activity, version, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		session.ID, session.Status, session.Step, session.TraceID, session.CreatedAt.UnixMicro(), session.LastActivity.UnixMicro(),
		session.Version, body)
	return err
}

// UpdateSession stores a session over the version before it, as fir.Apply counts. If that is not the one that is stored
// any more, nothing changes and the error is ErrConflict.
func (s *Store) UpdateSession(ctx context.Context, session fir.Session) error {
	err := s.write(ctx, func() error { return updateSession(ctx, s.db, session) })
	return fail(ctx, "updating session "+session.ID, err)
}

func updateSession(ctx context.Context, on querier, session fir.Session) error {
	body, err := encode(session)
	if err != nil {
		return err
	}
	result, err := on.ExecContext(ctx, `UPDATE sessions SET status = ?, step = ?, last_activity = ?, version = ?, body = ?
		WHERE id = ? AND version = ?`,
		session.Status, session.Step, session.LastActivity.UnixMicro(), session.Version, body, session.ID, session.Version-1)
	if err != nil {
		return err
	}
	return hit(ctx, on, result, "SELECT version FROM sessions WHERE id = ?", session.ID)
}

// hit tells the row that is not there from the one that has changed, where an UPDATE has found none.
func hit(ctx context.Context, on querier, result sql.Result, query string, key any) error {
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var version int64
	if err := on.QueryRowContext(ctx, query, key).Scan(&version); err != nil {
		return err
	}
	return ErrConflict
}

// Session returns a session, or ErrNotFound. One that has expired is returned until Expire removes it.
func (s *Store) Session(ctx context.Context, id string) (fir.Session, error) {
	var version int64
	var body []byte
	err := s.db.QueryRowContext(ctx, "SELECT version, body FROM sessions WHERE id = ?", id).Scan(&version, &body)
	if err != nil {
		return fir.Session{}, fail(ctx, "reading session "+id, err)
	}
	session, err := decodeSession(id, version, body)
	return session, fail(ctx, "reading session "+id, err)
}
