package gguf

import (
	"context"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
)

// Names of engines, as answers, /health and traces have them.
const (
	EngineRules  = "rules"
	EngineGGML   = "ggml"   // a GGUF file in a process of its own
	EngineOpenAI = "openai" // an OpenAI-style endpoint
)

// Engine turns a prompt into a text. Infer may be called from several goroutines at once and returns the context's
// error soon after that has ended. It hands each piece of the text that is certain to emit; the pieces make the whole,
// and an error of emit ends the inference. Errors that are *web.Error are answered as they are. Usage counts what was
// done also when there is an error.
type Engine interface {
	Name() string
	State() State
	Infer(ctx context.Context, req Prompt, emit func(text string) error) (Completion, error)
}

// Runner is an Engine with work of its own. Run blocks until ctx ends.
type Runner interface {
	Run(ctx context.Context) error
}

// State is what an engine knows of itself.
type State struct {
	Ready    bool        `json:"ready"`
	Loading  bool        `json:"loading"`          // for the first time
	Reason   string      `json:"reason,omitempty"` // why it is not ready
	Source   string      `json:"source,omitempty"` // the file's name, or the endpoint and the model there
	Model    *child.Info `json:"model,omitempty"`
	Restarts int         `json:"restarts,omitempty"`
}

// Prompt is what an engine is asked.
type Prompt struct {
	Text      string
	MaxTokens int      // of the completion, by the engine's tokenizer; above 0
	Stop      []string // the completion ends before the first of these
	// Temperature, 0 to 2. The rules are deterministic at every temperature.
	Temperature float64
}

// Completion is what an engine answers.
type Completion struct {
	Text   string // may be empty
	Finish Finish
	Usage  Usage
}

// Finish says why a completion ended.
type Finish string

// The reasons: it was complete or met a stop word; or it met MaxTokens.
const (
	FinishStop   Finish = "stop"
	FinishLength Finish = "length"
)

// Usage counts tokens by the rule that Tokenizer names.
type Usage struct {
	PromptTokens     int    `json:"prompt_tokens"`
	CompletionTokens int    `json:"completion_tokens"`
	TotalTokens      int    `json:"total_tokens"`
	Tokenizer        string `json:"tokenizer"`
}

// Tokenizers beside TokenizerName, which is ours.
const (
	TokenizerOfFile     = "gguf"     // the model file's own
	TokenizerOfEndpoint = "endpoint" // whatever the endpoint counts by
)

func usage(prompt, completion int, tokenizer string) Usage {
	return Usage{prompt, completion, prompt + completion, tokenizer}
}
