package backend

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the database to the newest version: the nth file makes version n, which SQLite keeps as user_version.
// A file once released never changes.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("listing the migrations: %w", err)
	}
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("reading the database's version: %w", err)
	}
	if version > len(files) {
		return fmt.Errorf("the database has version %d and this program knows %d: run the newer program that wrote it", version, len(files))
	}
	for n, file := range files[version:] {
		if err := step(ctx, db, file, version+n+1); err != nil {
			return fmt.Errorf("migrating the database by %s: %w", file, err)
		}
	}
	return nil
}

// step runs one file and sets the version in one transaction.
func step(ctx context.Context, db *sql.DB, file string, version int) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// After a commit, rolling back does nothing.
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	// SQLite takes no parameters in a PRAGMA.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}
