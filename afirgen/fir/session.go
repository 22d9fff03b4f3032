package fir

import (
	"slices"
	"time"
)

// Status is the state of a session as a whole.
type Status string

// The states. An expired session is not stored as such: Expired says so at every reading.
const (
	Processing         Status = "processing"
	AwaitingValidation Status = "awaiting_validation"
	Completed          Status = "completed"
	Failed             Status = "error"
)

// DefaultTTL is how long a session lives after its last activity where an Event names no other time.
const DefaultTTL = time.Hour

// Session is one complaint on its way. Its texts are what people wrote or what was read from their letters: they stay
// in the database and in answers to the caller, never in traces or logs.
type Session struct {
	ID           string      `json:"session_id"` // a UUID in lower case
	Status       Status      `json:"status"`
	Step         Step        `json:"current_step"`   // the review that comes next; FinalReview once Completed, else empty
	Work         Work        `json:"work,omitempty"` // what is being done while Processing
	Back         Step        `json:"back,omitempty"` // the review to which the session returns if Work comes to nothing
	Done         []Done      `json:"steps"`
	Transcript   string      `json:"transcript"`        // the complaint, NFC
	Reading      string      `json:"reading,omitempty"` // as a machine read it, where the clerk has corrected Transcript
	Machine      Machine     `json:"machine,omitzero"`  // what read or heard it; zero for typed words
	Summary      string      `json:"summary"`
	Violations   []Violation `json:"violations"`
	Checks       Checks      `json:"checks"` // of the search that found Violations
	Narrative    string      `json:"fir_narrative"`
	Details      Document    `json:"details"` // what the clerk entered; Document adds charges and contents to it
	Notes        []Note      `json:"notes"`   // what people asked the models to heed
	History      []Entry     `json:"validation_history"`
	ErrorType    string      `json:"error_type,omitempty"` // why the last work came to nothing: one of contract's codes
	TraceID      string      `json:"trace_id"`             // the X-Ray trace in which the session was made; empty if there was none
	CreatedAt    time.Time   `json:"created_at"`
	LastActivity time.Time   `json:"last_activity"`
	Version      int64       `json:"version"` // counts the writes; an update names the version it has read
}

// Machine says what has read a photograph or heard speech, and how sure it was.
type Machine struct {
	Engine        string  `json:"engine"`
	Confidence    float64 `json:"confidence"`     // 0 to 100
	LowConfidence bool    `json:"low_confidence"` // the transcript has to be read against its source
}

// Expired reports whether nobody has touched the session for ttl or longer. Once its report has a number it does not
// expire: a draft is completed through its session alone, and a number that nobody can complete would be a gap.
func (s Session) Expired(now time.Time, ttl time.Duration) bool {
	return s.Details.Header.Number.IsZero() && now.Sub(s.LastActivity) >= ttl
}

// Document returns the form as far as it is known: what the clerk entered, with the sections that nobody has struck out
// in item 2 and complaint, summary and narrative in item 12.
func (s Session) Document() Document {
	d := s.Details.clone()
	d.Charges = standingCharges(s.Violations)
	d.Contents = Contents{Narrative: s.Narrative, Summary: s.Summary, Statement: s.Transcript, Translations: d.Contents.Translations}
	return d
}

// copied returns a copy that is never nil, because lists are never null in JSON.
func copied[T any](list []T) []T { return append([]T{}, list...) }

// clone returns a session that shares nothing with s that could be changed.
func (s Session) clone() Session {
	s.Done = copied(s.Done)
	s.Violations = cloneViolations(s.Violations)
	s.Details = s.Details.clone()
	s.Notes = copied(s.Notes)
	s.History = copied(s.History)
	for i := range s.History {
		s.History[i].Fields = slices.Clone(s.History[i].Fields)
	}
	return s
}
