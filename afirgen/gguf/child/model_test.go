package child_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
)

// cast starts a child in that role and stops it with the test. next lets it be started again.
func cast(t *testing.T, role string, change ...func(*child.Config)) (m *child.Model, next chan<- time.Time) {
	t.Helper()
	again := make(chan time.Time)
	cfg := child.Config{
		Command: func() *exec.Cmd { return exec.Command(os.Args[0], "child", role) },
		Log:     slog.New(slog.DiscardHandler), Now: time.Now, Grace: time.Minute,
		After: func(time.Duration) <-chan time.Time { return again },
	}
	for _, f := range change {
		f(&cfg)
	}
	m = child.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = m.Run(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return m, again
}

// until waits for a state.
func until(t *testing.T, m *child.Model, what string, ok func(child.State) bool) child.State {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		state := m.State()
		if ok(state) {
			return state
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute it is not %s but %+v", what, state)
		}
		time.Sleep(time.Millisecond) // the pause of a poll
	}
}

func up(s child.State) bool   { return s.Phase == child.Up }
func down(s child.State) bool { return s.Phase == child.Down }

func ask(ctx context.Context, m *child.Model, text string, maxTokens int, pieces chan<- string) (string, string, child.Tokens, error) {
	var whole strings.Builder
	finish, tokens, err := m.Infer(ctx, child.Request{Text: text, MaxTokens: maxTokens}, func(piece string) error {
		whole.WriteString(piece)
		if pieces != nil {
			pieces <- piece
		}
		return nil
	})
	return whole.String(), finish, tokens, err
}

func TestAChildAnswers(t *testing.T) {
	m, _ := cast(t, "parrot")
	if s := until(t, m, "up", up); s.Info.Architecture != "parrot" || s.Info.Context != 100 {
		t.Errorf("it says %+v", s)
	}
	text, finish, tokens, err := ask(t.Context(), m, "मेरा फ़ोन <b>\x00 gone", 50, nil)
	if err != nil || text != "मेरा फ़ोन <b>\x00 gone " || finish != "stop" || tokens != (child.Tokens{Prompt: 4, Completion: 4}) {
		t.Errorf("%q, %s, %+v, %v", text, finish, tokens, err)
	}
	if text, finish, _, err := ask(t.Context(), m, "one two three", 2, nil); err != nil || text != "one two " || finish != "length" {
		t.Errorf("%q, %s, %v", text, finish, err)
	}
	var tooLong *child.TooLongError
	if _, _, tokens, err := ask(t.Context(), m, "one two", 99, nil); !errors.As(err, &tooLong) || tokens.Prompt != 2 ||
		*tooLong != (child.TooLongError{Prompt: 2, MaxTokens: 99, Context: 100}) {
		t.Errorf("too long a request got %+v, %v", tokens, err)
	}
	var broken *child.BrokenError
	if _, _, _, err := ask(t.Context(), m, "break", 9, nil); !errors.As(err, &broken) || broken.Reason != "no number" {
		t.Errorf("a request that the engine gives up on got %v", err)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	m, _ := cast(t, "parrot")
	until(t, m, "up", up)
	var wait sync.WaitGroup
	for _, word := range strings.Fields("a b c d e f g h") {
		wait.Go(func() {
			want := strings.Repeat(word+" ", 40)
			if text, _, _, err := ask(t.Context(), m, want, 50, nil); err != nil || text != want {
				t.Errorf("%s got %q, %v", word, text, err)
			}
		})
	}
	wait.Wait()
}

func TestACancelReachesTheChildWhichLivesOn(t *testing.T) {
	m, _ := cast(t, "parrot")
	until(t, m, "up", up)
	ctx, cancel := context.WithCancel(t.Context())
	pieces := make(chan string, 1)
	answer := make(chan error, 1)
	go func() {
		_, _, tokens, err := ask(ctx, m, "wait", 9, pieces)
		if tokens.Prompt != 1 {
			err = errors.Join(err, errors.New("the tokens that were read are not counted"))
		}
		answer <- err
	}()
	<-pieces
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
		t.Errorf("got %v", err)
	}
	if s := m.State(); s.Phase != child.Up || s.Restarts != 0 {
		t.Errorf("it is %+v", s)
	}
}

// A listener who gives up ends the inference as a cancel does.
func TestAnErrorOfEmitEndsTheInference(t *testing.T) {
	m, _ := cast(t, "parrot")
	until(t, m, "up", up)
	gone := errors.New("gone")
	_, _, err := m.Infer(t.Context(), child.Request{Text: "wait", MaxTokens: 9}, func(string) error { return gone })
	if !errors.Is(err, gone) || m.State().Phase != child.Up {
		t.Errorf("%v, %+v", err, m.State())
	}
}

func TestAChildThatHangsIsKilledAndStartedAgain(t *testing.T) {
	m, again := cast(t, "parrot", func(cfg *child.Config) { cfg.Grace = 50 * time.Millisecond })
	until(t, m, "up", up)
	ctx, cancel := context.WithCancel(t.Context())
	pieces := make(chan string, 1)
	answer := make(chan error, 1)
	go func() {
		_, _, _, err := ask(ctx, m, "hang", 9, pieces)
		answer <- err
	}()
	<-pieces
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s := until(t, m, "down", down)
	if !strings.Contains(s.Reason, "did not stop within 50ms") {
		t.Errorf("the reason is %q", s.Reason)
	}
	again <- time.Time{}
	until(t, m, "up again", up)
	if text, _, _, err := ask(t.Context(), m, "hello", 9, nil); err != nil || text != "hello " {
		t.Errorf("after the restart: %q, %v", text, err)
	}
}

func TestAChildThatDiesFailsWhoWaitsAndIsStartedAgain(t *testing.T) {
	for title, role := range map[string]string{"it ends itself": "panic", "it says more than it may": "flood"} {
		t.Run(title, func(t *testing.T) {
			m, again := cast(t, "parrot")
			until(t, m, "up", up)
			pieces := make(chan string, 300)
			waiting := make(chan error, 1)
			go func() {
				_, _, _, err := ask(t.Context(), m, "wait", 9, pieces)
				waiting <- err
			}()
			<-pieces
			dead, killer := make(chan struct{}), make(chan error, 1)
			go func() {
				_, _, err := m.Infer(t.Context(), child.Request{Text: role, MaxTokens: 9}, func(string) error {
					<-dead // a listener who is that slow
					return nil
				})
				killer <- err
			}()
			if err := <-waiting; !errors.Is(err, child.ErrDied) {
				t.Errorf("who waited got %v", err)
			}
			until(t, m, "down", down)
			close(dead)
			if err := <-killer; err == nil {
				t.Error("the inference that killed it succeeded")
			}
			var unavailable *child.UnavailableError
			if _, _, _, err := ask(t.Context(), m, "hello", 9, nil); !errors.As(err, &unavailable) {
				t.Errorf("who came then got %v", err)
			}
			again <- time.Time{}
			until(t, m, "up again", up)
		})
	}
}

func TestWhatIsWrongWithAChildIsSaid(t *testing.T) {
	for role, want := range map[string]string{
		"refuses":               "the file is empty",
		"panics":                "the engine cannot use the file: no such tensor",
		"asserts":               "GGML_ASSERT(a->ne[0] == b->ne[0]) failed",
		"babbles":               "it does not keep to the protocol: reading a message: an event of no known kind",
		"is of another version": "it does not keep to the protocol: reading a message: it speaks version 2 of the protocol, not 1",
		"leaves":                "its process has ended: exit status 3",
		"is silent":             "the model was not loaded within 100ms",
	} {
		t.Run(role, func(t *testing.T) {
			m, _ := cast(t, role, func(cfg *child.Config) {
				if role == "is silent" {
					cfg.LoadTimeout = 100 * time.Millisecond
				}
			})
			if s := until(t, m, "down", down); s.Reason != want {
				t.Errorf("the reason is %q, want %q", s.Reason, want)
			}
		})
	}
}

func TestAProgramThatIsNotThereIsSaid(t *testing.T) {
	m, _ := cast(t, "", func(cfg *child.Config) {
		cfg.Command = func() *exec.Cmd { return exec.Command("/nonexistent/afirgen") }
	})
	if s := until(t, m, "down", down); !strings.Contains(s.Reason, "starting the model's process") {
		t.Errorf("the reason is %q", s.Reason)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// What a child prints may hold a prompt.
func TestALogHoldsNoPrompt(t *testing.T) {
	var log lines
	m, again := cast(t, "parrot", func(cfg *child.Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	until(t, m, "up", up)
	if _, _, _, err := ask(t.Context(), m, "panic", 9, nil); err == nil {
		t.Fatal("the child lives")
	}
	until(t, m, "down", down)
	again <- time.Time{} // the line is written by now
	until(t, m, "up", up)
	if strings.Contains(log.String(), "said:") || !strings.Contains(log.String(), "the model is unavailable") {
		t.Errorf("the log says %s", log.String())
	}
}
