package gguf

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gate"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// Bounds of a request. MaxPrompt is above fir.MaxComplaint by what instructions need.
const (
	MaxPrompt     = 60_000 // characters
	MaxMaxTokens  = 2048
	maxStops      = 8
	maxStopLength = 64      // bytes
	MaxBody       = 1 << 20 // bytes: MaxPrompt characters, each escaped as \uXXXX twice over
)

type inferenceRequest struct {
	ModelName   string   `json:"model_name"`
	Prompt      string   `json:"prompt"`
	MaxTokens   *int     `json:"max_tokens"`  // nil is 120
	Temperature *float64 `json:"temperature"` // nil is 0.1
	Stop        []string `json:"stop"`
	Stream      bool     `json:"stream"`
}

type inferenceResponse struct {
	Result       string  `json:"result"`
	ModelName    string  `json:"model_name"`
	Engine       string  `json:"engine"`
	Usage        Usage   `json:"usage"`
	FinishReason Finish  `json:"finish_reason"`
	DurationMS   float64 `json:"duration_ms"`
	QueueWaitMS  float64 `json:"queue_wait_ms"`
}

func (s *Server) inference(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	tracing.AnnotateSegment(ctx, contract.Operation, contract.OperationInference)
	annotateWork(ctx, 0, 0, Usage{}) // what a refused request has cost
	var req inferenceRequest
	if err := web.ReadJSON(r, &req); err != nil {
		return err
	}
	prompt := req.prompt(ctx)
	m, err := s.model(ctx, req.ModelName)
	if err == nil {
		err = prompt.check()
	}
	switch {
	case err != nil:
		return err
	case req.Stream:
		return s.stream(w, r, m, prompt)
	}
	answer, err := s.run(ctx, m, prompt, func(string) error { return nil })
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// annotateWork says what the inference cost: 0 for what was not done.
func annotateWork(ctx context.Context, waited, took time.Duration, used Usage) {
	tracing.AnnotateSegment(ctx, contract.QueueWaitMS, web.Milliseconds(waited))
	tracing.AnnotateSegment(ctx, contract.DurationMS, web.Milliseconds(took))
	tracing.AnnotateSegment(ctx, contract.PromptTokens, used.PromptTokens)
	tracing.AnnotateSegment(ctx, contract.CompletionTokens, used.CompletionTokens)
}

// model annotates the model's name only if it is one: anything else is the caller's own text.
func (s *Server) model(ctx context.Context, name string) (*model, error) {
	m, known := s.models[name]
	if !known {
		return nil, web.Fail(http.StatusNotFound, contract.InvalidModel,
			"there is no such model: it must be one of "+strings.Join(Models(), ", "))
	}
	tracing.AnnotateSegment(ctx, contract.ModelName, name)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, m.engine.Name())
	return m, nil
}

// prompt fills in what the request leaves out.
func (req inferenceRequest) prompt(ctx context.Context) Prompt {
	p := Prompt{Text: req.Prompt, MaxTokens: 120, Temperature: 0.1, Stop: req.Stop}
	if req.MaxTokens != nil {
		p.MaxTokens = *req.MaxTokens
	}
	if req.Temperature != nil {
		p.Temperature = *req.Temperature
	}
	tracing.AnnotateSegment(ctx, contract.MaxTokens, p.MaxTokens)
	tracing.AnnotateSegment(ctx, contract.PromptLength, utf8.RuneCountInString(p.Text))
	return p
}

// check holds the prompt against the bounds.
func (p Prompt) check() error {
	switch {
	case strings.TrimSpace(p.Text) == "":
		return invalid("prompt is empty")
	case utf8.RuneCountInString(p.Text) > MaxPrompt:
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong, "prompt is longer than 60,000 characters")
	case p.MaxTokens < 1 || p.MaxTokens > MaxMaxTokens:
		return invalid("max_tokens must be between 1 and 2048")
	case p.Temperature < 0 || p.Temperature > 2:
		return invalid("temperature must be between 0 and 2")
	case len(p.Stop) > maxStops || slices.ContainsFunc(p.Stop, badStop):
		return invalid("stop must hold at most 8 strings of 1 to 64 bytes")
	}
	return nil
}

func badStop(stop string) bool { return stop == "" || len(stop) > maxStopLength }

func invalid(detail string) error {
	return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, detail)
}

// run waits for a worker and infers.
func (s *Server) run(ctx context.Context, m *model, p Prompt, emit func(string) error) (inferenceResponse, error) {
	leave, waited, err := m.gate.Enter(ctx)
	if err != nil {
		annotateWork(ctx, waited, 0, Usage{})
		if errors.Is(err, gate.ErrFull) {
			err = web.Overloaded(err)
		}
		return inferenceResponse{}, err
	}
	defer leave()
	done, took, err := s.infer(ctx, m.engine, p, emit)
	annotateWork(ctx, waited, took, done.Usage)
	if err != nil {
		return inferenceResponse{}, err
	}
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Tokenizer, done.Usage.Tokenizer)
	return inferenceResponse{
		Result: done.Text, ModelName: m.name, Engine: m.engine.Name(), Usage: done.Usage, FinishReason: done.Finish,
		DurationMS: web.Milliseconds(took), QueueWaitMS: web.Milliseconds(waited),
	}, nil
}

func (s *Server) infer(ctx context.Context, engine Engine, p Prompt, emit func(string) error) (Completion, time.Duration, error) {
	work, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	start := s.cfg.Now()
	done, err := engine.Infer(work, p, emit)
	took := s.cfg.Now().Sub(start)
	var answer *web.Error
	switch {
	case err == nil, ctx.Err() != nil, errors.As(err, &answer):
		return done, took, err
	case errors.Is(err, context.DeadlineExceeded):
		return done, took, web.Fail(http.StatusGatewayTimeout, contract.EngineTimeout,
			"the model did not answer within "+s.cfg.Timeout.String())
	}
	return done, took, web.Fail(http.StatusInternalServerError, contract.EngineFailed, "the model gave up").Because(err)
}
