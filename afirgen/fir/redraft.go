package fir

import "time"

// Redraft lays the session's newest document over a draft, after Regenerate or Correct in the session. Number and time
// of the FIR stay.
type Redraft struct{ Session Session }

func (Redraft) states() []State { return []State{StateDraft} }

func (a Redraft) apply(r *Report, at time.Time) error {
	if _, err := NewReport(a.Session, at); err != nil {
		return err
	}
	return r.follow(a.Session)
}

// Reviewed releases the draft: its session is completed, and what the session says is what will be signed. The caller
// stores it in the transaction that stores the session's last approval.
type Reviewed struct{ Session Session }

func (Reviewed) states() []State { return []State{StateDraft} }

func (a Reviewed) apply(r *Report, at time.Time) error {
	if a.Session.Status != Completed {
		return conflict("the session of the report is not completed")
	}
	r.ReviewedAt = at
	return r.follow(a.Session)
}

// follow takes over what the session says.
func (r *Report) follow(s Session) error {
	d := s.Document()
	if s.ID != r.SessionID || d.Header.Number != r.Number() {
		return conflict("the report belongs to another session or number")
	}
	r.Document, r.Checks = d, s.Checks
	return nil
}

// Renumber gives the draft a number of another series, where a correction has made its number one of the wrong series:
// a cognizable section added to an NCR, a place outside of the station's limits. The former number stays on record,
// because numbers have no gaps that nobody can explain.
type Renumber struct{ Number Number }

func (Renumber) states() []State { return []State{StateDraft, StateAwaiting, StateEnquiry} }

func (a Renumber) apply(r *Report, _ time.Time) error {
	had := r.Number()
	if err := a.Number.check(); err != nil {
		return err
	}
	switch series := r.Document.Series(); {
	case series == "":
		return invalid("the class of the case is not decided, so its series of numbers is not known")
	case had.Series == series:
		return conflict("the number %s is of the right series", had)
	case a.Number.Series != series || a.Number.Station != r.Document.Header.Station.Code:
		return invalid("number %s is not of series %s of the report's station", a.Number, series)
	}
	r.Former, r.Document.Header.Number = append(r.Former, had), a.Number
	return nil
}

// rightSeries refuses a registration under a number of the wrong series.
func (r *Report) rightSeries() error {
	if series := r.Document.Series(); r.Number().Legacy == "" && r.Number().Series != series {
		return invalid("number %s is not of series %s: allocate one and renumber the report", r.Number(), series)
	}
	return nil
}
