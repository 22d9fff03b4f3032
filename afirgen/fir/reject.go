package fir

import "time"

// Reject is a person's no: the session stays where it is, and the note is heeded when the artefact is made again.
type Reject struct {
	Step Step // the review that the person saw; empty takes the current one
	Note string
}

func (Reject) from() Status { return AwaitingValidation }

func (r Reject) apply(s *Session, at time.Time) error {
	if err := s.saw(r.Step); err != nil {
		return err
	}
	note, err := s.note(s.Step, r.Note)
	if err != nil {
		return err
	}
	return s.remember(Entry{Step: s.Step, Decision: Rejected, Note: note, At: at})
}
