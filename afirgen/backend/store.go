package backend

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Why a session cannot be had.
var (
	errNoSession = errors.New("there is no such session")
	errConflict  = errors.New("the session was changed by someone else in between")
)

// OpenDB opens a database by driver and data source name: tracing's, so that each statement becomes a subsegment.
type OpenDB func(driver, dsn string) (*sql.DB, error)

// Store keeps sessions in a SQLite file. It is safe for concurrent use.
type Store struct{ db *sql.DB }

// OpenStore opens the file at path, makes it if it is missing, readable by us alone, and migrates it.
func OpenStore(ctx context.Context, path string, open OpenDB) (*Store, error) {
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("opening the sessions at %s: %w", path, err)
	}
	db, err := open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("opening the sessions at %s: %w", path, err)
	}
	db.SetMaxOpenConns(4)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the sessions at %s: %w", path, err), db.Close())
	}
	return &Store{db}, nil
}

func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn asks for a write-ahead log that is on the disk when a commit returns, and for writers that wait for each other.
func dsn(path string) string {
	query := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Create writes a new session as its version 1.
func (s *Store) Create(ctx context.Context, session *fir.Session) error {
	session.Version = 1
	_, err := s.db.ExecContext(ctx, `INSERT INTO session
		(id, status, step, done, transcript, summary, error_type, trace_id, created_at, last_activity, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		session.ID, session.Status, session.Step, doneJSON(session.Done), session.Transcript, session.Summary, session.ErrorType,
		session.TraceID, session.CreatedAt.UnixMilli(), session.LastActivity.UnixMilli(), session.Version)
	if err != nil {
		return fmt.Errorf("creating session %s: %w", session.ID, err)
	}
	return nil
}

// Update writes a session over the version that it was read as, and counts the version up. If that is no longer the
// stored one, it changes nothing and returns errConflict.
func (s *Store) Update(ctx context.Context, session *fir.Session) error {
	result, err := s.db.ExecContext(ctx, `UPDATE session
		SET status = ?, step = ?, done = ?, transcript = ?, summary = ?, error_type = ?, last_activity = ?, version = version + 1
		WHERE id = ? AND version = ?`,
		session.Status, session.Step, doneJSON(session.Done), session.Transcript, session.Summary, session.ErrorType,
		session.LastActivity.UnixMilli(), session.ID, session.Version)
	if err != nil {
		return fmt.Errorf("updating session %s: %w", session.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("updating session %s: %w", session.ID, err)
	} else if n == 0 {
		return fmt.Errorf("updating session %s: %w", session.ID, errConflict)
	}
	session.Version++
	return nil
}

// Get reads a session, or returns errNoSession.
func (s *Store) Get(ctx context.Context, id string) (fir.Session, error) {
	session := fir.Session{ID: id}
	var done string
	var created, last int64
	err := s.db.QueryRowContext(ctx, `SELECT status, step, done, transcript, summary, error_type, trace_id, created_at, last_activity, version
		FROM session WHERE id = ?`, id).Scan(&session.Status, &session.Step, &done, &session.Transcript, &session.Summary,
		&session.ErrorType, &session.TraceID, &created, &last, &session.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return session, errNoSession
	}
	if err != nil {
		return session, fmt.Errorf("reading session %s: %w", id, err)
	}
	session.CreatedAt, session.LastActivity = time.UnixMilli(created).UTC(), time.UnixMilli(last).UTC()
	if err := json.Unmarshal([]byte(done), &session.Done); err != nil {
		return session, fmt.Errorf("reading session %s: its column done is no list of steps", id)
	}
	return session, nil
}

func doneJSON(done []fir.Done) string {
	if len(done) == 0 {
		return "[]"
	}
	// Strings always marshal.
	data, _ := json.Marshal(done)
	return string(data)
}
