package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrations are read by both databases. MySQL runs what stands in /*! */, SQLite takes it for a comment. A file makes
// one table with all its keys, so that it is done or not done where a database cannot take back a CREATE TABLE; for the
// same reason each key is UNIQUE and ends in the primary key where it would not be unique: only a constraint can stand
// inside of CREATE TABLE in both. A file once released never changes.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the database to the newest version. Of several processes one does it at a time.
func migrate(ctx context.Context, db *sql.DB, src source) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	all, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	done, err := newHistory(src.kind)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectCustom, db, files,
		goose.WithStore(done),
		goose.WithSessionLocker(src.locker(done, int64(len(all)))), // the nth file makes version n
		goose.WithIsolateDDL(true),                                 // the locker has the transaction, where there is one
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the database's version: %w", err)
	}
	if has > knows {
		return fmt.Errorf("it has version %d and this program knows %d: run the newer program that wrote it", has, knows)
	}
	return nil
}

// mysqlMigration is a lock by name: MySQL commits each CREATE TABLE, so there is no transaction to hold.
type mysqlMigration struct{ done history }

// The name is of this database on the server.
const migrationLock = "CONCAT('afirgen.', SHA1(DATABASE()))"

func (m mysqlMigration) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if err := m.lock(ctx, conn); err != nil {
		return err
	}
	if err := m.done.begin(ctx, conn); err != nil {
		return errors.Join(err, m.SessionUnlock(context.WithoutCancel(ctx), conn))
	}
	return nil
}

// lock asks in turns that are shorter than the time in which the driver wants an answer.
func (mysqlMigration) lock(ctx context.Context, conn *sql.Conn) error {
	const turns, seconds = 10, 5
	for range turns {
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+migrationLock+", ?)", seconds).Scan(&got); err != nil {
			return err
		}
		if got.Int64 == 1 {
			return nil
		}
	}
	return fmt.Errorf("%w: another process has been migrating it for %d seconds", ErrUnavailable, turns*seconds)
}

func (mysqlMigration) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	var released sql.NullInt64
	return conn.QueryRowContext(ctx, "SELECT RELEASE_LOCK("+migrationLock+")").Scan(&released)
}

// sqliteMigration is one transaction around all migrations: they are all done or none.
type sqliteMigration struct {
	done   history
	newest int64
}

func (m sqliteMigration) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := m.done.begin(ctx, conn); err != nil {
		_, back := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, back)
	}
	return nil
}

// SessionUnlock is not told how the migrations went; the history says it.
func (m sqliteMigration) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	err := m.finish(ctx, conn)
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	if _, ended := conn.ExecContext(ctx, end); ended != nil {
		_, back := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, ended, back)
	}
	return err
}

func (m sqliteMigration) finish(ctx context.Context, conn *sql.Conn) error {
	has, err := m.done.GetLatestVersion(ctx, conn)
	if err != nil {
		return err
	}
	if has < m.newest {
		return fmt.Errorf("version %d was reached, %d is the newest: nothing was changed", has, m.newest)
	}
	return adopt(ctx, conn)
}
