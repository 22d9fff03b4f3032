package gguf

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// event is a server-sent event as it came.
type event struct{ name, data string }

// streamed asks for a stream over a real connection and returns its events one by one.
func streamed(t *testing.T, ctx context.Context, h http.Handler, body string) (*http.Response, func() (event, bool)) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(ctx, "POST", server.URL+"/inference", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	return resp, func() (e event, ok bool) {
		for lines.Scan() {
			switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				return e, true
			}
		}
		return e, false
	}
}

func TestAnAnswerIsStreamed(t *testing.T) {
	s, _, engine := holding(func(*Config) {})
	h, collector := handler(t, s)
	resp, next := streamed(t, t.Context(), h, `{"model_name":"summariser","prompt":"चोरी हुई","stream":true}`)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" || resp.Header.Get("X-Amzn-Trace-Id") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if e, _ := next(); e != (event{"", `{"text":"so"}`}) {
		t.Errorf("the first event is %+v", e)
	}
	close(engine.letGo) // only now: the first event came while the engine worked
	if e, _ := next(); e != (event{"", `{"text":" done"}`}) {
		t.Errorf("the second event is %+v", e)
	}
	e, _ := next()
	var answer inferenceResponse
	if err := json.Unmarshal([]byte(e.data), &answer); err != nil || e.name != "done" || answer.Result != "so done" || answer.Engine != "held" ||
		answer.FinishReason != FinishStop || answer.Usage.TotalTokens != 9 || answer.ModelName != Summariser {
		t.Errorf("the last event is %+v, %v", e, err)
	}
	if e, more := next(); more {
		t.Errorf("after the last comes %+v", e)
	}
	collector.Await(t, contract.GGUF).WantAnnotations(t, map[string]any{
		contract.Streamed: true, contract.Success: true, contract.PromptTokens: 7.0, contract.CompletionTokens: 2.0,
		contract.StatusCode: 200.0, contract.DurationMS: nil, contract.QueueWaitMS: nil, contract.PromptLength: 8.0,
	})
}

func TestAReaderWhoGoesEndsTheStreamedInference(t *testing.T) {
	s, m, _ := holding(func(*Config) {})
	h, collector := handler(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	_, next := streamed(t, ctx, h, `{"model_name":"summariser","prompt":"x","stream":true}`)
	if e, ok := next(); !ok {
		t.Fatalf("no event but %+v", e)
	}
	cancel()
	d := collector.Await(t, contract.GGUF)
	d.WantAnnotations(t, map[string]any{
		contract.Success: false, contract.HasError: true, contract.ErrorKind: string(contract.ClientCancelled), contract.Streamed: true,
		contract.PromptTokens: 7.0, contract.CompletionTokens: 1.0,
	})
	if state := m.gate.State(); state.Running != 0 {
		t.Errorf("the worker is still taken: %+v", state)
	}
}

// failing says a word and gives up.
type failing struct{ held }

func (failing) Infer(_ context.Context, _ Prompt, emit func(string) error) (Completion, error) {
	return Completion{}, errors.Join(emit("so"), errors.New("out of order"))
}

func TestAStreamThatFailsInItsMidstSaysSo(t *testing.T) {
	cfg := config()
	cfg.Engines = map[string]Engine{Summariser: failing{}}
	h, collector := handler(t, New(cfg))
	_, next := streamed(t, t.Context(), h, `{"model_name":"summariser","prompt":"x","stream":true}`)
	if e, _ := next(); e != (event{"", `{"text":"so"}`}) {
		t.Errorf("the first event is %+v", e)
	}
	if e, _ := next(); e != (event{"error", `{"detail":"the model gave up","error_type":"engine_failed"}`}) {
		t.Errorf("the second event is %+v", e)
	}
	if e, more := next(); more {
		t.Errorf("after the error comes %+v", e)
	}
	d := collector.Await(t, contract.GGUF, func(tracetest.Document) bool { return true })
	d.WantAnnotations(t, map[string]any{contract.Success: false, contract.ErrorKind: string(contract.EngineFailed), contract.StatusCode: 200.0})
}

func TestTheRulesStreamToo(t *testing.T) {
	h, _ := handler(t, New(config()))
	_, next := streamed(t, t.Context(), h, `{"model_name":"summariser","prompt":"My bag was stolen.","stream":true}`)
	if e, _ := next(); e != (event{"", `{"text":"My bag was stolen."}`}) {
		t.Errorf("the first event is %+v", e)
	}
	if e, _ := next(); e.name != "done" {
		t.Errorf("the second event is %+v", e)
	}
}
