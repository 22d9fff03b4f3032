package gguf

import (
	"context"
	"strings"
	"sync"

	"github.com/roentgen/roentgen/afirgen/gguf/cut"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/prompt"
)

// Rules answers without a language model, each model's prompts in its own way; see the functions summary, verdict and
// narrative. It never writes a word about what happened that the complaint does not have.
type Rules struct {
	splitter
	stopWords, cues map[string]bool
	formulas        []string
	notes           noteWords
	law             func() (*kb.Base, error)
}

// NewRules makes the rules. The knowledge base is loaded when a section is first asked about.
func NewRules() *Rules {
	return &Rules{
		splitter: newSplitter(), stopWords: setOf(stopWordList), cues: setOf(cueList),
		formulas: strings.Split(formulaList, "|"), notes: newNoteWords(),
		law: sync.OnceValues(func() (*kb.Base, error) { return kb.Load(kb.Files()) }),
	}
}

// Engine returns the rules for a model.
func (e *Rules) Engine(model string) Engine {
	switch model {
	case BNSCheck:
		return ruled{e.verdict}
	case FIRSummariser:
		return ruled{e.narrative}
	}
	return ruled{e.summary}
}

// ruled is the rules for one model.
type ruled struct {
	answer func(ctx context.Context, asked prompt.Prompt, maxTokens int) (string, Finish, error)
}

// Name implements Engine.
func (ruled) Name() string { return EngineRules }

// State implements Engine: the rules need nothing but themselves.
func (ruled) State() State { return State{Ready: true} }

// Infer implements Engine. A text that is no prompt of package prompt is the complaint itself. The whole answer is
// emitted at once.
func (r ruled) Infer(ctx context.Context, req Prompt, emit func(string) error) (Completion, error) {
	done := Completion{Usage: usage(CountTokens(req.Text), 0, TokenizerName)}
	asked, parsed := prompt.Parse(req.Text)
	if !parsed {
		asked = prompt.Prompt{Text: req.Text}
	}
	if strings.TrimSpace(asked.Text) == "" {
		return done, invalid("the prompt holds no complaint")
	}
	text, finish, err := r.answer(ctx, asked, req.MaxTokens)
	if err != nil {
		return done, err
	}
	out := cut.New(req.Stop)
	if _, stopped := out.Write(text); stopped {
		finish = FinishStop
	}
	out.Close()
	done.Text, done.Finish = out.Text(), finish
	done.Usage = usage(done.Usage.PromptTokens, CountTokens(done.Text), TokenizerName)
	return done, emit(done.Text)
}
