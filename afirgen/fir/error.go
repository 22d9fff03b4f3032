package fir

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what is wrong with an event, and so which status an HTTP service answers with.
type Kind string

// The kinds.
const (
	Conflict Kind = "conflict" // 409: someone else was quicker, or the state does not allow it; read again and decide anew
	Gone     Kind = "gone"     // 410: the session has expired
	Invalid  Kind = "invalid"  // 422: the event itself is wrong or lacks something; Problems says what
)

// Error is every error of Apply and ApplyReport. Neither its message nor its problems repeat what a person wrote, so
// that both may stand in logs and traces.
type Error struct {
	Kind     Kind      `json:"kind"`
	Message  string    `json:"message"`
	Problems []Problem `json:"problems,omitempty"` // one for each field to mend; only where Kind is Invalid
}

// Problem is one field that is missing or wrong.
type Problem struct {
	Item    int    `json:"item"`  // the item of I.I.F.-I, 1 to 15; 0 for what stands in none
	Field   string `json:"field"` // its path in the JSON form: complainant.name
	Label   Label  `json:"label"` // what the form calls it
	Message Label  `json:"message"`
}

// Label is a text of the form in both languages.
type Label struct {
	En string `json:"en"`
	Hi string `json:"hi"`
}

// In returns the label in Hindi for the language tag hi and in English for any other.
func (l Label) In(language string) string {
	if language == "hi" {
		return l.Hi
	}
	return l.En
}

// Error returns the message followed by the problems in English.
func (e *Error) Error() string {
	if len(e.Problems) == 0 {
		return e.Message
	}
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Field + ": " + p.Message.En
	}
	return e.Message + ": " + strings.Join(parts, "; ")
}

// KindOf returns the kind of an error of this package, and "" for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func conflict(format string, args ...any) error {
	return &Error{Kind: Conflict, Message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return &Error{Kind: Invalid, Message: fmt.Sprintf(format, args...)}
}

// refuse returns nil where there are no problems.
func refuse(message string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: message, Problems: problems}
}
