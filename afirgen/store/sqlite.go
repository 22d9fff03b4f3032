package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pressly/goose/v3/lock"
)

// What marks a file as ours, in SQLite's own header.
const (
	applicationID = 0x41464952 // "AFIR"
	oldLayout     = 1          // user_version of the first program, whose sessions are taken over
	gooseLayout   = 2          // user_version since; goose counts the migrations
)

func sqliteSource(path string) (source, error) {
	if path == "" || path == ":memory:" || strings.ContainsRune(path, 0) {
		return source{}, errors.New("opening the database: it needs the path of a file, as in sqlite:/var/lib/afirgen/fir.db")
	}
	return source{
		kind: SQLite, name: path, dsn: sqliteDSN(path, pragmas()...), conns: 4, writers: 1,
		prepare: func() error { return makeFile(path) },
		locker:  func(done history, newest int64) lock.SessionLocker { return sqliteMigration{done, newest} },
		check:   func(ctx context.Context, open OpenDB) error { return checkFile(ctx, path, open) },
	}, nil
}

// makeFile makes the file before SQLite does, so that nobody else can ever read it; the log beside it takes over its
// mode. A file that is there is not opened: closing it would drop the locks that SQLite holds on it in this process.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// pragmas ask for a write-ahead log that is on the disk when a commit returns, and for zeros over what is deleted.
func pragmas() []string {
	return []string{"journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)", "temp_store(MEMORY)"}
}

// sqliteDSN asks in any case for writers of several processes that wait for each other.
func sqliteDSN(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append(pragmas, "busy_timeout(5000)"), "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// checkFile refuses what is not ours. Its connection asks for no log, which would be written into the file.
func checkFile(ctx context.Context, path string, open OpenDB) error {
	db, err := open(SQLite, sqliteDSN(path))
	if err != nil {
		return err
	}
	return errors.Join(checkOwner(ctx, db), db.Close())
}

func checkOwner(ctx context.Context, db *sql.DB) error {
	var id, version, tables int
	err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		(SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND NOT (name = 'session' AND (SELECT user_version FROM pragma_user_version) = ?))`,
		oldLayout).Scan(&id, &version, &tables)
	switch {
	case err != nil:
		return err
	case version > gooseLayout:
		return fmt.Errorf("its layout is %d and this program knows %d: run the newer program that wrote it", version, gooseLayout)
	case id != applicationID && (id != 0 || tables > 0):
		return errors.New("it is another program's database: name another file")
	}
	return nil
}

// sqliteProblem tells what a result code means for the caller.
func sqliteProblem(e *sqlite.Error) problem {
	switch e.Code() & 0xff { // the rest says more closely
	case sqlite3.SQLITE_CONSTRAINT:
		return taken
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
		return away
	}
	return broken
}
