package backend

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// move applies an action, stores what becomes of it, and does the work that the session then waits for.
func (s *Server) move(ctx context.Context, session fir.Session, do fir.Action) (fir.Session, error) {
	next, err := s.apply(session, do)
	if err != nil {
		return session, err
	}
	if err := s.save(ctx, next); err != nil {
		return session, err
	}
	return s.work(ctx, next, input{})
}

// apply is one event on the session as it was read.
func (s *Server) apply(session fir.Session, do fir.Action) (fir.Session, error) {
	next, err := fir.Apply(session, fir.Event{At: s.cfg.Now(), TTL: s.cfg.SessionTTL, Version: session.Version, Do: do})
	return next, domainError(err)
}

// save writes the session, and its report with it where the session is at its last review: what is reviewed there is the
// report.
func (s *Server) save(ctx context.Context, session fir.Session) error {
	if session.Step != fir.FinalReview {
		return storeError(ctx, s.cfg.Store.UpdateSession(ctx, session))
	}
	report, err := s.cfg.Store.ReportOf(ctx, session.ID)
	if err != nil {
		return storeError(ctx, err)
	}
	var do fir.ReportAction = fir.Redraft{Session: session}
	if session.Status == fir.Completed {
		do = fir.Reviewed{Session: session}
	}
	report, err = fir.ApplyReport(report, fir.ReportEvent{At: s.cfg.Now(), Version: report.Version, Do: do})
	if err != nil {
		return domainError(err)
	}
	return storeError(ctx, s.cfg.Store.Save(ctx, session, report))
}

// work does what the session waits for and returns it at its next review. When that comes to nothing, the session goes
// back to the review it came from, and the error says why.
func (s *Server) work(ctx context.Context, session fir.Session, in input) (fir.Session, error) {
	job, waits := session.Job()
	if !waits {
		s.note(ctx, session)
		return session, nil
	}
	ended := false
	defer func() {
		if !ended { // by a panic, which goes on to the rooms around the route
			s.giveUp(ctx, session, web.Fail(http.StatusInternalServerError, contract.Panicked, "the work ended in a panic"))
		}
	}()
	next, err := s.finish(ctx, session, job, in)
	ended = true
	if err != nil {
		s.giveUp(ctx, session, err)
		return session, err
	}
	s.note(ctx, next)
	return next, nil
}

// note annotates where the session now stands.
func (s *Server) note(ctx context.Context, session fir.Session) {
	tracing.AnnotateSegment(ctx, contract.WorkflowStep, string(session.Step))
	if number := session.Details.Header.Number; !number.IsZero() {
		tracing.AnnotateSegment(ctx, contract.FIRNumber, number.String())
	}
}

func (s *Server) finish(ctx context.Context, session fir.Session, job fir.Job, in input) (fir.Session, error) {
	if job.Work == fir.Draft {
		return s.draft(ctx, session)
	}
	result, err := s.do(ctx, session, job, in)
	if err != nil {
		return session, err
	}
	next, err := s.apply(session, result)
	if err != nil {
		return session, unusable(job.Work, err)
	}
	return next, storeError(ctx, s.cfg.Store.UpdateSession(ctx, next))
}

// unusable tells a caller that it was not the caller who erred: the machine's answer cannot be taken.
func unusable(work fir.Work, err error) error {
	if e := web.AsError(err); e.Status != http.StatusUnprocessableEntity {
		return err
	}
	if work == fir.Transcribe {
		return err // transcribe has looked already
	}
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, "the model's answer cannot be used: regenerate, or ask again").Because(err)
}

func (s *Server) do(ctx context.Context, session fir.Session, job fir.Job, in input) (fir.Action, error) {
	switch job.Work {
	case fir.Transcribe:
		return s.transcribe(ctx, session, in)
	case fir.Summarise:
		return s.summarise(ctx, job)
	case fir.Search:
		return s.search(ctx, session, job)
	case fir.Narrate:
		return s.narrate(ctx, job)
	}
	return nil, errors.New("work " + string(job.Work) + " is not known here")
}

// giveUp brings the session back, also when the caller has gone. The caller gets the first error; that the database does
// not take this one either is for the log, and takeBack mends it once the lease is over.
func (s *Server) giveUp(ctx context.Context, session fir.Session, err error) {
	kind := web.AsError(err).Kind
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	back, applied := s.apply(session, fir.WorkFailed{ErrorType: string(kind)})
	if applied == nil {
		applied = s.cfg.Store.UpdateSession(ctx, back)
	}
	if errors.Is(applied, store.ErrConflict) {
		return // the work was stored after all, when the connection was lost at its commit
	}
	if applied != nil {
		s.cfg.Log.ErrorContext(ctx, "a session stays marked as processing until its lease is over", "session_id", session.ID, "error", applied)
	}
}
