package roentgen

import (
	"errors"
	"fmt"
)

// ErrorKind sorts errors by what the caller can do about them. Rooms wrap
// with %w; the kind of the innermost *Error that has one is what is answered.
type ErrorKind uint8

// The kinds of error.
const (
	Internal    ErrorKind = iota // a defect or a broken machine: look at the log
	Invalid                      // the request is wrong: change it
	NotFound                     // no such thing
	Throttled                    // too much now: slow down and repeat
	Unavailable                  // not now: repeat later
	Conflict                     // somebody else was first: read again, then repeat
)

var kindNames = [...]string{"internal", "invalid", "not found", "throttled", "unavailable", "conflict"}

// String returns the kind in lower case.
func (k ErrorKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Error is an error with a kind. Its text is for the caller to read.
type Error struct {
	Kind ErrorKind
	Err  error
}

// Error returns the text.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error that the kind was given to.
func (e *Error) Unwrap() error { return e.Err }

// Invalidf makes an error of kind Invalid.
func Invalidf(format string, args ...any) error { return kindf(Invalid, format, args) }

// NotFoundf makes an error of kind NotFound.
func NotFoundf(format string, args ...any) error { return kindf(NotFound, format, args) }

// Unavailablef makes an error of kind Unavailable.
func Unavailablef(format string, args ...any) error { return kindf(Unavailable, format, args) }

// Conflictf makes an error of kind Conflict.
func Conflictf(format string, args ...any) error { return kindf(Conflict, format, args) }

func kindf(k ErrorKind, format string, args []any) error {
	return &Error{Kind: k, Err: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of the first *Error in err's chain, Internal where
// there is none.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
