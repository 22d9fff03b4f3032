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
	var req inferenceRequest
	if err := web.ReadJSON(r, &req); err != nil {
		return err
	}
	engine, err := s.engineFor(ctx, req.ModelName)
	if err != nil {
		return err
	}
	prompt, err := req.prompt(ctx)
	if err != nil {
		return err
	}
	answer, err := s.run(ctx, engine, prompt)
	if err != nil {
		return err
	}
	answer.ModelName = req.ModelName
	web.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// engineFor annotates the model's name only if it is one: anything else is the caller's own text.
func (s *Server) engineFor(ctx context.Context, name string) (Engine, error) {
	engine, known := s.models[name]
	if !known {
		return nil, web.Fail(http.StatusNotFound, contract.InvalidModel,
			"there is no such model: it must be one of "+strings.Join(s.names(), ", "))
	}
	tracing.AnnotateSegment(ctx, contract.ModelName, name)
	if engine == nil {
		return nil, web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable,
			"the model "+name+" is not in this build: it needs weights, and this build has no engine for them")
	}
	return engine, nil
}

func (s *Server) names() []string {
	var list []string
	for name := range s.models {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// prompt holds the request against the bounds.
func (req inferenceRequest) prompt(ctx context.Context) (Prompt, error) {
	p := Prompt{Text: req.Prompt, MaxTokens: 120, Temperature: 0.1, Stop: req.Stop}
	if req.MaxTokens != nil {
		p.MaxTokens = *req.MaxTokens
	}
	if req.Temperature != nil {
		p.Temperature = *req.Temperature
	}
	length := utf8.RuneCountInString(p.Text)
	tracing.AnnotateSegment(ctx, contract.MaxTokens, p.MaxTokens)
	tracing.AnnotateSegment(ctx, contract.PromptLength, length)
	switch {
	case strings.TrimSpace(p.Text) == "":
		return p, invalid("prompt is empty")
	case length > MaxPrompt:
		return p, web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong, "prompt is longer than 60,000 characters")
	case p.MaxTokens < 1 || p.MaxTokens > MaxMaxTokens:
		return p, invalid("max_tokens must be between 1 and 2048")
	case p.Temperature < 0 || p.Temperature > 2:
		return p, invalid("temperature must be between 0 and 2")
	case len(p.Stop) > maxStops || slices.ContainsFunc(p.Stop, badStop):
		return p, invalid("stop must hold at most 8 strings of 1 to 64 bytes")
	}
	return p, nil
}

func badStop(stop string) bool { return stop == "" || len(stop) > maxStopLength }

func invalid(detail string) error {
	return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, detail)
}

// run waits for a worker and infers.
func (s *Server) run(ctx context.Context, engine Engine, p Prompt) (inferenceResponse, error) {
	leave, waited, err := s.gate.Enter(ctx)
	tracing.AnnotateSegment(ctx, contract.QueueWaitMS, web.Milliseconds(waited))
	if errors.Is(err, gate.ErrFull) {
		return inferenceResponse{}, web.Overloaded(err)
	}
	if err != nil {
		return inferenceResponse{}, err
	}
	defer leave()
	done, took, err := s.infer(ctx, engine, p)
	tracing.AnnotateSegment(ctx, contract.DurationMS, web.Milliseconds(took))
	if err != nil {
		return inferenceResponse{}, err
	}
	tracing.AnnotateSegment(ctx, contract.PromptTokens, done.Usage.PromptTokens)
	tracing.AnnotateSegment(ctx, contract.CompletionTokens, done.Usage.CompletionTokens)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Tokenizer, done.Usage.Tokenizer)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, engine.Name())
	return inferenceResponse{
		Result: done.Text, Engine: engine.Name(), Usage: done.Usage, FinishReason: done.Finish,
		DurationMS: web.Milliseconds(took), QueueWaitMS: web.Milliseconds(waited),
	}, nil
}

func (s *Server) infer(ctx context.Context, engine Engine, p Prompt) (Completion, time.Duration, error) {
	work, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	start := s.cfg.Now()
	done, err := engine.Infer(work, p)
	took := s.cfg.Now().Sub(start)
	switch {
	case err == nil, ctx.Err() != nil:
		return done, took, err
	case errors.Is(err, context.DeadlineExceeded):
		return done, took, web.Fail(http.StatusGatewayTimeout, contract.EngineTimeout,
			"the model did not answer within "+s.cfg.Timeout.String())
	}
	return done, took, web.Fail(http.StatusInternalServerError, contract.EngineFailed, "the model gave up").Because(err)
}
