package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Totals are figures for an overview. They are of four queries, so that they may differ by what happens between them.
type Totals struct {
	SessionsByStatus map[fir.Status]int
	ReportsByState   map[fir.State]int
	MeanSession      time.Duration // from creation to completion, of the sessions completed since; 0 without any
	MeanReport       time.Duration // from creation to registration, of the reports registered since; 0 without any
}

// Totals counts all sessions and reports, and averages what was brought to its end since a moment.
func (s *Store) Totals(ctx context.Context, since time.Time) (t Totals, err error) {
	if t.SessionsByStatus, err = tally[fir.Status](ctx, s.db, "SELECT status, COUNT(*) FROM sessions GROUP BY status"); err != nil {
		return Totals{}, fail(ctx, "counting sessions", err)
	}
	if t.ReportsByState, err = tally[fir.State](ctx, s.db, "SELECT state, COUNT(*) FROM reports GROUP BY state"); err != nil {
		return Totals{}, fail(ctx, "counting reports", err)
	}
	// Nothing happens to a completed session any more.
	t.MeanSession, err = s.mean(ctx, `SELECT AVG(last_activity - created_at) FROM sessions WHERE status = 'completed' AND last_activity >= ?`, since)
	if err != nil {
		return Totals{}, fail(ctx, "averaging sessions", err)
	}
	t.MeanReport, err = s.mean(ctx, `SELECT AVG(registered_at - created_at) FROM reports WHERE registered_at >= ?`, since)
	if err != nil {
		return Totals{}, fail(ctx, "averaging reports", err)
	}
	return t, nil
}

func tally[K ~string](ctx context.Context, on querier, query string) (map[K]int, error) {
	rows, err := on.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	counts := map[K]int{}
	_, err = collect(rows, func(rows *sql.Rows) (none struct{}, err error) {
		var key K
		var n int
		if err = rows.Scan(&key, &n); err == nil {
			counts[key] = n
		}
		return none, err
	})
	return counts, err
}

func (s *Store) mean(ctx context.Context, query string, since time.Time) (time.Duration, error) {
	var mean sql.NullFloat64 // of microseconds
	err := s.db.QueryRowContext(ctx, query, since.UnixMicro()).Scan(&mean)
	return time.Duration(mean.Float64 * float64(time.Microsecond)), err
}
