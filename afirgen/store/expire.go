package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// unfinished are the states that a session may be deleted in.
const unfinished = "status IN ('" + string(fir.Processing) + "', '" + string(fir.AwaitingValidation) + "', '" + string(fir.Failed) + "')"

// Expire deletes sessions that are not completed, that nobody has touched since before, and that have no report: at most
// limit of them (bounded as in Filter), the oldest first. It returns how many it has deleted.
//
// What they said is gone then. SQLite writes zeros over it, and its log is emptied; if a reader holds the
// log for longer than five seconds, the error is ErrUnavailable, and the next Expire empties it. MySQL frees the pages and
// uses them again at its own time, and what its redo and binary logs keep is the operator's to bound.
func (s *Store) Expire(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) (err error) {
		removed, err = expire(ctx, tx, before.UnixMicro(), clamp(limit, DefaultLimit))
		return err
	})
	if err == nil {
		err = s.scrub(ctx, removed)
	}
	return removed, fail(ctx, "removing expired sessions", err)
}

func expire(ctx context.Context, tx *sql.Tx, before int64, limit int) (int, error) {
	found, err := tx.QueryContext(ctx, `SELECT id FROM sessions WHERE `+unfinished+` AND last_activity < ?
		AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.session_id = sessions.id) ORDER BY last_activity LIMIT ?`, before, limit)
	if err != nil {
		return 0, err
	}
	ids, err := collect(found, func(rows *sql.Rows) (id any, err error) {
		var text string
		err = rows.Scan(&text)
		return text, err
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	// Once more all conditions: someone may have come back to a session in between.
	places := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	result, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE id IN (`+places+`) AND `+unfinished+` AND last_activity < ?
		AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.session_id = sessions.id)`, append(ids, before)...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
