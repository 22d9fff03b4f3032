package gguf

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// withProcess is a server whose bns_check is this binary as a model's process.
func withProcess(t *testing.T) (*Server, func(wait func(State) bool)) {
	t.Helper()
	file := NewFile("models/deaf.gguf", child.Config{
		Command: func() *exec.Cmd { return exec.Command(os.Args[0], "model") },
		Log:     slog.New(slog.DiscardHandler), Now: time.Now, Grace: 50 * time.Millisecond,
		After: func(time.Duration) <-chan time.Time { return time.After(0) }, // no pause before a restart
	}, func() uint64 { return 7 })
	cfg := config()
	cfg.Engines, cfg.Timeout = map[string]Engine{BNSCheck: file}, 200*time.Millisecond
	s := New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return s, func(ok func(State) bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !ok(file.State()); time.Sleep(time.Millisecond) { // the pause of a poll
			if time.Now().After(deadline) {
				t.Fatalf("after a minute the model is %+v", file.State())
			}
		}
	}
}

func TestAModelThatHangsOrDiesCostsOneAnswer(t *testing.T) {
	s, until := withProcess(t)
	h, collector := handler(t, s)
	for restarts, c := range []struct {
		prompt string
		status int
		kind   contract.ErrorType
	}{{"hang", 504, contract.EngineTimeout}, {"die", 503, contract.ModelUnavailable}} {
		until(func(s State) bool { return s.Ready && s.Restarts == restarts })
		status, answer := post(t, h, fmt.Sprintf(`{"model_name":"bns_check","prompt":%q,"max_tokens":3}`, c.prompt))
		if status != c.status || answer["error_type"] != string(c.kind) {
			t.Errorf("%s: %d %v", c.prompt, status, answer)
		}
		collector.Await(t, contract.GGUF, func(d tracetest.Document) bool {
			return d.Fault && d.Annotations[contract.ErrorKind] == string(c.kind) && d.Annotations[contract.Success] == false
		})
		until(func(s State) bool { return s.Ready && s.Restarts == restarts+1 })
		if status, answer := post(t, h, `{"model_name":"bns_check","prompt":"x","max_tokens":3}`); status != 200 || answer["result"] != "YES" || answer["engine"] != "ggml" {
			t.Errorf("after the restart: %d %v", status, answer)
		}
	}
}

func TestAContextThatIsTooShortIsSaid(t *testing.T) {
	s, until := withProcess(t)
	until(func(s State) bool { return s.Ready })
	h, collector := handler(t, s)
	for length, want := range map[int]int{100: 413, 98: 422, 97: 200} {
		status, answer := post(t, h, fmt.Sprintf(`{"model_name":"bns_check","prompt":%q,"max_tokens":3}`, strings.Repeat("x", length)))
		if status != want || want != 200 && !strings.Contains(fmt.Sprint(answer["detail"]), "context holds 100") {
			t.Errorf("%d tokens: %d %v, want %d", length, status, answer, want)
		}
	}
	collector.Await(t, contract.GGUF, func(d tracetest.Document) bool {
		return d.Annotations[contract.ErrorKind] == string(contract.TextTooLong) && d.Annotations[contract.PromptTokens] == 100.0
	})
}
