package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
)

// adopt marks the file as ours, and takes over the sessions of AFIRGen's first program, which kept them in a table
// named session (layout 1). It had no reports. The conn is in a transaction.
func adopt(ctx context.Context, conn *sql.Conn) error {
	var layout int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&layout); err != nil {
		return err
	}
	if layout == gooseLayout {
		return nil
	}
	if layout == oldLayout {
		if err := adoptSessions(ctx, conn); err != nil {
			return fmt.Errorf("taking over the sessions of the first program: %w", err)
		}
	}
	// SQLite takes no parameters in a PRAGMA. The first program refuses a layout above its own.
	for _, statement := range []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", gooseLayout),
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func adoptSessions(ctx context.Context, conn *sql.Conn) error {
	sessions, err := oldSessions(ctx, conn)
	if err != nil {
		return err
	}
	for _, session := range sessions {
		if err := insertSession(ctx, conn, session); err != nil {
			return fmt.Errorf("session %s: %w", session.ID, err)
		}
	}
	_, err = conn.ExecContext(ctx, "DROP TABLE session")
	return err
}

func oldSessions(ctx context.Context, conn *sql.Conn) (sessions []fir.Session, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT id, status, step, done, transcript, summary, error_type, trace_id, created_at,
		last_activity, version FROM session`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err says what went wrong
	for rows.Next() {
		var s fir.Session
		var done string
		var created, last int64
		if err := rows.Scan(&s.ID, &s.Status, &s.Step, &done, &s.Transcript, &s.Summary, &s.ErrorType, &s.TraceID, &created, &last,
			&s.Version); err != nil {
			return nil, err
		}
		s.CreatedAt, s.LastActivity = time.UnixMilli(created).UTC(), time.UnixMilli(last).UTC()
		sessions = append(sessions, modern(s, done))
	}
	return sessions, rows.Err()
}

// modern fills in what the first program did not know. What was under way when it stopped has failed; so has what does
// not hold together any more, with its text kept.
func modern(s fir.Session, done string) fir.Session {
	s.Violations, s.Notes, s.History = []fir.Violation{}, []fir.Note{}, []fir.Entry{}
	s.Details.Charges, s.Details.Accused, s.Details.Properties = []fir.Violation{}, []fir.Accused{}, []fir.Property{}
	s.Details.Occurrence.ReceivedAt = s.CreatedAt
	if err := json.Unmarshal([]byte(done), &s.Done); err != nil || s.Done == nil {
		s.Done = []fir.Done{}
	}
	if s.Status == fir.AwaitingValidation && s.Check() == nil {
		return s
	}
	s.Status, s.Step = fir.Failed, ""
	if s.ErrorType == "" {
		s.ErrorType = string(contract.Internal)
	}
	if s.Check() != nil {
		s.Done = []fir.Done{}
	}
	return s
}
