package fir

import "time"

// WorkFailed says that the work came to nothing: the session returns to the review that asked for it, or ends where
// none did.
type WorkFailed struct {
	ErrorType string // one of contract's codes
}

func (WorkFailed) from() Status { return Processing }

func (f WorkFailed) apply(s *Session, _ time.Time) error { return s.giveBack(f.ErrorType) }

// TakeBack ends work that nobody finishes any more, because the server that did it has gone. It is possible once Lease
// is over.
type TakeBack struct {
	ErrorType string // one of contract's codes
}

func (TakeBack) from() Status { return Processing }

func (t TakeBack) apply(s *Session, at time.Time) error {
	if at.Before(s.LastActivity.Add(Lease)) {
		return conflict("the work may still be done: wait until it is %s old", Lease)
	}
	return s.giveBack(t.ErrorType)
}

func (s *Session) giveBack(errorType string) error {
	if errorType == "" {
		return invalid("work that came to nothing needs an error type")
	}
	s.Status, s.Step, s.ErrorType = AwaitingValidation, s.Back, errorType
	if s.Back == "" {
		s.Status = Failed
	}
	s.Work, s.Back = "", ""
	return nil
}
