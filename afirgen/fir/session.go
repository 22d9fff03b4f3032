package fir

import "time"

// Status is the state of a session as a whole.
type Status string

// The states. An expired session is not stored as such: Expired says so at every reading.
const (
	Processing         Status = "processing"
	AwaitingValidation Status = "awaiting_validation"
	Completed          Status = "completed"
	Failed             Status = "error"
)

// Session is one complaint on its way. Transcript and Summary are what people wrote or what was read from their
// letters: they stay in the database and in answers to the caller, never in traces or logs.
type Session struct {
	ID           string // a UUID in lower case
	Status       Status
	Step         Step // empty while Processing and after Failed
	Done         []Done
	Transcript   string
	Summary      string
	ErrorType    string // why Status is Failed: one of contract's codes
	TraceID      string // the X-Ray trace in which the session was made; empty if there was none
	CreatedAt    time.Time
	LastActivity time.Time
	Version      int64 // counts the writes; an update names the version it has read
}

// Expired reports whether nobody has touched the session for ttl or longer.
func (s Session) Expired(now time.Time, ttl time.Duration) bool {
	return now.Sub(s.LastActivity) >= ttl
}
