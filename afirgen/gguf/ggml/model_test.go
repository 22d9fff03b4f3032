package ggml_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/tinymodel"
)

const patient = time.Minute

func TestAModelIsComputed(t *testing.T) {
	file := written(t, tinymodel.Shape{})
	r := run(t, file, "", 1, patient)
	s := until(t, r, child.Up)
	if s.Info.Architecture != "llama" || s.Info.Context != 2048 || s.Info.Vocabulary != 320 || s.Info.Framing != "inst" || s.Info.SIMD == "" {
		t.Errorf("it says %+v", s.Info)
	}
	req := child.Request{Text: "My bag was stolen. मेरा बैग चोरी हुआ।", MaxTokens: 20}
	text, finish, tokens, err := ask(t.Context(), r, req)
	if err != nil || text == "" || !utf8.ValidString(text) || finish != "length" || tokens.Completion != 20 {
		t.Fatalf("%q, %s, %+v, %v", text, finish, tokens, err)
	}
	// No made-up word is in it, so each byte is a token; around it stand <s>, [INST] and [/INST].
	if tokens.Prompt < len(req.Text)-strings.Count(req.Text, " ") {
		t.Errorf("the prompt of %d bytes has %d tokens", len(req.Text), tokens.Prompt)
	}
	again, _, _, err := ask(t.Context(), r, req)
	if err != nil || again != text {
		t.Errorf("at temperature 0 the second answer is %q, %v; the first was %q", again, err, text)
	}
	if other, _, _, err := ask(t.Context(), r, child.Request{Text: "Another prompt", MaxTokens: 20}); err != nil || other == text {
		t.Errorf("another prompt gets %q, %v", other, err)
	}
}

// Two answers that are computed token by token in turns are those that each would be alone.
func TestAnswersDoNotMix(t *testing.T) {
	file := written(t, tinymodel.Shape{})
	r := run(t, file, "", 3, patient)
	until(t, r, child.Up)
	prompts := []string{"one bag", "two men", "three days ago", "four", strings.Repeat("a long complaint ", 20)}
	alone := make([]string, len(prompts))
	for i, p := range prompts {
		var err error
		if alone[i], _, _, err = ask(t.Context(), r, child.Request{Text: p, MaxTokens: 40}); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for i, p := range prompts {
		wait.Go(func() {
			if text, _, _, err := ask(t.Context(), r, child.Request{Text: p, MaxTokens: 40}); err != nil || text != alone[i] {
				t.Errorf("%.20q gets %q, %v together and %q alone", p, text, err, alone[i])
			}
		})
	}
	wait.Wait()
}

func TestChanceIsTheCallers(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "plain", 1, patient)
	until(t, r, child.Up)
	say := func(seed uint64) string {
		text, _, _, err := ask(t.Context(), r, child.Request{Text: "x", MaxTokens: 30, Temperature: 1, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if one := say(1); one != say(1) || one == say(2) {
		t.Error("answers do not follow the seed")
	}
}

func TestAStopStringEndsTheAnswer(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "", 1, patient)
	until(t, r, child.Up)
	whole, _, _, err := ask(t.Context(), r, child.Request{Text: "hello", MaxTokens: 30})
	if err != nil {
		t.Fatal(err)
	}
	stop := regexp.MustCompile(`[a-z0-9]{2}`).FindString(whole[len(whole)/2:])
	if stop == "" {
		t.Fatalf("%q has no letters to stop at", whole)
	}
	text, finish, tokens, err := ask(t.Context(), r, child.Request{Text: "hello", MaxTokens: 30, Stop: []string{stop}})
	if want, _, _ := strings.Cut(whole, stop); err != nil || text != strings.TrimSpace(want) || finish != "stop" || tokens.Completion >= 30 {
		t.Errorf("%q, %s, %+v, %v; the whole is %q, the stop %q", text, finish, tokens, err, whole, stop)
	}
}

func TestARequestThatTheContextDoesNotHoldIsRefused(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{Context: 512}), "", 1, patient)
	if s := until(t, r, child.Up); s.Info.Context != 512 {
		t.Errorf("the context is %d", s.Info.Context)
	}
	for _, req := range []child.Request{{Text: strings.Repeat("x ", 600), MaxTokens: 1}, {Text: "x", MaxTokens: 512}} {
		var tooLong *child.TooLongError
		if _, _, _, err := ask(t.Context(), r, req); !errors.As(err, &tooLong) || tooLong.Context != 512 || tooLong.Prompt < 3 {
			t.Errorf("got %v", err)
		}
	}
	// The whole of the context can be used, again and again.
	for range 2 {
		text := strings.Repeat("x", 300)
		_, _, tokens, err := ask(t.Context(), r, child.Request{Text: text, MaxTokens: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := ask(t.Context(), r, child.Request{Text: text, MaxTokens: 512 - tokens.Prompt}); err != nil {
			t.Error(err)
		}
	}
}

// What a person writes must not end the instruction: a marker in it is read as the letters that it is.
func TestMarkersInAPromptAreLetters(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "plain", 1, patient)
	until(t, r, child.Up)
	_, _, tokens, err := ask(t.Context(), r, child.Request{Text: "a</s><s>b</s>", MaxTokens: 1})
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Prompt != 14 { // <s> and 13 letters
		t.Errorf("the prompt has %d tokens", tokens.Prompt)
	}
}

func TestFramingsAreFoundInTheTemplate(t *testing.T) {
	for template, want := range map[string]string{
		"":                                        "inst",
		"{{ '[INST] ' + m + ' [/INST]' }}":        "inst",
		"{{ '<|im_start|>' + role }}":             "chatml",
		"{{ '<|start_header_id|>' + role }}":      "llama3",
		"{{ '<start_of_turn>' + role }}":          "gemma",
		"{{ '<|user|>' + m + '<|assistant|>' }}":  "markers",
		"{{ 'USER: ' + m + ' ASSISTANT: ' + x }}": "plain",
	} {
		r := run(t, written(t, tinymodel.Shape{Template: template}), "", 1, patient)
		if s := until(t, r, child.Up); s.Info.Framing != want {
			t.Errorf("%q gives %s, want %s", template, s.Info.Framing, want)
		}
	}
}

// damaged is a copy of a model that was changed.
func damaged(t *testing.T, s tinymodel.Shape, change func([]byte) []byte) string {
	t.Helper()
	data, err := os.ReadFile(written(t, s))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.gguf")
	if err := os.WriteFile(path, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABrokenFileIsRefusedWithItsReason(t *testing.T) {
	same := func(data []byte) []byte { return data }
	for _, c := range []struct {
		title, want string
		shape       tinymodel.Shape
		change      func([]byte) []byte
	}{
		{"no bytes", "reading the file as GGUF", tinymodel.Shape{}, func([]byte) []byte { return nil }},
		{"wrong magic", "reading the file as GGUF", tinymodel.Shape{}, func(d []byte) []byte { return append([]byte("ELF!"), d[4:]...) }},
		{"cut in its header", "reading the file as GGUF", tinymodel.Shape{}, func(d []byte) []byte { return d[:1000] }},
		{"cut in its weights", "exceeds file size", tinymodel.Shape{}, func(d []byte) []byte { return d[:len(d)-100_000] }},
		{"a shape that asserts", "GGML_ASSERT(", tinymodel.Shape{Broken: "blk.0.attn_q.weight"}, same},
		{"a shape that asserts elsewhere", "GGML_ASSERT(", tinymodel.Shape{Broken: "blk.1.ffn_up.weight"}, same},
		{"weights that are no numbers", "the file may be damaged", tinymodel.Shape{}, func(d []byte) []byte {
			for i := len(d) - 100_000; i+4 <= len(d); i += 4 {
				binary.LittleEndian.PutUint32(d[i:], 0x7fc00000)
			}
			return d
		}},
		{"another architecture", "making the model: model not supported", tinymodel.Shape{}, func(d []byte) []byte {
			return []byte(strings.ReplaceAll(string(d), "llama", "lemma"))
		}},
		{"a header that promises too much", "", tinymodel.Shape{}, func(d []byte) []byte {
			binary.LittleEndian.PutUint64(d[16:], 1<<40)
			return d
		}},
	} {
		t.Run(c.title, func(t *testing.T) {
			file := damaged(t, c.shape, c.change)
			r := run(t, file, "", 1, patient)
			s := until(t, r, child.Down)
			if s.Reason == "" || !strings.Contains(s.Reason, c.want) || strings.Contains(s.Reason, file) {
				t.Errorf("the reason is %q, want %q in it", s.Reason, c.want)
			}
			// Somebody mends the file.
			if err := tinymodel.Write(file, tinymodel.Shape{}); err != nil {
				t.Fatal(err)
			}
			r.next <- time.Time{}
			until(t, r, child.Up)
		})
	}
}

func TestAMissingFileIsSaid(t *testing.T) {
	r := run(t, filepath.Join(t.TempDir(), "none.gguf"), "", 1, patient)
	if s := until(t, r, child.Down); s.Reason != "opening the file: no such file or directory" {
		t.Errorf("the reason is %q", s.Reason)
	}
}

// talking is an inference that has begun, and what it will come to.
func talking(ctx context.Context, r *running) (begun <-chan struct{}, answer <-chan error) {
	b, a := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		_, _, err := r.Infer(ctx, child.Request{Text: "talk", MaxTokens: 2000}, func(string) error {
			select {
			case b <- struct{}{}:
			default:
			}
			return nil
		})
		a <- err
	}()
	return b, a
}

func TestACancelStopsTheComputingAtTheNextToken(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "", 1, patient)
	until(t, r, child.Up)
	ctx, cancel := context.WithCancel(t.Context())
	begun, answer := talking(ctx, r)
	<-begun
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s := r.State(); s.Phase != child.Up || s.Restarts != 0 {
		t.Errorf("it is %+v", s)
	}
	// The only worker is free again.
	if _, _, _, err := ask(t.Context(), r, child.Request{Text: "hello", MaxTokens: 5}); err != nil {
		t.Error(err)
	}
}

func TestAProcessThatIsKilledIsStartedAgain(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "", 1, patient)
	until(t, r, child.Up)
	begun, answer := talking(t.Context(), r)
	<-begun
	if err := syscall.Kill(r.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; !errors.Is(err, child.ErrDied) {
		t.Errorf("got %v", err)
	}
	if s := until(t, r, child.Down); !strings.Contains(s.Reason, "killed") {
		t.Errorf("the reason is %q", s.Reason)
	}
	r.next <- time.Time{}
	until(t, r, child.Up)
	if _, _, _, err := ask(t.Context(), r, child.Request{Text: "hello", MaxTokens: 5}); err != nil {
		t.Error(err)
	}
}

// A process that is stopped stands for one that hangs in C code.
func TestAProcessThatHangsIsKilledWhenTheTimeIsOver(t *testing.T) {
	r := run(t, written(t, tinymodel.Shape{}), "", 1, 50*time.Millisecond)
	until(t, r, child.Up)
	ctx, cancel := context.WithCancel(t.Context())
	begun, answer := talking(ctx, r)
	<-begun
	if err := syscall.Kill(r.pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s := until(t, r, child.Down); !strings.Contains(s.Reason, "did not stop within") {
		t.Errorf("the reason is %q", s.Reason)
	}
	r.next <- time.Time{}
	until(t, r, child.Up)
}
