package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Bounds of a list.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Filter says which reports are listed. The zero Filter is the newest 50 of all.
type Filter struct {
	Limit   int       // DefaultLimit where it is not positive, at most MaxLimit
	After   *Position // only what comes after that row; nil begins at the newest
	Offset  int       // rows left out after that; what is left out is read all the same, so After is for long ways
	State   fir.State // empty for all
	Station string    // the code in the number; empty for all
}

// Position is a row's place in the list.
type Position struct {
	CreatedAt time.Time // as the Row has it
	ID        int64
}

// Row is a report without its document. Times are UTC in microseconds, cut off below; the zero time has not come.
type Row struct {
	ID           int64
	Number       fir.Number
	State        fir.State
	SessionID    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	RegisteredAt time.Time
	FinalizedAt  time.Time
	SignatureDue time.Time
	Version      int64
}

// List returns reports, the newest first, of one moment the later row first, and whether there are more.
func (s *Store) List(ctx context.Context, f Filter) (rows []Row, more bool, err error) {
	query, args, limit := f.query()
	found, err := s.db.QueryContext(ctx, query, args...)
	if err == nil {
		rows, err = collect(found, scanRow)
	}
	if err != nil {
		return nil, false, fail(ctx, "listing reports", err)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	return rows, more, nil
}

// Count counts the reports of a state and a station; empty stands for all.
func (s *Store) Count(ctx context.Context, state fir.State, station string) (n int, err error) {
	where, args := Filter{State: state, Station: station}.where()
	err = s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM reports"+all(where), args...).Scan(&n)
	return n, fail(ctx, "counting reports", err)
}

// Overdue returns the numbers of reports that wait for a signature which was due before a moment, the longest overdue
// first, at most limit of them (bounded as in Filter).
func (s *Store) Overdue(ctx context.Context, at time.Time, limit int) ([]fir.Number, error) {
	found, err := s.db.QueryContext(ctx, `SELECT fir_number FROM reports WHERE state = ? AND signature_due < ?
		ORDER BY signature_due, id LIMIT ?`, fir.StateAwaiting, at.UnixMicro(), clamp(limit, DefaultLimit))
	if err != nil {
		return nil, fail(ctx, "looking for signatures that are overdue", err)
	}
	numbers, err := collect(found, scanNumber)
	return numbers, fail(ctx, "looking for signatures that are overdue", err)
}

// query asks for one row more than limit. The database reads an index from the position on, and sorts nothing.
func (f Filter) query() (query string, args []any, limit int) {
	limit = clamp(f.Limit, DefaultLimit)
	where, args := f.where()
	if f.After != nil {
		at := f.After.CreatedAt.UnixMicro()
		where, args = append(where, "created_at <= ? AND (created_at < ? OR id < ?)"), append(args, at, at, f.After.ID)
	}
	return `SELECT id, fir_number, state, session_id, created_at, updated_at, registered_at, finalized_at, signature_due, version
		FROM reports` + all(where) + ` ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`, append(args, limit+1, max(f.Offset, 0)), limit
}

func (f Filter) where() (where []string, args []any) {
	if f.State != "" {
		where, args = append(where, "state = ?"), append(args, f.State)
	}
	if f.Station != "" {
		where, args = append(where, "station = ?"), append(args, f.Station)
	}
	return where, args
}

func all(conditions []string) string {
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

func clamp(limit, otherwise int) int {
	if limit <= 0 {
		return otherwise
	}
	return min(limit, MaxLimit)
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) (list []T, err error) {
	defer func() { _ = rows.Close() }() // Err says what went wrong
	list = []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

func scanRow(rows *sql.Rows) (r Row, err error) {
	var number string
	var created, updated int64
	var registered, finalized, due sql.NullInt64
	err = rows.Scan(&r.ID, &number, &r.State, &r.SessionID, &created, &updated, &registered, &finalized, &due, &r.Version)
	if err != nil {
		return Row{}, err
	}
	r.CreatedAt, r.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	r.RegisteredAt, r.FinalizedAt, r.SignatureDue = fromMicros(registered), fromMicros(finalized), fromMicros(due)
	r.Number, err = readNumber(number)
	return r, err
}

func scanNumber(rows *sql.Rows) (fir.Number, error) {
	var number string
	if err := rows.Scan(&number); err != nil {
		return fir.Number{}, err
	}
	return readNumber(number)
}

func readNumber(text string) (fir.Number, error) {
	n, err := fir.ParseNumber(text)
	if err != nil {
		return fir.Number{}, &CorruptError{Table: "reports", Key: text, Reason: "its number is none"}
	}
	return n, nil
}
