package fir

import "time"

// Event is something that happens to a session.
type Event struct {
	At time.Time // the moment; never the zero time
	// TTL is how long a session lives after its last activity; 0 means DefaultTTL.
	TTL time.Duration
	// Version is the version of the session that its sender has read; 0 takes any. What a worker brings back has to name
	// the version that asked for the work, so that no late result lands on a newer state.
	Version int64
	Do      Action
}

// Action is what an event does: Open, Transcribed, Approve, Summarised, Searched, Narrated, Drafted, Reject,
// Regenerate, Correct, WorkFailed or TakeBack.
type Action interface {
	// from is the one status in which the action is possible; empty for a session that does not exist yet.
	from() Status
	// apply changes a copy that nobody else sees. On an error the copy is thrown away.
	apply(s *Session, at time.Time) error
}

// Apply is the five-step state machine. It returns the session after the event, one version higher, or the session as
// it was and an *Error:
//
//	no session           Open (text)      → transcript_review
//	no session           Open (file)      → processing: transcribe → Transcribed  → transcript_review
//	transcript_review    Approve          → processing: summarise  → Summarised   → summary_review
//	summary_review       Approve          → processing: search     → Searched     → violations_review
//	violations_review    Approve          → processing: narrate    → Narrated     → fir_narrative_review
//	fir_narrative_review Approve          → processing: draft      → Drafted      → final_review
//	final_review         Approve          → completed, if no mandatory item is missing
//	any review           Reject, Correct  → the same review; a rejection's note feeds the next Regenerate
//	any review           Regenerate(step) → processing: the work of that step or of one before it, then that step's review
//	processing           WorkFailed       → the review before; error if there was none
//	processing           TakeBack         → the same, once Lease is over
//	any                  after TTL        → Gone
//
// What Approve and Regenerate ask for is in Session.Job; the caller does it and brings the result as the next event.
// The caller stores the result over the row whose version is the one it has read, and answers a miss with Conflict.
func Apply(s Session, e Event) (Session, error) {
	if err := admit(s, e); err != nil {
		return s, err
	}
	next := s.clone()
	if err := e.Do.apply(&next, e.At); err != nil {
		return s, err
	}
	next.Version = s.Version + 1
	// Two servers' clocks may differ; activity never moves back.
	if next.LastActivity = s.LastActivity; e.At.After(s.LastActivity) {
		next.LastActivity = e.At
	}
	return next, nil
}

func admit(s Session, e Event) error {
	switch {
	case e.Do == nil || e.At.IsZero():
		return invalid("the event lacks its action or its moment")
	case e.Version == 0 && e.Do.from() == Processing:
		return invalid("a result has to name the version of the session that asked for it")
	case expired(s, e):
		return &Error{Kind: Gone, Message: "the session has expired: file the complaint again"}
	case e.Version != 0 && e.Version != s.Version:
		return conflict("the session is at version %d and not at %d any more: read it again", s.Version, e.Version)
	case e.Do.from() != s.Status:
		return conflict("%s", standing(s.Status))
	}
	return nil
}

// expired is about live sessions: one that is completed or failed stays what it is.
func expired(s Session, e Event) bool {
	if s.Status != Processing && s.Status != AwaitingValidation {
		return false
	}
	ttl := e.TTL
	if ttl == 0 {
		ttl = DefaultTTL
	}
	return s.Expired(e.At, ttl)
}

// standing says why an event does not fit a session.
func standing(status Status) string {
	switch status {
	case "":
		return "there is no such session yet: open it first"
	case Processing:
		return "the session is being worked on: wait for its next review"
	case AwaitingValidation:
		return "the session waits for a person's review, and no work is under way"
	case Completed:
		return "the session is completed: go on with its report"
	case Failed:
		return "the session ended in an error: file the complaint again"
	}
	return "the session is in a state that we do not know"
}
