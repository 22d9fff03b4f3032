package gguf

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
)

// TestMain makes this binary a model's process when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "model" {
		if child.Serve(os.Stdin, os.Stdout, func() (child.Engine, child.Info, error) {
			return deafModel{}, child.Info{Architecture: "deaf", Context: 100}, nil
		}) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// deafModel hangs when the prompt says so, and nothing reaches it then.
type deafModel struct{}

func (deafModel) Infer(_ context.Context, req child.Request, emit func(string) error) (string, child.Tokens, error) {
	n := len(req.Text)
	switch {
	case req.Text == "hang":
		select {}
	case req.Text == "die":
		os.Exit(3)
	case n+req.MaxTokens > 100:
		return "", child.Tokens{}, &child.TooLongError{Prompt: n, MaxTokens: req.MaxTokens, Context: 100}
	}
	return "stop", child.Tokens{Prompt: n, Completion: 1}, emit("YES")
}
