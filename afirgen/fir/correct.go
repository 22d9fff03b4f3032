package fir

import "time"

// Correct changes what is known by hand, in any review:
//
//	transcript                             at transcript_review, and only what a machine has read: typed words stay as typed
//	summary                                at summary_review
//	charges                                from violations_review on
//	narrative                              from fir_narrative_review on
//	the station                            until the number is allocated
//	items 3 to 11, ruling, action, translations   always
//	copy given, despatch                   never: they belong to the registered report
//
// What is corrected stays when an artefact is regenerated, but for the artefact itself.
type Correct struct {
	Step       Step // the review that the person saw; empty takes the current one
	Correction Correction
}

func (Correct) from() Status { return AwaitingValidation }

func (c Correct) apply(s *Session, at time.Time) error {
	if err := s.saw(c.Step); err != nil {
		return err
	}
	fields, allowed := c.Correction.names()
	if len(fields) == 0 {
		return invalid("the correction changes nothing")
	}
	for i, name := range allowed {
		if !s.correctable(name) {
			return conflict("%s cannot be corrected at %s", fields[i], s.Step)
		}
	}
	if err := s.correct(c.Correction); err != nil {
		return err
	}
	return s.remember(Entry{Step: s.Step, Decision: Corrected, Fields: fields, At: at})
}

func (s *Session) correctable(name string) bool {
	at := s.Step.place()
	switch name {
	case onTranscript:
		return s.Step == TranscriptReview && s.machineRead()
	case onSummary:
		return s.Step == SummaryReview
	case onCharges:
		return at >= ViolationsReview.place()
	case onNarrative:
		return at >= NarrativeReview.place()
	case onStation:
		return s.Details.Header.Number.IsZero()
	case onCopyGiven, onDespatch:
		return false
	}
	return true
}

func (s *Session) machineRead() bool {
	for _, d := range s.Done {
		if d == OCRDone || d == ASRDone {
			return true
		}
	}
	return false
}

func (s *Session) correct(c Correction) (err error) {
	if c.Transcript != nil {
		if s.Reading == "" {
			s.Reading = s.Transcript
		}
		if err := s.transcript(*c.Transcript, s.Details.Language); err != nil {
			return err
		}
	}
	if c.Summary != nil {
		if s.Summary, err = artefact("summary", *c.Summary); err != nil {
			return err
		}
	}
	if c.Narrative != nil {
		if s.Narrative, err = artefact("narrative", *c.Narrative); err != nil {
			return err
		}
	}
	if s.Violations, err = c.charges(s.Violations, s.Transcript); err != nil {
		return err
	}
	return c.into(&s.Details)
}
