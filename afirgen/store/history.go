package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3/database"
)

// historyTable is goose's own: which migrations are done.
const historyTable = "goose_db_version"

// history is goose's list of what is done. Goose would make its table before it asks for the lock; this one is made under
// the lock, and until then reads as a list in which nothing is done.
type history struct {
	database.Store
	kind string
}

func newHistory(kind string) (history, error) {
	dialect := database.DialectMySQL
	if kind == SQLite {
		dialect = database.DialectSQLite3
	}
	store, err := database.NewStore(dialect, historyTable)
	return history{store, kind}, err
}

// TableExists keeps goose from making the table.
func (h history) TableExists(context.Context, database.DBTxConn) (bool, error) { return true, nil }

// ListMigrations begins with version 0, as goose expects.
func (h history) ListMigrations(ctx context.Context, on database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	var done []*database.ListMigrationsResult
	there, err := h.there(ctx, on)
	if there {
		done, err = h.Store.ListMigrations(ctx, on)
	}
	if err == nil && len(done) == 0 {
		done = []*database.ListMigrationsResult{{Version: 0, IsApplied: true}}
	}
	return done, err
}

func (h history) there(ctx context.Context, on database.DBTxConn) (bool, error) {
	query := "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?"
	if h.kind == SQLite {
		query = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	}
	var n int
	err := on.QueryRowContext(ctx, query, historyTable).Scan(&n)
	return n > 0, err
}

// begin makes the table, or what a process that was killed has left out of it. The conn has the lock.
func (h history) begin(ctx context.Context, conn *sql.Conn) error {
	there, err := h.there(ctx, conn)
	if err != nil {
		return err
	}
	if !there {
		if err := h.CreateVersionTable(ctx, conn); err != nil {
			return err
		}
	}
	done, err := h.Store.ListMigrations(ctx, conn)
	if err != nil || len(done) > 0 {
		return err
	}
	return h.Insert(ctx, conn, database.InsertRequest{Version: 0})
}
