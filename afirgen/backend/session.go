package backend

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// session reads a session with everything that its review needs.
func (s *Server) session(w http.ResponseWriter, r *http.Request) error {
	session, err := s.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.answer(w, r, session)
}

// sessionStatus is where a session stands, without what people wrote.
type sessionStatus struct {
	SessionID          string      `json:"session_id"`
	Status             fir.Status  `json:"status"`
	CurrentStep        fir.Step    `json:"current_step"`
	Work               fir.Work    `json:"work,omitempty"`
	Steps              []fir.Done  `json:"steps"`
	AwaitingValidation bool        `json:"awaiting_validation"`
	FIRNumber          fir.Number  `json:"fir_number,omitzero"`
	ErrorType          string      `json:"error_type,omitempty"`
	History            []fir.Entry `json:"validation_history"`
	TraceID            string      `json:"trace_id"`
	CreatedAt          time.Time   `json:"created_at"`
	LastActivity       time.Time   `json:"last_activity"`
	Version            int64       `json:"version"`
}

// status tells where a session stands. Of the decisions so far it leaves the notes out.
func (s *Server) status(w http.ResponseWriter, r *http.Request) error {
	session, err := s.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	history := make([]fir.Entry, 0, len(session.History))
	for _, entry := range session.History {
		entry.Note = ""
		history = append(history, entry)
	}
	web.WriteJSON(w, http.StatusOK, sessionStatus{
		SessionID: session.ID, Status: session.Status, CurrentStep: session.Step, Work: session.Work, Steps: session.Done,
		AwaitingValidation: session.Status == fir.AwaitingValidation, FIRNumber: session.Details.Header.Number,
		ErrorType: session.ErrorType, History: history, TraceID: session.TraceID,
		CreatedAt: session.CreatedAt, LastActivity: session.LastActivity, Version: session.Version,
	})
	return nil
}

// read returns a live session by the id that the caller gave. Work that nobody finishes any more is taken back first.
func (s *Server) read(ctx context.Context, given string) (fir.Session, error) {
	id, err := sessionID(given)
	if err != nil {
		return fir.Session{}, err
	}
	tracing.AnnotateSegment(ctx, contract.SessionID, id)
	session, err := s.cfg.Store.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return session, web.Fail(http.StatusNotFound, contract.NotFound, "there is no such session, or it has expired")
	}
	if err != nil {
		return session, storeError(ctx, err)
	}
	if session.Status != fir.Completed && session.Expired(s.cfg.Now(), s.cfg.SessionTTL) {
		return session, expired()
	}
	if session, err = s.takeBack(ctx, session); err != nil {
		return session, err
	}
	tracing.AnnotateSegment(ctx, contract.WorkflowStep, string(session.Step))
	return session, nil
}

// sessionID accepts a UUID in either case and nothing else that uuid.Parse would take.
func sessionID(given string) (string, error) {
	id, err := uuid.Parse(given)
	if err != nil || len(given) != len(id.String()) {
		return "", web.Fail(http.StatusBadRequest, contract.InvalidSessionID, "the session id is not a UUID")
	}
	return strings.ToLower(given), nil
}

// takeBack ends work whose lease is over: the server that did it has gone.
func (s *Server) takeBack(ctx context.Context, session fir.Session) (fir.Session, error) {
	now := s.cfg.Now()
	if session.Status != fir.Processing || now.Before(session.LastActivity.Add(fir.Lease)) {
		return session, nil
	}
	next, err := fir.Apply(session, fir.Event{At: now, TTL: s.cfg.SessionTTL, Version: session.Version, Do: fir.TakeBack{ErrorType: string(contract.Internal)}})
	if err != nil {
		return session, domainError(err)
	}
	if err = s.cfg.Store.UpdateSession(ctx, next); errors.Is(err, store.ErrConflict) {
		next, err = s.cfg.Store.Session(ctx, session.ID) // another reader was quicker
	}
	return next, storeError(ctx, err)
}
