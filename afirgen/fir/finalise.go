package fir

import "time"

// Finalise locks a report for good. That the caller holds the key for it is for the service to check, with a comparison
// in constant time.
type Finalise struct {
	By string // the name of the key or of the officer, never the key
}

func (Finalise) states() []State { return []State{StateRegistered, StateNCR} }

func (a Finalise) apply(r *Report, at time.Time) (err error) {
	if r.FinalizedBy, err = short("the name behind the finalisation", a.By, MaxLine); err != nil {
		return err
	}
	if r.FinalizedBy == "" {
		return invalid("a finalisation needs the name of its key or officer")
	}
	if err := r.Document.Ready(ForFinalisation); err != nil {
		return err
	}
	r.State, r.FinalizedAt = StateFinalized, at
	return nil
}
