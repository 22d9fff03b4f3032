package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// Error says why a text is no filter expression. It is of kind roentgen.Invalid.
type Error struct {
	Span                // bytes of the text to underline; empty at its end
	Line, Column int    // of Span.From, in characters, both from 1; 0 where the text was not at hand
	Cause        string // what is wrong, with the piece of text that is
	Hint         string // what to write instead; may be empty
}

// Error returns cause, position in bytes from 0, and hint, in X-Ray's form.
func (e *Error) Error() string {
	s := fmt.Sprintf("Invalid filter expression: %s at position %d", e.Cause, e.From)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the error its kind.
func (e *Error) Unwrap() error {
	return &roentgen.Error{Kind: roentgen.Invalid, Err: errors.New(e.Cause)}
}

// wrong makes an error whose line is not known yet.
func wrong(at Span, hint, cause string, args ...any) *Error {
	return &Error{Span: at, Hint: hint, Cause: fmt.Sprintf(cause, args...)}
}

// locate fills in line and column, given the text.
func (e *Error) locate(text string) {
	before := text[:min(e.From, len(text))]
	e.Line = 1 + strings.Count(before, "\n")
	e.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}
