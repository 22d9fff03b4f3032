package ggml_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/ggml"
	"github.com/roentgen/roentgen/afirgen/gguf/tinymodel"
)

// TestMain makes this binary a model's process when it is started as one, as cmd/afirgen does.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "gguf-model" {
		workers, _ := strconv.Atoi(os.Args[4])
		err := child.Serve(os.Stdin, os.Stdout, func() (child.Engine, child.Info, error) {
			return ggml.Load(ggml.Config{File: os.Args[2], Framing: os.Args[3], Context: 2048, Workers: workers, Threads: 1})
		})
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// written is the path of a tiny model.
func written(t testing.TB, s tinymodel.Shape) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.gguf")
	if err := tinymodel.Write(path, s); err != nil {
		t.Fatal(err)
	}
	return path
}

// running is a model in a process of its own. next lets a dead one be started again.
type running struct {
	*child.Model
	next chan<- time.Time

	mu      sync.Mutex
	command *exec.Cmd // the last that was made
}

func run(t testing.TB, file, framing string, workers int, grace time.Duration) *running {
	t.Helper()
	next := make(chan time.Time)
	r := &running{next: next}
	r.Model = child.New(child.Config{
		Command: func() *exec.Cmd {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.command = exec.Command(os.Args[0], "gguf-model", file, framing, strconv.Itoa(workers))
			r.command.Env = append(os.Environ(), "GGML_NO_BACKTRACE=1")
			return r.command
		},
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Grace: grace,
		After: func(time.Duration) <-chan time.Time { return next },
	})
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return r
}

// pid is the process that is up.
func (r *running) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.command.Process.Pid
}

func until(t testing.TB, r *running, phase child.Phase) child.State {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // the pause of a poll
		if s := r.State(); s.Phase == phase {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute it is not %s but %+v", phase, r.State())
		}
	}
}

func ask(ctx context.Context, r *running, req child.Request) (text, finish string, tokens child.Tokens, err error) {
	finish, tokens, err = r.Infer(ctx, req, func(piece string) error {
		text += piece
		return nil
	})
	return text, finish, tokens, err
}
