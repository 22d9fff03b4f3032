package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"
)

// Why something cannot be had. The errors of this package wrap them.
var (
	ErrNotFound = errors.New("there is no such row")
	ErrConflict = errors.New("it was changed by someone else in between: read it again")
	// ErrUnavailable is a database that refuses or has lost the connection, has a full disk, or was locked for too long.
	// A change may have taken place all the same where the connection was lost while the database took it: its version
	// tells.
	ErrUnavailable = errors.New("the database cannot be used now")
	ErrTooLarge    = fmt.Errorf("it has more than %d bytes", MaxBody)
)

// CorruptError is a row that cannot be what this package has written, or that a newer program has. It repeats nothing
// of the row but its key.
type CorruptError struct {
	Table  string
	Key    string // the session's id or the report's number
	Reason string
}

// Error implements error.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("the row %s of table %s is damaged: %s: restore it from a backup", e.Key, e.Table, e.Reason)
}

// problem is what an error of a driver means.
type problem int

const (
	broken problem = iota // a mistake of ours, or damage
	taken                 // a key is there already
	away                  // not now
	again                 // the server asks to do it once more
)

// understand reads the drivers' errors.
func understand(err error) problem {
	var lite *sqlite.Error
	var my *mysql.MySQLError
	var network net.Error
	switch {
	case errors.As(err, &lite):
		return sqliteProblem(lite)
	case errors.As(err, &my):
		return mysqlProblem(my)
	case errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn),
		errors.Is(err, mysql.ErrMalformPkt), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOSPC), errors.Is(err, sql.ErrConnDone):
		return away
	}
	return broken
}

// fail says what was being done, and wraps what the caller has to know. It is nil for nil, and a refusal's error is what
// the caller's own function has returned.
func fail(ctx context.Context, doing string, err error) error {
	var refused refusal
	var my *mysql.MySQLError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refused.err
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, ErrNotFound)
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrConflict), errors.Is(err, ErrTooLarge), errors.Is(err, ErrUnavailable):
		return fmt.Errorf("%s: %w", doing, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	said := err
	if errors.As(err, &my) {
		said = errors.New(silent(my))
	}
	switch understand(err) {
	case taken:
		return fmt.Errorf("%s: %w (%w)", doing, ErrConflict, said)
	case away, again:
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, said)
	}
	return fmt.Errorf("%s: %w", doing, said)
}
