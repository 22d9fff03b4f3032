package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Report returns the report of that number, which may be a former one, or ErrNotFound.
func (s *Store) Report(ctx context.Context, number fir.Number) (fir.Report, error) {
	report, err := readReport(ctx, s.db, "fir_number = ?", number.String())
	if errors.Is(err, sql.ErrNoRows) {
		report, err = readReport(ctx, s.db, "session_id = (SELECT session_id FROM former_numbers WHERE fir_number = ?)", number.String())
	}
	return report, fail(ctx, "reading report "+number.String(), err)
}

// ReportOf returns the report of a session, or ErrNotFound.
func (s *Store) ReportOf(ctx context.Context, sessionID string) (fir.Report, error) {
	report, err := readReport(ctx, s.db, "session_id = ?", sessionID)
	return report, fail(ctx, "reading the report of session "+sessionID, err)
}

func readReport(ctx context.Context, on querier, where, key string) (fir.Report, error) {
	var number, sessionID string
	var state fir.State
	var version int64
	var body []byte
	err := on.QueryRowContext(ctx, "SELECT fir_number, session_id, state, version, body FROM reports WHERE "+where, key).
		Scan(&number, &sessionID, &state, &version, &body)
	if err != nil {
		return fir.Report{}, err
	}
	return decodeReport(number, sessionID, state, version, body)
}

// UpdateReport stores a report over the version before it, as fir.ApplyReport counts, or returns ErrConflict.
func (s *Store) UpdateReport(ctx context.Context, report fir.Report) error {
	err := s.transact(ctx, func(tx *sql.Tx) error { return updateReport(ctx, tx, report) })
	return fail(ctx, "updating report "+report.Number().String(), err)
}

// Save stores a session and its report, each over the version before it, or neither.
func (s *Store) Save(ctx context.Context, session fir.Session, report fir.Report) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if err := updateSession(ctx, tx, session); err != nil {
			return err
		}
		return updateReport(ctx, tx, report)
	})
	return fail(ctx, "saving session "+session.ID+" with its report", err)
}

func insertReport(ctx context.Context, tx *sql.Tx, report fir.Report) error {
	body, err := encode(report)
	if err != nil {
		return err
	}
	n := report.Number()
	_, err = tx.ExecContext(ctx, `INSERT INTO reports (session_id, fir_number, station, series, year, seq, state, trace_id, created_at,
		updated_at, registered_at, finalized_at, signature_due, version, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		report.SessionID, n.String(), n.Station, n.Series, n.Year, n.Seq, report.State, report.TraceID, report.CreatedAt.UnixMicro(),
		report.UpdatedAt.UnixMicro(), micros(report.RegisteredAt), micros(report.FinalizedAt), micros(report.SignatureDue), report.Version, body)
	if understand(err) == taken {
		// Whoever inserts has the lock on the session's row and on the counter's.
		return fmt.Errorf("number %s is given already, so the table counters is behind: restore all tables from one backup", n)
	}
	if err != nil {
		return err
	}
	return keepFormer(ctx, tx, report)
}

func updateReport(ctx context.Context, tx *sql.Tx, report fir.Report) error {
	body, err := encode(report)
	if err != nil {
		return err
	}
	n := report.Number()
	result, err := tx.ExecContext(ctx, `UPDATE reports SET fir_number = ?, station = ?, series = ?, year = ?, seq = ?, state = ?,
		updated_at = ?, registered_at = ?, finalized_at = ?, signature_due = ?, version = ?, body = ? WHERE session_id = ? AND version = ?`,
		n.String(), n.Station, n.Series, n.Year, n.Seq, report.State, report.UpdatedAt.UnixMicro(), micros(report.RegisteredAt),
		micros(report.FinalizedAt), micros(report.SignatureDue), report.Version, body, report.SessionID, report.Version-1)
	if err != nil {
		return err
	}
	if err := hit(ctx, tx, result, "SELECT version FROM reports WHERE session_id = ?", report.SessionID); err != nil {
		return err
	}
	return keepFormer(ctx, tx, report)
}

// keepFormer writes down the former numbers that are not yet. They only ever grow at their end.
func keepFormer(ctx context.Context, tx *sql.Tx, report fir.Report) error {
	if len(report.Former) == 0 {
		return nil
	}
	var known int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM former_numbers WHERE session_id = ?", report.SessionID).Scan(&known)
	if err != nil {
		return err
	}
	for _, n := range report.Former[min(known, len(report.Former)):] {
		if _, err := tx.ExecContext(ctx, "INSERT INTO former_numbers (fir_number, session_id) VALUES (?, ?)", n.String(), report.SessionID); err != nil {
			return err
		}
	}
	return nil
}
