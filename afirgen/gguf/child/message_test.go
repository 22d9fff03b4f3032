package child

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// golden is a conversation as docs/protocol/model-pipe.md has it.
const golden = "testdata/conversation.jsonl"

func conversation() []any {
	return []any{
		Event{Kind: Ready, Protocol: Protocol, Info: &Info{Architecture: "llama", Parameters: 104576, Context: 512, Vocabulary: 300, Framing: "inst", SIMD: "AVX2, FMA"}},
		Request{ID: 1, Op: OpInfer, Text: "मेरा बैग चोरी हुआ <1>\n", MaxTokens: 3, Temperature: 0.2, Stop: []string{"\n"}, Seed: 7},
		Event{ID: 1, Kind: Text, Text: "हाँ"},
		Event{ID: 1, Kind: Done, Finish: "stop", Tokens: Tokens{9, 1}},
		Request{ID: 2, Op: OpInfer, Text: "x", MaxTokens: 600},
		Event{ID: 2, Kind: Failed, Why: TooLong, Reason: "too long", Tokens: Tokens{Prompt: 2}},
		Request{ID: 3, Op: OpInfer, Text: "x", MaxTokens: 9},
		Request{ID: 3, Op: OpCancel},
		Event{ID: 3, Kind: Failed, Why: Cancelled},
		Event{Kind: Refused, Reason: "the file is empty"},
	}
}

func TestMessagesAreTheGoldenOnes(t *testing.T) {
	var got bytes.Buffer
	w := &writer{out: &got}
	for _, message := range conversation() {
		if err := w.send(message); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("%v; written is\n%s", err, got.Bytes())
	}
	for i, line := range strings.Split(strings.TrimSpace(string(want)), "\n") {
		var message any
		if _, isEvent := conversation()[i].(Event); isEvent {
			message, err = newReader[Event](strings.NewReader(line)).next()
		} else {
			message, err = newReader[Request](strings.NewReader(line)).next()
		}
		if err != nil || !reflect.DeepEqual(message, conversation()[i]) {
			t.Errorf("%s is read as %+v, %v", line, message, err)
		}
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	for _, line := range []string{
		"", "null", "[]", "secret", `{"event":"ready"}`, `{"event":"ready","protocol":1,"info":{}}`, `{"event":"text","text":"secret"}`,
		`{"id":1,"event":"done"}`, `{"id":1,"event":"failed","why":"secret"}`, `{"id":1,"event":"refused"}`,
		`{"id":1,"event":"done","finish":"stop","prompt_tokens":-1}`, `{"id":"secret"}`, `{"id":1,"event":"text","text":"` + strings.Repeat("x", MaxLine) + `"}`,
	} {
		if _, err := newReader[Event](strings.NewReader(line + "\n")).next(); err == nil || errors.Is(err, io.EOF) || strings.Contains(err.Error(), "secret") {
			t.Errorf("the event %.60q gives %v", line, err)
		}
	}
	for _, line := range []string{"{}", `{"id":1}`, `{"id":1,"op":"infer"}`, `{"op":"cancel"}`, `{"id":1,"op":"secret"}`} {
		if _, err := newReader[Request](strings.NewReader(line + "\n")).next(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("the request %s gives %v", line, err)
		}
	}
	if err := (&writer{out: io.Discard}).send(Request{Text: strings.Repeat("\x00", MaxLine/6)}); err == nil {
		t.Error("a message that is too long was sent")
	}
}

// Whatever a child writes is read or refused, and what is read can be written again.
func FuzzEvent(f *testing.F) {
	seed, err := os.ReadFile(golden)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte("{\"id\":1,\"event\":\"text\",\"text\":\"\\ud800\"}\nnull\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		events := newReader[Event](bytes.NewReader(data))
		for range 100 {
			e, err := events.next()
			if err != nil {
				return
			}
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("%+v cannot be written: %v", e, err)
			}
			again, err := newReader[Event](bytes.NewReader(line)).next()
			if err != nil || !reflect.DeepEqual(again, e) {
				t.Fatalf("%+v read, written and read again is %+v, %v", e, again, err)
			}
		}
	})
}

// quick is an engine for FuzzServe.
type quick struct{}

func (quick) Infer(ctx context.Context, _ Request, emit func(string) error) (string, Tokens, error) {
	return "stop", Tokens{1, 1}, errors.Join(ctx.Err(), emit("x"))
}

// Whatever a parent writes, the child ends when it has ended, and answers nothing that is no event.
func FuzzServe(f *testing.F) {
	f.Add([]byte("{\"id\":1,\"op\":\"infer\",\"max_tokens\":1}\n{\"id\":1,\"op\":\"cancel\"}\n"))
	f.Add([]byte("{\"id\":1,\"op\":\"infer\",\"max_tokens\":1}\n{\"id\":1,\"op\":\"infer\",\"max_tokens\":1}\nx"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		_ = Serve(bytes.NewReader(data), &out, func() (Engine, Info, error) { return quick{}, Info{Context: 1}, nil })
		events := newReader[Event](&out)
		for {
			_, err := events.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPausesGrowAndAreForgotten(t *testing.T) {
	var b backoff
	for _, want := range []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		if got := b.next(time.Second); got != want {
			t.Errorf("the pause is %s, want %s", got, want)
		}
	}
	if got := b.next(steadyTime); got != firstPause {
		t.Errorf("after a long life the pause is %s", got)
	}
}
