package backend

import (
	"context"
	"net/http"
	"slices"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// decision is a person's decision in a review.
type decision struct {
	SessionID  string   `json:"session_id"`
	Approved   *bool    `json:"approved"`
	Step       fir.Step `json:"step"`    // the review that the person saw
	Version    int64    `json:"version"` // the session that the person saw; 0 takes any
	UserInput  string   `json:"user_input"`
	Regenerate bool     `json:"regenerate"`
}

// validate takes a decision, does the work that it asks for, and answers with the next review.
func (s *Server) validate(w http.ResponseWriter, r *http.Request) error {
	var d decision
	if err := web.ReadJSON(r, &d); err != nil {
		return err
	}
	if d.Approved == nil {
		return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "approved is missing: say true or false")
	}
	if err := checkStep(d.Step); err != nil {
		return err
	}
	return s.decide(w, r, d.SessionID, d.Version, d.action)
}

// checkStep keeps what is no step from getting into a sentence that says where the session is.
func checkStep(step fir.Step) error {
	steps := []fir.Step{"", fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview, fir.NarrativeReview, fir.FinalReview}
	if !slices.Contains(steps, step) {
		return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest,
			"step must be one of transcript_review, summary_review, violations_review, fir_narrative_review, final_review")
	}
	return nil
}

// action is what the decision does in the review that the session is in.
func (d decision) action(session fir.Session) (fir.Action, fir.Decision) {
	switch {
	case *d.Approved:
		return fir.Approve{Step: d.Step, Note: d.UserInput}, fir.Approved
	case d.Regenerate && (d.Step == "" || d.Step == session.Step):
		return fir.Regenerate{Step: session.Step, Note: d.UserInput}, fir.Regenerated
	}
	// A rejection of what is not there any more is refused, also where the artefact was to be made again.
	return fir.Reject{Step: d.Step, Note: d.UserInput}, fir.Rejected
}

// again is what POST /regenerate takes, as JSON or, from callers of old, as query.
type again struct {
	Step      fir.Step `json:"step"`
	UserInput string   `json:"user_input"`
	Version   int64    `json:"version"`
}

func (s *Server) regenerate(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	a := again{Step: fir.Step(query.Get("step")), UserInput: query.Get("user_input")}
	if r.ContentLength != 0 {
		if err := web.ReadJSON(r, &a); err != nil {
			return err
		}
	}
	if err := checkStep(a.Step); err != nil {
		return err
	}
	return s.decide(w, r, r.PathValue("id"), a.Version, func(fir.Session) (fir.Action, fir.Decision) {
		return fir.Regenerate{Step: a.Step, Note: a.UserInput}, fir.Regenerated
	})
}

// change is what POST /session/{id}/correct takes.
type change struct {
	Step       fir.Step       `json:"step"`
	Version    int64          `json:"version"`
	Correction fir.Correction `json:"correction"`
}

func (s *Server) correct(w http.ResponseWriter, r *http.Request) error {
	var c change
	if err := web.ReadJSON(r, &c); err != nil {
		return err
	}
	if err := checkStep(c.Step); err != nil {
		return err
	}
	return s.decide(w, r, r.PathValue("id"), c.Version, func(fir.Session) (fir.Action, fir.Decision) {
		return fir.Correct{Step: c.Step, Correction: c.Correction}, fir.Corrected
	})
}

// decide applies a person's action to a session, in the subsegment validate_<step>.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, id string, version int64, action func(fir.Session) (fir.Action, fir.Decision)) error {
	ctx := r.Context()
	leave, err := enter(ctx, s.requests)
	if err != nil {
		return err
	}
	defer leave()
	session, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if version != 0 && version != session.Version {
		return versionConflict()
	}
	name := contract.Validate(string(session.Step))
	if session.Step == "" {
		name = contract.Validate(string(session.Status)) // it is refused, and the trace says why
	}
	next, err := web.Do(ctx, name, func(ctx context.Context) (fir.Session, error) {
		do, decided := action(session)
		tracing.Annotate(ctx, contract.WorkflowStep, string(session.Step))
		tracing.Annotate(ctx, contract.Decision, string(decided))
		next, err := s.move(ctx, session, do)
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			noteKind(ctx, err)
		}
		return next, err
	})
	if err != nil {
		return err
	}
	return s.answer(w, r, next)
}
