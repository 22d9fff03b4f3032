package fir

import "time"

// EnterNCR makes the report a non-cognizable one: its substance stands in the diary, the informant is referred to the
// Magistrate, and nobody investigates without an order (BNSS s.174, confidence high).
type EnterNCR struct{}

func (EnterNCR) states() []State { return []State{StateDraft, StateAwaiting, StateEnquiry} }

func (EnterNCR) apply(r *Report, at time.Time) error {
	if err := r.Document.Ready(ForReview); err != nil {
		return err
	}
	if r.Document.Case() != NonCognizable {
		return conflict("the case is cognizable: register it")
	}
	// What no check has looked at may be cognizable.
	if open := r.Checks.Open(); open > 0 && r.Document.Ruling.Class != NonCognizable {
		return invalid("%d checks against sections of law did not finish: an officer has to rule that the case is non-cognizable", open)
	}
	if err := r.rightSeries(); err != nil {
		return err
	}
	r.State, r.RegisteredAt, r.SignatureDue = StateNCR, at, time.Time{}
	return nil
}
