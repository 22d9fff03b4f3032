package fir

import (
	"slices"
	"time"
)

// ReportEvent is something that happens to a report.
type ReportEvent struct {
	At time.Time // the moment; never the zero time
	// Version is the version of the report that its sender has read; 0 takes any.
	Version int64
	Do      ReportAction
}

// ReportAction is what an event does: Redraft, Reviewed, CorrectReport, Renumber, AwaitSignature, Sign, Lapse, Enquire,
// ConcludeEnquiry, EnterNCR, Transfer, Acknowledge or Finalise.
type ReportAction interface {
	// states are those in which the action is possible.
	states() []State
	// apply changes a copy that nobody else sees. On an error the copy is thrown away.
	apply(r *Report, at time.Time) error
}

// beforeReview reports whether an action belongs to the time in which the session is the report's master.
func beforeReview(a ReportAction) bool {
	switch a.(type) {
	case Redraft, Reviewed:
		return true
	}
	return false
}

// ApplyReport moves a report. It returns the report after the event, one version higher, or the report as it was and an
// *Error:
//
//	draft, under review        Redraft (the session was regenerated or corrected)
//	draft, under review        Reviewed (the session is completed; everything below comes after that)
//	draft, awaiting_signature  CorrectReport, Renumber
//	draft                      AwaitSignature  → awaiting_signature, for electronic information
//	draft, awaiting_signature  Sign            → registered, or zero where the place is another station's
//	awaiting_signature         Lapse           → lapsed, once the due day is over
//	draft, awaiting_signature  Enquire         → preliminary_enquiry, signed and permitted
//	preliminary_enquiry        ConcludeEnquiry → registered or zero; refused without a prima facie case
//	draft, awaiting_signature  EnterNCR        → ncr, where no section is cognizable; also after an enquiry
//	zero                       Transfer        → transferred
//	transferred                Acknowledge     (the receiver's number)
//	registered, zero, ncr      CorrectReport   (only despatch and the free copy)
//	registered, ncr            Finalise        → finalized
//
// The caller stores the result over the row whose version is the one it has read, and answers a miss with Conflict.
func ApplyReport(r Report, e ReportEvent) (Report, error) {
	switch {
	case e.Do == nil || e.At.IsZero():
		return r, invalid("the event lacks its action or its moment")
	case e.Version != 0 && e.Version != r.Version:
		return r, conflict("the report is at version %d and not at %d any more: read it again", r.Version, e.Version)
	case !slices.Contains(e.Do.states(), r.State):
		return r, conflict("the report is %s, and this is possible only where it is one of %v", r.State, e.Do.states())
	case r.State == StateDraft && r.ReviewedAt.IsZero() != beforeReview(e.Do):
		return r, conflict("a draft is changed through its session until the session is completed, and by its own events after that")
	}
	next := r.clone()
	if err := e.Do.apply(&next, e.At); err != nil {
		return r, err
	}
	next.Version = r.Version + 1
	if e.At.After(r.UpdatedAt) {
		next.UpdatedAt = e.At
	}
	return next, nil
}
