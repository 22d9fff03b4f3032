package fir

import (
	"time"
	"unicode/utf8"
)

// Bounds of what people may add to a session.
const (
	MaxNote    = 10_000 // characters
	MaxHistory = 100    // entries; Approve is always taken, so that a session can be brought to its end
)

// Decision is what a person did in a review.
type Decision string

// The decisions.
const (
	Approved    Decision = "approved"
	Rejected    Decision = "rejected"
	Regenerated Decision = "regenerated"
	Corrected   Decision = "corrected"
)

// Entry is one decision of the history.
type Entry struct {
	Step     Step      `json:"step"`
	Decision Decision  `json:"decision"`
	Note     string    `json:"user_input,omitempty"`
	Fields   []string  `json:"fields,omitempty"` // what was corrected
	At       time.Time `json:"timestamp"`
}

// Note is what a person wants heeded when the artefact that a step shows is made.
type Note struct {
	Step Step   `json:"step"`
	Text string `json:"text"`
}

// note checks a person's text and keeps it for the work that leads to step. An empty one is no note.
func (s *Session) note(step Step, text string) (string, error) {
	text, err := short("user_input", text, MaxNote)
	if err != nil || text == "" {
		return "", err
	}
	s.Notes = append(s.Notes, Note{Step: step, Text: text})
	return text, nil
}

// remember writes a decision into the history.
func (s *Session) remember(e Entry) error {
	if e.Decision != Approved && len(s.History) >= MaxHistory {
		return invalid("the session has %d decisions already: approve it, or file the complaint again", len(s.History))
	}
	s.History = append(s.History, e)
	return nil
}

// short normalises a text and holds it against a bound in characters.
func short(field, text string, bound int) (string, error) {
	text, err := Normalise(text)
	if err != nil {
		return "", invalid("%s is not valid UTF-8: send it encoded as UTF-8", field)
	}
	if n := utf8.RuneCountInString(text); n > bound {
		return "", invalid("%s has %d characters, and %d are possible: shorten it", field, n, bound)
	}
	return text, nil
}
