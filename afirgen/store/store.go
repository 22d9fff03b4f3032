// Package store keeps AFIRGen's sessions and reports in SQLite or in MySQL (MariaDB), with the same tables and the same
// queries; docs/format/afirgen-database.md draws them. It owns its connections and starts nothing of its own: Close
// closes them, and what was committed is on the disk before a call returns.
//
// It never overwrites what its caller has not read: a row is written over the version before, or ErrConflict. It never
// gives a number twice, and leaves none out: a number is allocated in the transaction that stores its report. No error of
// it repeats what a person wrote.
package store

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3/lock"
)

// OpenDB opens a database by the name of a driver of database/sql, sqlite or mysql, and the driver's data source name:
// sql.Open, or tracing's, which makes a subsegment of each statement.
type OpenDB func(driver, dsn string) (*sql.DB, error)

// The kinds of database.
const (
	SQLite = "sqlite"
	MySQL  = "mysql" // and MariaDB
)

// Store keeps sessions and reports. It is safe for concurrent use, also by several processes on one database.
type Store struct {
	db   *sql.DB
	kind string
	// turn has a place for each writer at a time. SQLite has one writer: a queue here is fair and ends with the caller's
	// context, where SQLite's own waiting is a matter of luck.
	turn chan struct{}
	// dirty says that SQLite's log may hold what was deleted.
	dirty atomic.Bool
}

// source is a database that a DSN names.
type source struct {
	kind    string
	name    string // for errors: without user and password
	dsn     string // the driver's
	conns   int    // at most
	writers int    // at most, below conns but for SQLite, so that readers find a connection
	prepare func() error
	locker  func(done history, newest int64) lock.SessionLocker
	check   func(context.Context, OpenDB) error // whether it may be migrated; it writes nothing
}

// Open opens the database that dsn names, migrates it, and makes it where it is a file that is missing:
//
//	sqlite:PATH or PATH                      a file, readable by us alone
//	mysql://user:password@host:port/name     parameters as of github.com/go-sql-driver/mysql may follow, such as ?tls=true
//	user:password@tcp(host:port)/name        the same, as that driver writes it
//
// Several processes may start at once: one migrates, and the others wait for it. A database of a newer program, or one
// that is not AFIRGen's, is refused. An error never holds the password.
func Open(ctx context.Context, dsn string, open OpenDB) (*Store, error) {
	src, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	s, err := src.open(ctx, open)
	if err != nil {
		return nil, fail(ctx, "opening the database "+src.name, err)
	}
	return s, nil
}

func (src source) open(ctx context.Context, open OpenDB) (*Store, error) {
	if err := src.prepare(); err != nil {
		return nil, err
	}
	if err := src.check(ctx, open); err != nil {
		return nil, err
	}
	db, err := open(src.kind, src.dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(src.conns)
	db.SetMaxIdleConns(src.conns)
	if src.kind == MySQL { // its servers and the proxies before them drop what is idle
		db.SetConnMaxIdleTime(time.Minute)
		db.SetConnMaxLifetime(5 * time.Minute)
	}
	if err := migrate(ctx, db, src); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Store{db: db, kind: src.kind, turn: make(chan struct{}, src.writers)}
	s.dirty.Store(true) // what a process before us had deleted when it was killed
	return s, nil
}

// Close closes all connections. Whoever uses the store has to be done.
func (s *Store) Close() error { return s.db.Close() }

// Kind returns SQLite or MySQL.
func (s *Store) Kind() string { return s.kind }

// Ping asks the database for an answer, and SQLite's file for a page.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	return fail(ctx, "asking the database for an answer", s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM counters").Scan(&n))
}
