package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/prompt"
	"github.com/roentgen/roentgen/afirgen/upstream"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// inferenceTimeout is how long the model server may take for a text; a check of a section has less.
const inferenceTimeout = time.Minute

// What the models are asked for.
type inferenceRequest struct {
	ModelName   string   `json:"model_name"`
	Prompt      string   `json:"prompt"`
	MaxTokens   int      `json:"max_tokens"`
	Temperature float64  `json:"temperature"`
	Stop        []string `json:"stop,omitempty"`
}

type inference struct {
	Result string     `json:"result"`
	Engine string     `json:"engine"`
	Usage  gguf.Usage `json:"usage"`
}

func (s *Server) summarise(ctx context.Context, job fir.Job) (fir.Action, error) {
	answer, err := s.infer(ctx, inferenceRequest{
		ModelName: gguf.Summariser, MaxTokens: 100, Temperature: 0.1,
		Prompt: prompt.Prompt{Task: prompt.Summary, Text: job.Text, Notes: job.Notes}.String(),
	}, s.patience.inference)
	return fir.Summarised{Summary: answer.Result}, err
}

func (s *Server) narrate(ctx context.Context, job fir.Job) (fir.Action, error) {
	answer, err := s.infer(ctx, inferenceRequest{
		ModelName: gguf.FIRSummariser, MaxTokens: 150, Temperature: 0.2,
		Prompt: prompt.Prompt{Task: prompt.Narrative, Text: job.Text, Notes: job.Notes}.String(),
	}, s.patience.inference)
	return fir.Narrated{Narrative: answer.Result}, err
}

// infer asks a model; each attempt stands in a subsegment model_inference_<model>.
func (s *Server) infer(ctx context.Context, req inferenceRequest, timeout time.Duration) (answer inference, err error) {
	body, err := json.Marshal(req)
	if err != nil {
		return answer, fmt.Errorf("writing the request for %s: %w", contract.GGUF, err)
	}
	leave, err := enter(ctx, s.modelCalls)
	if err != nil {
		return answer, err
	}
	defer leave()
	start := s.cfg.Now()
	err = s.cfg.Models.Post(ctx, upstream.Call{
		Path: "/inference", ContentType: "application/json", Body: body, Timeout: timeout,
		Attempt: func(ctx context.Context, n int, do func(context.Context) error) error {
			_, err := web.Do(ctx, contract.ModelInference(req.ModelName), func(ctx context.Context) (struct{}, error) {
				return struct{}{}, attempt(ctx, n, req, &answer, do)
			})
			return err
		},
	}, &answer)
	s.cfg.Meter.infer(req.ModelName, err == nil, s.cfg.Now().Sub(start), answer.Usage.CompletionTokens)
	return answer, err
}

// attempt annotates one attempt with what was asked and what came of it: lengths and counts, never a word.
func attempt(ctx context.Context, n int, req inferenceRequest, answer *inference, do func(context.Context) error) error {
	tracing.Annotate(ctx, contract.ModelName, req.ModelName)
	tracing.Annotate(ctx, contract.MaxTokens, req.MaxTokens)
	tracing.Annotate(ctx, contract.PromptLength, utf8.RuneCountInString(req.Prompt))
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Attempt, n)
	err := do(ctx)
	tracing.Annotate(ctx, contract.Success, err == nil)
	if err != nil {
		noteKind(ctx, err)
		return err
	}
	tracing.Annotate(ctx, contract.PromptTokens, answer.Usage.PromptTokens)
	tracing.Annotate(ctx, contract.CompletionTokens, answer.Usage.CompletionTokens)
	tracing.Metadata(ctx, contract.DebugNamespace, contract.ResponseLength, utf8.RuneCountInString(answer.Result))
	tracing.Metadata(ctx, contract.DebugNamespace, contract.Engine, answer.Engine)
	return nil
}
