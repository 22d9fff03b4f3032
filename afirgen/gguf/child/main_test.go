package child_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
)

// TestMain makes this binary a child when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(play(os.Args[2]))
	}
	goleak.VerifyTestMain(m)
}

// play is a child with a fake engine, or none.
func play(role string) int {
	load := func() (child.Engine, child.Info, error) {
		return parrot{}, child.Info{Architecture: "parrot", Context: 100, Vocabulary: 2}, nil
	}
	switch role {
	case "refuses":
		load = func() (child.Engine, child.Info, error) { return nil, child.Info{}, errors.New("the file is\nempty") }
	case "panics":
		load = func() (child.Engine, child.Info, error) { panic("no such tensor") }
	case "asserts":
		fmt.Fprintln(os.Stderr, "said before\nggml.c:123: GGML_ASSERT(a->ne[0] == b->ne[0]) failed")
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
	case "babbles":
		fmt.Println(`{"event":"what"}`)
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
	case "is of another version":
		fmt.Println(`{"event":"ready","protocol":2,"info":{"context":1}}`)
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
	case "is silent":
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
	case "leaves":
		return 3
	}
	if child.Serve(os.Stdin, os.Stdout, load) != nil {
		return 1
	}
	return 0
}

// parrot says the words of the prompt, or does what the prompt says.
type parrot struct{}

func (parrot) Infer(ctx context.Context, req child.Request, emit func(string) error) (string, child.Tokens, error) {
	words := strings.Fields(req.Text)
	tokens := child.Tokens{Prompt: len(words)}
	switch req.Text {
	case "wait":
		_ = emit("waiting")
		<-ctx.Done()
		return "", tokens, ctx.Err()
	case "hang":
		_ = emit("hanging")
		select {} // deaf, as C code is
	case "panic":
		panic("said: " + req.Text)
	case "break":
		return "", tokens, errors.New("no number")
	case "flood":
		for range 200 {
			_ = emit("x")
		}
	}
	if len(words)+req.MaxTokens > 100 {
		return "", tokens, &child.TooLongError{Prompt: len(words), MaxTokens: req.MaxTokens, Context: 100}
	}
	for _, word := range words {
		if tokens.Completion == req.MaxTokens {
			return "length", tokens, nil
		}
		if err := emit(word + " "); err != nil {
			return "", tokens, err
		}
		tokens.Completion++
	}
	return "stop", tokens, nil
}
