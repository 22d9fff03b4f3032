package fir

import "time"

// CorrectReport changes a report by hand:
//
//	draft, awaiting_signature   everything but the transcript, the summary and the station
//	preliminary_enquiry         charges, ruling, action: the informant has signed the rest
//	registered, zero, ncr       the free copy and the despatch
//
// Before registration neither copy nor despatch is possible: there is nothing yet to copy or to send.
type CorrectReport struct{ Correction Correction }

func (CorrectReport) states() []State {
	return []State{StateDraft, StateAwaiting, StateEnquiry, StateRegistered, StateZero, StateNCR}
}

func (a CorrectReport) apply(r *Report, _ time.Time) (err error) {
	fields, allowed := a.Correction.names()
	if len(fields) == 0 {
		return invalid("the correction changes nothing")
	}
	for i, name := range allowed {
		if !r.correctable(name) {
			return conflict("%s cannot be corrected where the report is %s", fields[i], r.State)
		}
	}
	d := &r.Document
	if a.Correction.Narrative != nil {
		if d.Contents.Narrative, err = artefact("narrative", *a.Correction.Narrative); err != nil {
			return err
		}
	}
	if d.Charges, err = a.Correction.charges(d.Charges, d.Contents.Statement); err != nil {
		return err
	}
	d.Charges = standingCharges(d.Charges)
	return a.Correction.into(d)
}

func (r *Report) correctable(name string) bool {
	switch name {
	case onTranscript, onSummary, onStation:
		return false
	case onCopyGiven, onDespatch:
		return r.State == StateRegistered || r.State == StateZero || r.State == StateNCR
	case onCharges, onRuling, onTaken:
		return r.State == StateDraft || r.State == StateAwaiting || r.State == StateEnquiry
	}
	return r.State == StateDraft || r.State == StateAwaiting
}
