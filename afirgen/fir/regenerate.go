package fir

import "time"

// Regenerate has the artefact of a step made again, of the current step or of one before it. What was made from the old
// artefact has to be reviewed anew; what people entered stays: the transcript, the details of the form, sections added
// or struck out by hand, notes, and the number once it is allocated.
type Regenerate struct {
	Step Step // SummaryReview, ViolationsReview or NarrativeReview
	Note string
}

func (Regenerate) from() Status { return AwaitingValidation }

func (r Regenerate) apply(s *Session, at time.Time) error {
	switch r.Step {
	case SummaryReview, ViolationsReview, NarrativeReview:
	default:
		return invalid("only a summary, violations or a narrative can be regenerated, at %s, %s or %s",
			SummaryReview, ViolationsReview, NarrativeReview)
	}
	if r.Step.place() > s.Step.place() {
		return conflict("the session is at %s and has not come to %s yet", s.Step, r.Step)
	}
	note, err := s.note(r.Step, r.Note)
	if err != nil {
		return err
	}
	entry := Entry{Step: r.Step, Decision: Regenerated, Note: note, At: at}
	s.begin(workBefore(r.Step))
	return s.remember(entry)
}
