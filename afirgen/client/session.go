package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Session is the session body of the API. What Content holds hangs on CurrentStep: see its accessors.
type Session struct {
	Success            bool            `json:"success"`
	SessionID          string          `json:"session_id"`
	Status             fir.Status      `json:"status"`
	CurrentStep        fir.Step        `json:"current_step"`
	Version            int64           `json:"version"`
	Steps              []fir.Done      `json:"steps"`
	RequiresValidation bool            `json:"requires_validation"`
	Completed          bool            `json:"completed"`
	Message            string          `json:"message"`
	Content            json.RawMessage `json:"content"`
	FIRNumber          string          `json:"fir_number"`
	FIRContent         string          `json:"fir_content"`
	ErrorType          string          `json:"error_type"`
	TraceID            string          `json:"trace_id"` // of the request that opened the session
	CreatedAt          time.Time       `json:"created_at"`
	LastActivity       time.Time       `json:"last_activity"`
}

// Transcript is the content of transcript_review.
type Transcript struct {
	Text          string  `json:"transcript"`
	Language      string  `json:"language"`
	Reading       string  `json:"reading"`    // as the machine read it, once corrected
	Engine        string  `json:"engine"`     // empty for typed words, like the rest
	Confidence    float64 `json:"confidence"` // 0 to 100
	LowConfidence bool    `json:"low_confidence"`
}

// Transcript returns the content of transcript_review.
func (s Session) Transcript() (Transcript, error) {
	return contentOf[Transcript](s, fir.TranscriptReview)
}

// Summary returns the content of summary_review.
func (s Session) Summary() (string, error) {
	got, err := contentOf[struct {
		Summary string `json:"summary"`
	}](s, fir.SummaryReview)
	return got.Summary, err
}

// Violations is the content of violations_review.
type Violations struct {
	Violations     []fir.Violation     `json:"violations"`
	Evidence       map[string][]string `json:"evidence"`
	ChecksFailed   int                 `json:"checks_failed"`
	ChecksTimedOut int                 `json:"checks_timed_out"`
	Notices        []fir.Label         `json:"notices"`
}

// Violations returns the content of violations_review.
func (s Session) Violations() (Violations, error) {
	return contentOf[Violations](s, fir.ViolationsReview)
}

// Narrative returns the content of fir_narrative_review.
func (s Session) Narrative() (string, error) {
	got, err := contentOf[struct {
		Narrative string `json:"fir_narrative"`
	}](s, fir.NarrativeReview)
	return got.Narrative, err
}

// Final is the content of final_review.
type Final struct {
	FIRContent   string        `json:"fir_content"`
	FIRNumber    string        `json:"fir_number"`
	Items        []fir.Item    `json:"items"`
	Document     fir.Document  `json:"document"`
	Problems     []fir.Problem `json:"problems"`
	ReportStatus fir.State     `json:"report_status"`
}

// Final returns the content of final_review.
func (s Session) Final() (Final, error) { return contentOf[Final](s, fir.FinalReview) }

func contentOf[T any](s Session, step fir.Step) (content T, err error) {
	if s.CurrentStep != step {
		return content, fmt.Errorf("reading the content of %s: the session is at %q", step, s.CurrentStep)
	}
	if err := json.Unmarshal(s.Content, &content); err != nil {
		return content, fmt.Errorf("reading the content of %s: %w", step, err)
	}
	return content, nil
}

// Session reads a session.
func (c *Client) Session(ctx context.Context, id string) (s Session, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodGet, "/session/"+url.PathEscape(id), nil, &s)
	return s, r, err
}

// Status is where a session stands, without what people wrote.
type Status struct {
	SessionID          string      `json:"session_id"`
	Status             fir.Status  `json:"status"`
	CurrentStep        fir.Step    `json:"current_step"`
	Steps              []fir.Done  `json:"steps"`
	AwaitingValidation bool        `json:"awaiting_validation"`
	FIRNumber          string      `json:"fir_number"`
	ErrorType          string      `json:"error_type"`
	History            []fir.Entry `json:"validation_history"`
	TraceID            string      `json:"trace_id"`
	Version            int64       `json:"version"`
}

// Status asks where a session stands.
func (c *Client) Status(ctx context.Context, id string) (s Status, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodGet, "/session/"+url.PathEscape(id)+"/status", nil, &s)
	return s, r, err
}
