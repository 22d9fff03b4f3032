package fir

import (
	"fmt"
	"slices"
)

// Check returns an error if the session is in a state that Apply cannot have brought about: a sign of damage in storage
// or of a mistake in the program. Apply leads from a session that passes to one that passes.
func (s Session) Check() error {
	if err := s.checkStatus(); err != nil {
		return fmt.Errorf("checking session %s: %w", s.ID, err)
	}
	if err := s.checkArtefacts(s.shown()); err != nil {
		return fmt.Errorf("checking session %s: %w", s.ID, err)
	}
	return nil
}

func (s Session) checkStatus() error {
	working := s.Work != ""
	switch s.Status {
	case Processing:
		if s.Step != "" || s.Work.result() == "" || (s.Back == "") != (s.Work == Transcribe) {
			return fmt.Errorf("it is processing %q at step %q with the way back to %q", s.Work, s.Step, s.Back)
		}
	case AwaitingValidation:
		if s.Step.place() < 0 || working || s.Back != "" {
			return fmt.Errorf("it waits at step %q with work %q", s.Step, s.Work)
		}
	case Completed:
		if s.Step != FinalReview || working || s.Back != "" || s.ErrorType != "" {
			return fmt.Errorf("it is completed at step %q with work %q", s.Step, s.Work)
		}
	case Failed:
		if s.Step != "" || working || s.ErrorType == "" {
			return fmt.Errorf("it failed at step %q with error type %q", s.Step, s.ErrorType)
		}
	default:
		return fmt.Errorf("its status is %q", s.Status)
	}
	return nil
}

// shown is the review whose artefacts have to be there.
func (s Session) shown() Step {
	if s.Status == Processing {
		return s.Back
	}
	return s.Step
}

func (s Session) checkArtefacts(at Step) error {
	number := !s.Details.Header.Number.IsZero()
	switch place := at.place(); {
	case place >= TranscriptReview.place() && s.Transcript == "",
		place >= SummaryReview.place() && s.Summary == "",
		place >= NarrativeReview.place() && s.Narrative == "",
		place >= FinalReview.place() && !number:
		return fmt.Errorf("it is at %s without what has to be reviewed there", at)
	case number && s.Details.Header.ReportedAt.IsZero():
		return fmt.Errorf("it has a number, but not the time at which that was allocated")
	}
	details := s.Details.clone()
	if err := details.tidy(); err != nil {
		return err
	}
	if _, err := checkViolations(s.Violations, s.Transcript); err != nil {
		return err
	}
	for i, d := range s.Done {
		if d.step() == "" || slices.Index(s.Done, d) != i {
			return fmt.Errorf("its list of finished work is not in order")
		}
	}
	return nil
}
