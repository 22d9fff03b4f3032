package gguf

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/web"
)

// File is the engine of a GGUF file, which a process of its own computes.
type File struct {
	path   string
	model  *child.Model
	chance func() uint64
}

// NewFile makes the engine of the file. Its process starts with Run. Chance seeds the choice among likely tokens.
func NewFile(path string, cfg child.Config, chance func() uint64) *File {
	return &File{path, child.New(cfg), chance}
}

// Name implements Engine.
func (*File) Name() string { return EngineGGML }

// Run implements Runner.
func (f *File) Run(ctx context.Context) error { return f.model.Run(ctx) }

// State implements Engine. /health is open to everyone, so the source is the file's name without its folders.
func (f *File) State() State {
	s := f.model.State()
	state := State{Ready: s.Phase == child.Up, Loading: s.Phase == child.Loading, Reason: s.Reason, Source: filepath.Base(f.path), Restarts: s.Restarts}
	if s.Info != (child.Info{}) {
		state.Model = &s.Info
	}
	if state.Loading {
		state.Reason = "it is still being loaded"
	}
	return state
}

// Infer implements Engine.
func (f *File) Infer(ctx context.Context, req Prompt, emit func(string) error) (Completion, error) {
	var done Completion
	finish, tokens, err := f.model.Infer(ctx, child.Request{
		Text: req.Text, MaxTokens: req.MaxTokens, Temperature: req.Temperature, Stop: req.Stop, Seed: f.chance(),
	}, func(text string) error {
		done.Text += text
		return emit(text)
	})
	done.Finish, done.Usage = Finish(finish), usage(tokens.Prompt, tokens.Completion, TokenizerOfFile)
	return done, answerable(err)
}

// answerable turns what a child says into an answer.
func answerable(err error) error {
	var unavailable *child.UnavailableError
	var tooLong *child.TooLongError
	switch {
	case errors.As(err, &unavailable):
		return notThere("the model is unavailable: " + unavailable.Reason)
	case errors.Is(err, child.ErrDied):
		return notThere("the model's process died while it worked on the answer: it is being started again")
	case errors.As(err, &tooLong) && tooLong.Prompt >= tooLong.Context:
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong, tooLong.Error()+": shorten the prompt")
	case errors.As(err, &tooLong):
		return invalid(tooLong.Error() + ": shorten the prompt or ask for fewer tokens")
	}
	return err
}

func notThere(detail string) error {
	e := web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable, detail)
	e.RetryAfter = time.Second
	return e
}
