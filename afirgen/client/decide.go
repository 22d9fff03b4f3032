package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Decision is a person's decision in a review.
type Decision struct {
	SessionID  string   `json:"session_id"`
	Approved   bool     `json:"approved"`
	Step       fir.Step `json:"step,omitempty"`    // the review that the person saw; empty takes the current one
	Version    int64    `json:"version,omitempty"` // the session that the person saw; 0 takes any
	UserInput  string   `json:"user_input,omitempty"`
	Regenerate bool     `json:"regenerate,omitempty"` // with a refusal: make the artefact again at once
}

// Approve is the approval of what s shows, and of nothing else.
func (s Session) Approve() Decision {
	return Decision{SessionID: s.SessionID, Approved: true, Step: s.CurrentStep, Version: s.Version}
}

// Validate sends a decision.
func (c *Client) Validate(ctx context.Context, d Decision) (s Session, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodPost, "/validate", d, &s)
	return s, r, err
}

// Again asks for an artefact anew.
type Again struct {
	Step      fir.Step `json:"step"`
	UserInput string   `json:"user_input,omitempty"`
	Version   int64    `json:"version,omitempty"`
}

// Regenerate has the artefact of a step made again.
func (c *Client) Regenerate(ctx context.Context, id string, a Again) (s Session, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodPost, "/regenerate/"+url.PathEscape(id), a, &s)
	return s, r, err
}

// Change is a correction by hand.
type Change struct {
	Step       fir.Step       `json:"step,omitempty"`
	Version    int64          `json:"version,omitempty"`
	Correction fir.Correction `json:"correction"`
}

// Correct changes by hand what is known.
func (c *Client) Correct(ctx context.Context, id string, change Change) (s Session, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodPost, "/session/"+url.PathEscape(id)+"/correct", change, &s)
	return s, r, err
}
