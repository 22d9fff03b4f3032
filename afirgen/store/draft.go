package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Draft allocates a number of a station's series, if need says that the session has none, and stores the session and its
// report, all in one transaction: the session over the version before it, the report new, or over the version before it
// if the session has one already. Year and clock are of at.
//
// What is stored comes from build. It gets the number (the zero one where need is false) and the session's report, and
// is called more than once: first without a report, from which Draft learns which session it is; again if there is a
// report; and all that again if the database asks for another attempt. So it is a pure function. Its error comes back as
// it is, and then no number is used up.
func (s *Store) Draft(ctx context.Context, station string, series fir.Series, at time.Time, need bool,
	build func(n fir.Number, existing *fir.Report) (fir.Session, fir.Report, error),
) (session fir.Session, report fir.Report, err error) {
	err = s.allocate(ctx, station, series, at, need, func(tx *sql.Tx, n fir.Number) (err error) {
		session, report, err = draft(ctx, tx, n, build)
		return err
	})
	if err != nil {
		return fir.Session{}, fir.Report{}, fail(ctx, "drafting a report", err)
	}
	return session, report, nil
}

func draft(ctx context.Context, tx *sql.Tx, n fir.Number, build func(fir.Number, *fir.Report) (fir.Session, fir.Report, error),
) (fir.Session, fir.Report, error) {
	session, report, err := build(n, nil)
	if err != nil {
		return session, report, refusal{err}
	}
	// Whoever drafts the same session at the same time stops here.
	if err := stands(ctx, tx, session.ID, session.Version-1); err != nil {
		return session, report, err
	}
	existing, err := readReport(ctx, tx, "session_id = ?", session.ID)
	store := updateReport
	switch {
	case errors.Is(err, sql.ErrNoRows):
		store = insertReport
	case err != nil:
		return session, report, err
	default:
		if session, report, err = build(n, &existing); err != nil {
			return session, report, refusal{err}
		}
	}
	if err := updateSession(ctx, tx, session); err != nil {
		return session, report, err
	}
	return session, report, store(ctx, tx, report)
}

// stands locks a session that is stored in that version.
func stands(ctx context.Context, tx *sql.Tx, id string, version int64) error {
	var stored int64
	if err := tx.QueryRowContext(ctx, "SELECT version FROM sessions WHERE id = ? /*! FOR UPDATE */", id).Scan(&stored); err != nil {
		return err
	}
	if stored != version {
		return ErrConflict
	}
	return nil
}

// Renumber allocates a number of another series of the report's station and stores the report that build makes with it
// over the version before, in one transaction. Report finds it by both numbers from then on. The error of build comes
// back as it is, and then no number is used up; build may be called more than once.
func (s *Store) Renumber(ctx context.Context, report fir.Report, series fir.Series, at time.Time,
	build func(n fir.Number) (fir.Report, error),
) (next fir.Report, err error) {
	err = s.allocate(ctx, report.Document.Header.Station.Code, series, at, true, func(tx *sql.Tx, n fir.Number) (err error) {
		if next, err = build(n); err != nil {
			return refusal{err}
		}
		return updateReport(ctx, tx, next)
	})
	if err != nil {
		return fir.Report{}, fail(ctx, "renumbering report "+report.Number().String(), err)
	}
	return next, nil
}

// refusal carries the error of a caller's function out of a transaction, so that nobody takes it for the database's.
type refusal struct{ err error }

// Error implements error.
func (r refusal) Error() string { return r.err.Error() }
