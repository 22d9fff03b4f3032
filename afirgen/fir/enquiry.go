package fir

import "time"

// EnquiryDays is how long a preliminary enquiry may take (BNSS s.173(3), confidence high).
const EnquiryDays = 14

// Permission is the prior permission for a preliminary enquiry, by an officer not below a Deputy Superintendent.
type Permission struct {
	Reference string    `json:"reference"`
	Officer   Officer   `json:"officer"`
	At        time.Time `json:"at"`
}

// Enquire begins a preliminary enquiry into whether a prima facie case exists. It is possible where the gravest section
// is punishable with three years or more but less than seven (BNSS s.173(3)); the information is signed first.
type Enquire struct {
	Signature  Sign
	Permission Permission
}

func (Enquire) states() []State { return []State{StateDraft, StateAwaiting} }

func (a Enquire) apply(r *Report, at time.Time) error {
	if err := a.Permission.tidy(at); err != nil {
		return err
	}
	if err := a.Signature.take(r, at); err != nil {
		return err
	}
	if err := r.Document.Ready(ForRegistration); err != nil {
		return err
	}
	if r.Document.Case() != Cognizable {
		return conflict("the case is not cognizable: enter it as an NCR")
	}
	if err := enquirable(r.Document.Charges); err != nil {
		return err
	}
	r.State, r.Permission, r.EnquiryDue = StateEnquiry, &a.Permission, at.AddDate(0, 0, EnquiryDays)
	return nil
}

func (p *Permission) tidy(at time.Time) (err error) {
	if p.Reference, err = short("the permission's reference", p.Reference, MaxLine); err != nil {
		return err
	}
	for _, f := range p.Officer.fields(0, "permission.officer") {
		if f.tidy() != (Label{}) {
			return invalid("the officer who permitted the enquiry is not named in at most %d characters", MaxLine)
		}
	}
	if p.Reference == "" || p.Officer.Name == "" || p.At.IsZero() || p.At.After(at) {
		return invalid("a preliminary enquiry needs prior permission: its reference, the Deputy Superintendent's name, and its date")
	}
	return nil
}

// enquirable holds the gravest section against the bounds of s.173(3).
func enquirable(charges []Violation) error {
	var gravest Term
	for i, v := range charges {
		if v.MaxYears == TermUnknown {
			return invalid("the longest punishment under section %d of item 2 is not known, so it is not known whether an enquiry is possible: enter it", i+1)
		}
		gravest = max(gravest, v.MaxYears)
	}
	if gravest < 3 || gravest >= 7 {
		return conflict("a preliminary enquiry is possible where the gravest section has three years or more but less than seven")
	}
	return nil
}

// ConcludeEnquiry ends the preliminary enquiry, also one that has taken longer than it may: a late finding is better than
// none, and EnquiryDue shows that it is late.
type ConcludeEnquiry struct {
	PrimaFacie bool
	Finding    string // what was found; of a refusal it is the reason in item 13(3)
}

func (ConcludeEnquiry) states() []State { return []State{StateEnquiry} }

func (a ConcludeEnquiry) apply(r *Report, at time.Time) (err error) {
	if r.Finding, err = short("the finding", a.Finding, MaxBlock); err != nil {
		return err
	}
	if r.Finding == "" {
		return invalid("the enquiry needs a finding")
	}
	if a.PrimaFacie {
		return r.register(at)
	}
	// s.173(4): the informant may write to the Superintendent, then to the Magistrate; Duties says so.
	r.State, r.Document.Taken = StateRefused, Taken{Kind: TakenRefused, Officer: r.Document.Taken.Officer, Reason: r.Finding}
	return nil
}
