package fir

import "time"

// Summarised brings the summary.
type Summarised struct{ Summary string }

func (Summarised) from() Status { return Processing }

func (r Summarised) apply(s *Session, _ time.Time) (err error) {
	if s.Summary, err = artefact("summary", r.Summary); err != nil {
		return err
	}
	return s.finish(Summarise, SummaryDone)
}

// Searched brings the sections that may be violated, and how many checks did not come to an end.
type Searched struct {
	Violations []Violation
	Checks     Checks
}

func (Searched) from() Status { return Processing }

func (r Searched) apply(s *Session, _ time.Time) error {
	if r.Checks.Failed < 0 || r.Checks.TimedOut < 0 {
		return invalid("a number of checks is never below 0")
	}
	found, err := checkViolations(r.Violations, s.Transcript)
	if err != nil {
		return err
	}
	s.Violations, s.Checks = merge(s.Violations, found), r.Checks
	return s.finish(Search, ViolationsDone)
}

// Narrated brings the narrative.
type Narrated struct{ Narrative string }

func (Narrated) from() Status { return Processing }

func (r Narrated) apply(s *Session, _ time.Time) (err error) {
	if s.Narrative, err = artefact("narrative", r.Narrative); err != nil {
		return err
	}
	return s.finish(Narrate, NarrativeDone)
}

// Drafted brings the number that was allocated for the report, in the same transaction in which the report is stored. A
// session that has a number keeps it: then Number may be zero, and any other is refused. Its series is that of
// Session.Document().Series(), or SeriesFIR while the class is not decided; Renumber mends what corrections change later.
type Drafted struct{ Number Number }

func (Drafted) from() Status { return Processing }

func (r Drafted) apply(s *Session, at time.Time) error {
	header := &s.Details.Header
	switch had := header.Number; {
	case had.IsZero() && r.Number.IsZero():
		return invalid("the report needs a number")
	case had.IsZero():
		if err := r.Number.check(); err != nil {
			return err
		}
		if header.Station.Code != r.Number.Station {
			return invalid("number %s is not of the session's station", r.Number)
		}
		header.Number, header.ReportedAt = r.Number, at
	case !r.Number.IsZero() && r.Number != had:
		return conflict("the report has the number %s already", had)
	}
	return s.finish(Draft, DraftDone)
}

// artefact normalises what a model has made.
func artefact(what, text string) (string, error) {
	text, err := short("the "+what, text, MaxComplaint)
	if err == nil && text == "" {
		err = invalid("the %s is empty", what)
	}
	return text, err
}
