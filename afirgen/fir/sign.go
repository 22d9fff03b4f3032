package fir

import "time"

// SignatureDays is how long an electronic complaint waits for the informant's signature (BNSS s.173(1), confidence
// high).
const SignatureDays = 3

// AwaitSignature puts electronic information, which came without a signature, on the list of those to be signed.
type AwaitSignature struct{}

func (AwaitSignature) states() []State { return []State{StateDraft} }

func (AwaitSignature) apply(r *Report, _ time.Time) error {
	if r.Document.Information != Electronic {
		return conflict("only electronic information waits for its signature: sign what is written or oral at once")
	}
	if err := r.Document.Ready(ForReview); err != nil {
		return err
	}
	r.State, r.SignatureDue = StateAwaiting, signatureDue(r.Document)
	return nil
}

// signatureDue is three days after the station received the information.
func signatureDue(d Document) time.Time { return d.Occurrence.ReceivedAt.AddDate(0, 0, SignatureDays) }

// Overdue reports whether the day of a due moment is over in India. Whether the law's days are times of 24 hours or days
// of the calendar is not settled by what we have read; so nothing lapses before both have passed.
func Overdue(due, at time.Time) bool {
	y, m, d := due.In(India()).Date()
	return !at.Before(time.Date(y, m, d+1, 0, 0, 0, 0, India()))
}

// Sign is the informant's signature, and with it the registration: after the record was read over and admitted correct.
// Where the place lies outside of the station's limits it becomes a Zero FIR, which any station must register.
type Sign struct {
	Kind     string // signature, thumb or electronic
	By       string // empty takes the informant's name
	ReadOver bool
	Admitted bool
}

func (Sign) states() []State { return []State{StateDraft, StateAwaiting} }

func (a Sign) apply(r *Report, at time.Time) error {
	if err := a.take(r, at); err != nil {
		return err
	}
	return r.register(at)
}

// take writes the signature into the report. Item 14 and R.O.A.C. change nowhere else.
func (a Sign) take(r *Report, at time.Time) error {
	d := &r.Document
	if d.Information == Electronic && !d.Occurrence.ReceivedAt.IsZero() && Overdue(signatureDue(*d), at) {
		return conflict("the three days for the signature are over: the information has lapsed and has to be given again")
	}
	d.ReadOver = ReadOver{Read: a.ReadOver, Admitted: a.Admitted}
	if d.Signature = (Signature{Kind: a.Kind, By: a.By, At: at}); a.By == "" {
		d.Signature.By = d.Complainant.Name
	}
	return d.tidy()
}

// register ends in registered or zero.
func (r *Report) register(at time.Time) error {
	d := r.Document
	if err := d.Ready(ForRegistration); err != nil {
		return err
	}
	if d.Case() != Cognizable {
		return conflict("the case is not cognizable: enter it as an NCR")
	}
	if err := r.rightSeries(); err != nil {
		return err
	}
	switch {
	case d.Zero() && d.Taken.Kind != TakenTransferred:
		return invalid("the place lies in another station's limits: item 13 has to say to which station the case goes")
	case !d.Zero() && d.Taken.Kind != TakenRegistered && d.Taken.Kind != TakenDirected:
		// Lalita Kumari, 2014: a cognizable offence has to be registered.
		return invalid("a cognizable offence of this station is registered: item 13 has to say registered or directed")
	}
	r.State, r.RegisteredAt = StateRegistered, at
	if d.Zero() {
		r.State = StateZero
	}
	return nil
}

// Lapse ends an e-FIR that nobody has signed in time.
type Lapse struct{}

func (Lapse) states() []State { return []State{StateAwaiting} }

func (Lapse) apply(r *Report, at time.Time) error {
	if !Overdue(r.SignatureDue, at) {
		return conflict("the day until which the informant may sign is not over")
	}
	r.State = StateLapsed
	return nil
}
