package gguf

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/web"
)

func config() Config {
	return Config{Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

// handler puts a server into the rooms that cmd/afirgen puts it into.
func handler(t *testing.T, s *Server) (http.Handler, *tracetest.Collector) {
	t.Helper()
	c := tracetest.Start(t)
	drain := &web.Drain{}
	return web.Handler(web.Config{
		Routes: web.Routes(append(s.Routes(), web.Probes(drain, s.Ready)...)...), Tracing: c.Setup(t, contract.GGUF),
		Log: s.cfg.Log, Drain: drain, Now: time.Now, NewID: uuid.NewString, MaxBody: MaxBody,
	}), c
}

func post(t *testing.T, h http.Handler, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest("POST", "/inference", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("the answer %q is no JSON: %v", w.Body, err)
	}
	return w.Code, answer
}

func TestAnInferenceIsAnsweredAndTraced(t *testing.T) {
	h, collector := handler(t, New(config()))
	status, answer := post(t, h, `{"model_name":"summariser","prompt":"My bag was stolen by Meera Kulkarni. It rained.","max_tokens":50,"temperature":0.1}`)
	if status != 200 || answer["result"] == "" || answer["engine"] != "rules" || answer["model_name"] != Summariser || answer["finish_reason"] != "stop" {
		t.Fatalf("%d %v", status, answer)
	}
	usage, ok := answer["usage"].(map[string]any)
	if !ok || usage["prompt_tokens"] != 11.0 || usage["tokenizer"] != TokenizerName {
		t.Errorf("usage is %v", usage)
	}
	d := collector.Await(t, contract.GGUF)
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: "/inference", contract.Operation: contract.OperationInference, contract.ModelName: Summariser,
		contract.MaxTokens: 50.0, contract.PromptLength: 47.0, contract.PromptTokens: 11.0, contract.StatusCode: 200.0,
		contract.CompletionTokens: usage["completion_tokens"], contract.DurationMS: nil, contract.QueueWaitMS: nil, contract.Success: true,
	})
	if raw := collector.Raw(); bytes.Contains(raw, []byte("Kulkarni")) || bytes.Contains(raw, []byte("stolen")) {
		t.Errorf("the prompt is in the trace: %s", raw)
	}
}

func TestWhatIsWrongWithARequestIsSaid(t *testing.T) {
	h, collector := handler(t, New(config()))
	for _, c := range []struct {
		title, body string
		status      int
		kind        contract.ErrorType
	}{
		{"a model that is none", `{"model_name":"Meera","prompt":"x"}`, 404, contract.InvalidModel},
		{"no model", `{"prompt":"x"}`, 404, contract.InvalidModel},
		{"a model without weights", `{"model_name":"bns_check","prompt":"x"}`, 503, contract.ModelUnavailable},
		{"the other model without weights", `{"model_name":"fir_summariser","prompt":"x"}`, 503, contract.ModelUnavailable},
		{"an empty prompt", `{"model_name":"summariser","prompt":" \n"}`, 422, contract.InvalidRequest},
		{"no tokens", `{"model_name":"summariser","prompt":"x","max_tokens":0}`, 422, contract.InvalidRequest},
		{"too many tokens", `{"model_name":"summariser","prompt":"x","max_tokens":2049}`, 422, contract.InvalidRequest},
		{"tokens that are no number", `{"model_name":"summariser","prompt":"x","max_tokens":"ten"}`, 422, contract.InvalidRequest},
		{"half a token", `{"model_name":"summariser","prompt":"x","max_tokens":1.5}`, 422, contract.InvalidRequest},
		{"too hot", `{"model_name":"summariser","prompt":"x","temperature":2.1}`, 422, contract.InvalidRequest},
		{"below zero", `{"model_name":"summariser","prompt":"x","temperature":-0.1}`, 422, contract.InvalidRequest},
		{"an empty stop word", `{"model_name":"summariser","prompt":"x","stop":[""]}`, 422, contract.InvalidRequest},
		{"too long a prompt", `{"model_name":"summariser","prompt":"` + strings.Repeat("क", MaxPrompt+1) + `"}`, 413, contract.TextTooLong},
		{"too large a body", `{"model_name":"summariser","prompt":"` + strings.Repeat("x", MaxBody) + `"}`, 413, contract.TooLarge},
		{"no JSON", `model_name=summariser`, 400, contract.InvalidRequest},
	} {
		t.Run(c.title, func(t *testing.T) {
			status, answer := post(t, h, c.body)
			if status != c.status || answer["error_type"] != string(c.kind) || answer["detail"] == "" {
				t.Errorf("%d %v, want %d %s", status, answer, c.status, c.kind)
			}
		})
	}
	collector.Await(t, contract.GGUF, func(d tracetest.Document) bool {
		return d.Annotations[contract.ErrorKind] == string(contract.ModelUnavailable) && d.Fault
	})
	if bytes.Contains(collector.Raw(), []byte("Meera")) {
		t.Error("a model name that is none is in the trace")
	}
}

// held is an engine that works until it is let go.
type held struct{ letGo chan struct{} }

func (held) Name() string { return "held" }

func (e held) Infer(ctx context.Context, _ Prompt) (Completion, error) {
	select {
	case <-e.letGo:
		return Completion{Text: "done", Finish: FinishStop}, nil
	case <-ctx.Done():
		return Completion{}, ctx.Err()
	}
}

func TestWhenWorkersAndQueueAreFullTheNextIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		engine := held{make(chan struct{})}
		cfg.Engine, cfg.Workers, cfg.Queue = engine, 1, 1
		s := New(cfg)
		answers := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := s.run(t.Context(), engine, Prompt{})
				answers <- err
			}()
		}
		synctest.Wait()
		_, err := s.run(t.Context(), engine, Prompt{})
		if e := web.AsError(err); err == nil || e.Status != 503 || e.Kind != contract.Overloaded || e.RetryAfter == 0 {
			t.Errorf("the third got %v", err)
		}
		close(engine.letGo)
		for range 2 {
			if err := <-answers; err != nil {
				t.Errorf("one of the first two got %v", err)
			}
		}
	})
}

func TestACallerWhoGoesEndsTheInference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Engine = held{make(chan struct{})}
		s := New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() {
			_, err := s.run(ctx, cfg.Engine, Prompt{})
			answer <- err
		}()
		synctest.Wait()
		cancel()
		if e := web.AsError(<-answer); e.Kind != contract.ClientCancelled {
			t.Errorf("got %v", e)
		}
		if state := s.gate.State(); state.Running != 0 {
			t.Errorf("the worker is still taken: %+v", state)
		}
	})
}

func TestAnEngineThatIsTooSlowIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Engine, cfg.Timeout = held{make(chan struct{})}, time.Minute
		_, err := New(cfg).run(t.Context(), cfg.Engine, Prompt{})
		if e := web.AsError(err); e.Status != 504 || e.Kind != contract.EngineTimeout {
			t.Errorf("got %v", err)
		}
	})
}

func TestHealthSaysWhatIsMissing(t *testing.T) {
	h, _ := handler(t, New(config()))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/health", nil))
	var body healthBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if w.Code != 200 || body.Status != web.Degraded || !body.Models[Summariser] || body.Models[BNSCheck] || body.Engine != "rules" {
		t.Errorf("%d %+v", w.Code, body)
	}
}

func TestModelFilesThatAreNotUsedAreNamedInTheLog(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "complaint.gguf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cfg := config()
	cfg.Log, cfg.ModelDir = slog.New(slog.NewTextHandler(&log, nil)), dir
	New(cfg)
	if !strings.Contains(log.String(), "no GGUF engine") || !strings.Contains(log.String(), "files=1") {
		t.Errorf("the log says %s", log.String())
	}
}
