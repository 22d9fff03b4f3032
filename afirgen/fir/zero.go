package fir

import "time"

// Transfer sends a Zero FIR to the station that item 13(4) names.
type Transfer struct{}

func (Transfer) states() []State { return []State{StateZero} }

func (Transfer) apply(r *Report, _ time.Time) error {
	to := r.Document.Taken.Transfer
	r.State, r.Receiver = StateTransferred, &to
	return nil
}

// Acknowledge writes down, once, under which regular number the receiving station has registered a Zero FIR.
type Acknowledge struct{ Number Number }

func (Acknowledge) states() []State { return []State{StateTransferred} }

func (a Acknowledge) apply(r *Report, _ time.Time) error {
	if err := a.Number.check(); err != nil {
		return err
	}
	switch {
	case !r.ReceivedAs.IsZero():
		return conflict("the receiving station has registered it as %s already", r.ReceivedAs)
	case a.Number.Series != SeriesFIR || r.Receiver.Code != "" && a.Number.Station != r.Receiver.Code:
		return invalid("number %s is no regular number of the receiving station", a.Number)
	}
	r.ReceivedAs = a.Number
	return nil
}

// Reception is what the receiving station adds to a Zero FIR.
type Reception struct {
	Station    Station
	Number     Number // a regular one of the station
	Direction  string // and distance of the place from this station
	DiaryEntry string
	DiaryTime  string
}

// Adopt registers a Zero FIR at the station that receives it, under a regular number. The number under which it came
// stays in item 1; the signature that the first station took stays valid. Item 13 says "registered".
func Adopt(zero Report, at time.Time, by Reception) (Report, error) {
	if zero.State != StateTransferred {
		return Report{}, conflict("only a Zero FIR that was transferred can be taken over; this one is %s", zero.State)
	}
	if err := by.Number.check(); err != nil {
		return Report{}, err
	}
	if by.Number.Series != SeriesFIR || by.Number.Station != by.Station.Code {
		return Report{}, invalid("number %s is no regular number of the receiving station", by.Number)
	}
	d := zero.Document.clone()
	d.Header = Header{Station: by.Station, Number: by.Number, ReportedAt: at, ZeroNumber: zero.Number()}
	d.Place.Outside, d.Place.Direction, d.Place.Beat = Station{}, by.Direction, ""
	d.Occurrence.DiaryEntry, d.Occurrence.DiaryTime = by.DiaryEntry, by.DiaryTime
	d.Taken, d.Despatch = Taken{Kind: TakenRegistered}, Despatch{}
	r := Report{
		SessionID: zero.SessionID, State: StateRegistered, Document: d, Checks: zero.Checks, TraceID: zero.TraceID,
		ReviewedAt: zero.ReviewedAt, RegisteredAt: at, CreatedAt: at, UpdatedAt: at, Version: 1,
	}
	if err := r.Document.tidy(); err != nil {
		return Report{}, err
	}
	if err := r.Document.Ready(ForRegistration); err != nil {
		return Report{}, err
	}
	return r, nil
}
