package upstream

import "time"

// Category sorts failures as the daemon's telemetry does.
type Category uint8

// The categories.
const (
	CategoryOther Category = iota
	CategoryTimeout
	CategoryRefused // the connection was refused
	Category4XX
	Category5XX
	CategoryUnknownHost
	categories // how many there are
)

var categoryNames = [...]string{"other", "timeout", "connection_refused", "4xx", "5xx", "unknown_host"}

// String returns the category as it stands in metrics.
func (c Category) String() string {
	if int(c) < len(categoryNames) {
		return categoryNames[c]
	}
	return "other"
}

// Error is a failure to send. Its text names cause and remedy.
type Error struct {
	Category   Category
	Status     int           // of HTTP; 0 without an answer
	Code       string        // the upstream's own word for it, such as ExpiredTokenException; "" without
	Permanent  bool          // this batch will never be taken: do not repeat it
	Config     bool          // nothing gets through before somebody changes something: repeat slowly
	RetryAfter time.Duration // what the upstream asked for; 0: nothing
	Text       string        // what was done, to what, what went wrong, and what to do
	Err        error         // beneath; may be nil
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
