package fir

import "time"

// Approve is a person's yes to the current review.
type Approve struct {
	Step Step   // the review that the person saw; empty takes the current one
	Note string // for the work that comes next
}

func (Approve) from() Status { return AwaitingValidation }

func (a Approve) apply(s *Session, at time.Time) error {
	step := s.Step
	if err := s.saw(a.Step); err != nil {
		return err
	}
	next := step.next()
	if next == "" {
		next = step
	}
	note, err := s.note(next, a.Note)
	if err != nil {
		return err
	}
	if err := s.mayLeave(); err != nil {
		return err
	}
	if step == FinalReview {
		s.Status, s.ErrorType = Completed, ""
	} else {
		s.begin(workBefore(next))
	}
	return s.remember(Entry{Step: step, Decision: Approved, Note: note, At: at})
}

// mayLeave holds back an approval for which something is missing.
func (s *Session) mayLeave() error {
	switch s.Step {
	case ViolationsReview:
		// "Nothing found" must never be what an unfinished search looks like.
		if open := s.Checks.Open(); open > 0 && len(standingCharges(s.Violations)) == 0 {
			return invalid("%d checks against sections of law did not finish: regenerate them, or enter the sections by hand", open)
		}
	case FinalReview:
		return s.Document().Ready(ForReview)
	}
	return nil
}

// saw compares the review that a person decided on with the current one: a second click on "approve" must not pass a
// review that nobody has looked at.
func (s *Session) saw(step Step) error {
	if step != "" && step != s.Step {
		return conflict("the session is at %s and not at %s any more: read it again", s.Step, step)
	}
	return nil
}

func (s Step) next() Step {
	switch s {
	case TranscriptReview:
		return SummaryReview
	case SummaryReview:
		return ViolationsReview
	case ViolationsReview:
		return NarrativeReview
	case NarrativeReview:
		return FinalReview
	}
	return ""
}
