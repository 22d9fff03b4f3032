package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// errNoCounter is a station's series from which no number was ever given.
var errNoCounter = errors.New("the series has no counter yet")

// allocate runs do in a transaction that holds the counter's row from its reading until the commit, with the next number;
// without need there is no number, and no lock.
func (s *Store) allocate(ctx context.Context, station string, series fir.Series, at time.Time, need bool, do func(*sql.Tx, fir.Number) error) error {
	if !need {
		return s.transact(ctx, func(tx *sql.Tx) error { return do(tx, fir.Number{}) })
	}
	numbered := func(tx *sql.Tx) error {
		n, err := nextNumber(ctx, tx, station, series, at)
		if err != nil {
			return err
		}
		return do(tx, n)
	}
	err := s.transact(ctx, numbered)
	if !errors.Is(err, errNoCounter) {
		return err
	}
	if err := s.beginCounter(ctx, station, series); err != nil {
		return err
	}
	return s.transact(ctx, numbered)
}

// nextNumber locks the counter and counts it up. SQLite takes FOR UPDATE for a comment: there the whole database is
// locked.
func nextNumber(ctx context.Context, tx *sql.Tx, station string, series fir.Series, at time.Time) (fir.Number, error) {
	if _, err := fir.NextNumber(fir.Number{}, station, series, at); err != nil {
		return fir.Number{}, refusal{err}
	}
	last := fir.Number{Station: station, Series: series}
	err := tx.QueryRowContext(ctx, "SELECT year, seq FROM counters WHERE station = ? AND series = ? /*! FOR UPDATE */", station, series).
		Scan(&last.Year, &last.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return fir.Number{}, errNoCounter
	}
	if err != nil {
		return fir.Number{}, err
	}
	if last.Year == 0 {
		last = fir.Number{}
	}
	n, err := fir.NextNumber(last, station, series, at)
	if err != nil {
		return fir.Number{}, refusal{err}
	}
	_, err = tx.ExecContext(ctx, "UPDATE counters SET year = ?, seq = ? WHERE station = ? AND series = ?", n.Year, n.Seq, station, series)
	return n, err
}

// beginCounter makes the row in a transaction of its own. In the one that allocates, two at once would both hold the lock
// on the gap in which the other wants to put it.
func (s *Store) beginCounter(ctx context.Context, station string, series fir.Series) error {
	return s.write(ctx, func() error {
		_, err := s.db.ExecContext(ctx, "INSERT INTO counters (station, series, year, seq) VALUES (?, ?, 0, 0)", station, series)
		if understand(err) == taken {
			return nil // someone else was quicker
		}
		return err
	})
}
