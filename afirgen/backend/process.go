package backend

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// draft is the answer to POST /process.
type draft struct {
	Success     bool       `json:"success"`
	SessionID   string     `json:"session_id"`
	Status      fir.Status `json:"status"`
	CurrentStep fir.Step   `json:"current_step"`
	Steps       []fir.Done `json:"steps"`
	Transcript  string     `json:"transcript"`
	Summary     string     `json:"summary"`
	Engine      string     `json:"engine"` // of the summary
	Usage       gguf.Usage `json:"usage"`
	Language    string     `json:"language,omitempty"`   // of a photograph, as it was read
	Confidence  float64    `json:"confidence,omitempty"` // of its reading, 0 to 100
	TraceID     string     `json:"trace_id"`
}

// process takes a complaint. The answer is written after its place at the gate is free again: a caller who reads it
// slowly, or not at all, keeps nobody waiting.
func (s *Server) process(w http.ResponseWriter, r *http.Request) error {
	answer, err := s.take(w, r)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// take does the whole work inside the subsegment process_fir_request.
func (s *Server) take(w http.ResponseWriter, r *http.Request) (draft, error) {
	leave, err := s.enter(r.Context(), s.requests)
	if err != nil {
		return draft{}, err
	}
	defer leave()
	return web.Do(r.Context(), contract.ProcessRequest, func(ctx context.Context) (draft, error) {
		in, err := readInput(w, r)
		if err != nil {
			return draft{}, err
		}
		tracing.AnnotateSegment(ctx, contract.HasText, in.hasText())
		tracing.AnnotateSegment(ctx, contract.HasImage, in.hasImage())
		tracing.AnnotateSegment(ctx, contract.HasAudio, in.hasAudio())
		return s.draft(ctx, in)
	})
}

// draft makes a session of a valid input and works on it. What goes wrong after the session exists is written into it.
func (s *Server) draft(ctx context.Context, in input) (draft, error) {
	if err := in.check(); err != nil {
		return draft{}, err
	}
	session := s.newSession(ctx)
	if in.hasText() {
		var err error
		if session.Transcript, err = complaint(in.text, false); err != nil {
			return draft{}, err
		}
	}
	if err := s.store.Create(ctx, &session); err != nil {
		return draft{}, storeError(ctx, err)
	}
	tracing.AnnotateSegment(ctx, contract.SessionID, session.ID)
	tracing.AnnotateSegment(ctx, contract.WorkflowStep, string(fir.TranscriptReview))
	answer, err := s.work(ctx, &session, in)
	if err != nil {
		s.giveUp(ctx, session, err)
		return draft{}, err
	}
	tracing.AnnotateSegment(ctx, contract.WorkflowStep, string(session.Step))
	return answer, nil
}

func (s *Server) newSession(ctx context.Context) fir.Session {
	now := s.cfg.Now()
	return fir.Session{
		ID: s.cfg.NewID(), Status: fir.Processing, TraceID: tracing.TraceID(ctx), CreatedAt: now, LastActivity: now,
	}
}

// work reads the photograph if there is one, summarises the transcript and stores both.
func (s *Server) work(ctx context.Context, session *fir.Session, in input) (draft, error) {
	var letter page
	if in.hasImage() {
		var err error
		if letter, err = s.read(ctx, in.image); err != nil {
			return draft{}, err
		}
		if session.Transcript, err = complaint(letter.ExtractedText, true); err != nil {
			return draft{}, err
		}
		session.Done = append(session.Done, fir.OCRDone)
	}
	summary, err := s.summarise(ctx, session.Transcript)
	if err != nil {
		return draft{}, err
	}
	session.Summary, session.Done = summary.Result, append(session.Done, fir.SummaryDone)
	session.Status, session.Step, session.LastActivity = fir.AwaitingValidation, fir.SummaryReview, s.cfg.Now()
	if err := s.store.Update(ctx, session); err != nil {
		return draft{}, storeError(ctx, err)
	}
	return draft{
		Success: true, SessionID: session.ID, Status: session.Status, CurrentStep: session.Step, Steps: session.Done,
		Transcript: session.Transcript, Summary: session.Summary, Engine: summary.Engine, Usage: summary.Usage,
		Language: letter.Language, Confidence: letter.Confidence, TraceID: session.TraceID,
	}, nil
}

// giveUp writes why a session failed, also when the caller has gone. The caller gets the first error; that the database
// does not take this one either is for the log.
func (s *Server) giveUp(ctx context.Context, session fir.Session, err error) {
	session.Status, session.Step, session.ErrorType = fir.Failed, "", string(web.AsError(err).Kind)
	session.LastActivity = s.cfg.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.store.Update(ctx, &session); err != nil {
		s.cfg.Log.ErrorContext(ctx, "a failed session stays marked as processing", "session_id", session.ID, "error", err)
	}
}

// enter waits at a gate.
func (s *Server) enter(ctx context.Context, g *gate.Gate) (func(), error) {
	leave, _, err := g.Enter(ctx)
	if errors.Is(err, gate.ErrFull) {
		return nil, web.Overloaded(err)
	}
	return leave, err
}

func storeError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errConflict):
		return web.Fail(http.StatusConflict, contract.VersionConflict, "the session was changed in between: read it again").Because(err)
	}
	return web.Fail(http.StatusInternalServerError, contract.StoreFailed, "the session cannot be stored").Because(err)
}

// noteKind annotates the current subsegment with the kind of its error.
func noteKind(ctx context.Context, err error) {
	tracing.Annotate(ctx, contract.ErrorKind, string(web.AsError(err).Kind))
}
