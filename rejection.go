package roentgen

import "fmt"

// RejectCode is the ErrorCode of UnprocessedTraceSegments.
type RejectCode string

// The codes that X-Ray answers for a document it does not take. The first
// five were observed; the rest follow their pattern (the full list is
// unpublished).
const (
	InvalidSegment   RejectCode = "InvalidSegment" // not JSON, wrong types, over a limit
	MissingID        RejectCode = "MissingId"
	InvalidTraceID   RejectCode = "InvalidTraceId"
	InvalidName      RejectCode = "InvalidName"
	MissingEndTime   RejectCode = "MissingEndTime"
	MissingName      RejectCode = "MissingName"
	MissingStartTime RejectCode = "MissingStartTime"
	MissingTraceID   RejectCode = "MissingTraceId"
	MissingParentID  RejectCode = "MissingParentId"
	InvalidID        RejectCode = "InvalidId"
	// NotStored is ours: the document is sound, the store could not take it.
	// Send it again.
	NotStored RejectCode = "NotStored"
)

// Rejection says why one document was not taken. It is an error of kind
// Invalid, except with the code NotStored.
type Rejection struct {
	Code   RejectCode
	ID     string // the top document's id as far as it could be read; may be empty
	Nested bool   // the fault lies in an embedded subsegment
	Detail string // what, where and what to do
}

// Error returns code and detail.
func (r *Rejection) Error() string { return string(r.Code) + ": " + r.Detail }

// Unwrap gives the rejection its kind.
func (r *Rejection) Unwrap() error {
	kind := Invalid
	if r.Code == NotStored {
		kind = Unavailable
	}
	return &Error{Kind: kind, Err: fmt.Errorf("%s", r.Detail)}
}

// Message returns X-Ray's sentence for the rejection, followed by our detail.
func (r *Rejection) Message() string {
	if r.Nested {
		return fmt.Sprintf("Invalid subsegment. ErrorCode: %s, Cause: null. %s", r.Code, r.Detail)
	}
	return fmt.Sprintf("Invalid segment. ErrorCode: %s. %s", r.Code, r.Detail)
}
