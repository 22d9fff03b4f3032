package gguf

import "context"

// Engine turns a prompt into a text. Infer may be called from several goroutines at once and returns the context's
// error soon after that has ended.
type Engine interface {
	Name() string
	Infer(ctx context.Context, req Prompt) (Completion, error)
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
