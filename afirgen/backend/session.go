package backend

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// sessionStatus is where a session stands, without what people wrote.
type sessionStatus struct {
	SessionID          string     `json:"session_id"`
	Status             fir.Status `json:"status"`
	CurrentStep        fir.Step   `json:"current_step"`
	Steps              []fir.Done `json:"steps"`
	AwaitingValidation bool       `json:"awaiting_validation"`
	ErrorType          string     `json:"error_type,omitempty"`
	TraceID            string     `json:"trace_id"`
	CreatedAt          time.Time  `json:"created_at"`
	LastActivity       time.Time  `json:"last_activity"`
}

// session reads a session back. An expired one is as unknown as one that never was.
func (s *Server) session(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || len(r.PathValue("id")) != len(id.String()) {
		return web.Fail(http.StatusBadRequest, contract.InvalidSessionID, "the session id is not a UUID")
	}
	tracing.AnnotateSegment(ctx, contract.SessionID, id.String())
	session, err := s.store.Get(ctx, id.String())
	if errors.Is(err, errNoSession) || err == nil && session.Expired(s.cfg.Now(), s.cfg.SessionTTL) {
		return web.Fail(http.StatusNotFound, contract.NotFound, "there is no such session, or it has expired")
	}
	if err != nil {
		return storeError(ctx, err)
	}
	tracing.AnnotateSegment(ctx, contract.WorkflowStep, string(session.Step))
	web.WriteJSON(w, http.StatusOK, sessionStatus{
		SessionID: session.ID, Status: session.Status, CurrentStep: session.Step, Steps: session.Done,
		AwaitingValidation: session.Status == fir.AwaitingValidation, ErrorType: session.ErrorType,
		TraceID: session.TraceID, CreatedAt: session.CreatedAt, LastActivity: session.LastActivity,
	})
	return nil
}
