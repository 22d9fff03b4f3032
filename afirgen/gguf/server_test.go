package gguf

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf/child"
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
	cfg := config()
	cfg.Engines = map[string]Engine{FIRSummariser: broken{}}
	h, collector := handler(t, New(cfg))
	for _, c := range []struct {
		title, body string
		status      int
		kind        contract.ErrorType
	}{
		{"a model that is none", `{"model_name":"Meera","prompt":"x"}`, 404, contract.InvalidModel},
		{"no model", `{"prompt":"x"}`, 404, contract.InvalidModel},
		{"a model that cannot be used", `{"model_name":"fir_summariser","prompt":"x"}`, 503, contract.ModelUnavailable},
		{"the same as a stream", `{"model_name":"fir_summariser","prompt":"x","stream":true}`, 503, contract.ModelUnavailable},
		{"a section that the rules do not know", `{"model_name":"bns_check","prompt":"x"}`, 422, contract.InvalidRequest},
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

// broken is an engine whose file cannot be used.
type broken struct{}

func (broken) Name() string { return EngineGGML }

func (broken) State() State { return State{Reason: "GGML_ASSERT(x) failed", Source: "models/x.gguf"} }

func (broken) Infer(context.Context, Prompt, func(string) error) (Completion, error) {
	return Completion{}, answerable(&child.UnavailableError{Reason: "GGML_ASSERT(x) failed"})
}

// held is an engine that says a word and works until it is let go.
type held struct{ letGo chan struct{} }

func (held) Name() string { return "held" }

func (held) State() State { return State{Ready: true} }

func (e held) Infer(ctx context.Context, _ Prompt, emit func(string) error) (Completion, error) {
	used := usage(7, 1, "words")
	if err := emit("so"); err != nil {
		return Completion{Usage: used}, err
	}
	select {
	case <-e.letGo:
		return Completion{Text: "so done", Finish: FinishStop, Usage: usage(7, 2, "words")}, emit(" done")
	case <-ctx.Done():
		return Completion{Usage: used}, ctx.Err()
	}
}

func deaf(string) error { return nil }

// holding is a server whose summariser is held.
func holding(change func(*Config)) (*Server, *model, held) {
	engine := held{make(chan struct{})}
	cfg := config()
	cfg.Engines = map[string]Engine{Summariser: engine}
	change(&cfg)
	s := New(cfg)
	return s, s.models[Summariser], engine
}

func TestWhenWorkersAndQueueAreFullTheNextIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, engine := holding(func(cfg *Config) { cfg.Workers, cfg.Queue = 1, 1 })
		answers := make(chan inferenceResponse, 2)
		for range 2 {
			go func() {
				answer, err := s.run(t.Context(), m, Prompt{}, deaf)
				if err != nil {
					t.Errorf("one of the first two got %v", err)
				}
				answers <- answer
			}()
		}
		synctest.Wait()
		_, err := s.run(t.Context(), m, Prompt{}, deaf)
		if e := web.AsError(err); err == nil || e.Status != 503 || e.Kind != contract.Overloaded || e.RetryAfter == 0 {
			t.Errorf("the third got %v", err)
		}
		// The other models have queues of their own.
		if _, err := s.run(t.Context(), s.models[FIRSummariser], Prompt{Text: "My bag was stolen.", MaxTokens: 50}, deaf); err != nil {
			t.Errorf("another model got %v", err)
		}
		time.Sleep(3 * time.Second) // of the bubble's clock
		close(engine.letGo)
		if one, other := <-answers, <-answers; one.QueueWaitMS+other.QueueWaitMS != 3000 {
			t.Errorf("they waited %v ms and %v ms", one.QueueWaitMS, other.QueueWaitMS)
		}
	})
}

func TestACallerWhoGoesEndsTheInference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := holding(func(*Config) {})
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() {
			_, err := s.run(ctx, m, Prompt{}, deaf)
			answer <- err
		}()
		synctest.Wait()
		cancel()
		if e := web.AsError(<-answer); e.Kind != contract.ClientCancelled {
			t.Errorf("got %v", e)
		}
		if state := m.gate.State(); state.Running != 0 {
			t.Errorf("the worker is still taken: %+v", state)
		}
	})
}

func TestAnEngineThatIsTooSlowIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := holding(func(cfg *Config) { cfg.Timeout = time.Minute })
		_, err := s.run(t.Context(), m, Prompt{}, deaf)
		if e := web.AsError(err); e.Status != 504 || e.Kind != contract.EngineTimeout {
			t.Errorf("got %v", err)
		}
	})
}

func TestHealthSaysWhichModelsCanBeUsed(t *testing.T) {
	for _, c := range []struct {
		title          string
		engines        map[string]Engine
		code           int
		status, engine string
		ready          bool
	}{
		{"rules alone", nil, 200, web.Healthy, "rules", true},
		{"one broken", map[string]Engine{FIRSummariser: broken{}}, 200, web.Degraded, "ggml+rules", true},
		{"all broken", map[string]Engine{FIRSummariser: broken{}, Summariser: broken{}, BNSCheck: broken{}}, 503, web.Unhealthy, "ggml", false},
		{"one is being loaded", map[string]Engine{Summariser: NewFile("models/none.gguf", child.Config{}, nil)}, 200, web.Degraded, "ggml+rules", false},
	} {
		cfg := config()
		cfg.Engines = c.engines
		s := New(cfg)
		h, _ := handler(t, s)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/health", nil))
		var body healthBody
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.code || body.Status != c.status || body.Engine != c.engine || body.Message == "" || len(body.Engines) != 3 {
			t.Errorf("%s: %d %s", c.title, w.Code, w.Body)
		}
		for name, said := range body.Engines {
			if said.Ready != body.Models[name] || said.Ready == (said.Reason != "") || said.Queue.MaxRunning != 2 {
				t.Errorf("%s: of %s is said %+v", c.title, name, said)
			}
		}
		if err := s.Ready(t.Context()); (err == nil) != c.ready {
			t.Errorf("%s: ready is %v", c.title, err)
		}
	}
}

func TestTheLogSaysWhatWasChosen(t *testing.T) {
	var log bytes.Buffer
	cfg := config()
	cfg.Log, cfg.Engines = slog.New(slog.NewTextHandler(&log, nil)), map[string]Engine{FIRSummariser: broken{}}
	New(cfg)
	for _, want := range []string{"model=summariser engine=rules", "model=bns_check engine=rules", "model=fir_summariser engine=ggml source=models/x.gguf"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in %s", want, log.String())
		}
	}
}

// Each way that an inference can go says the same things about itself.
func TestEveryPathIsAnnotated(t *testing.T) {
	cfg := config()
	cfg.Engines = map[string]Engine{FIRSummariser: broken{}}
	h, collector := handler(t, New(cfg))
	post(t, h, `{"model_name":"fir_summariser","prompt":"चोरी","max_tokens":9}`)
	post(t, h, `{"model_name":"bns_check","prompt":"x y","max_tokens":3}`)
	post(t, h, `{"model_name":"summariser","prompt":"x","max_tokens":0,"stream":true}`)
	for _, want := range []map[string]any{
		{contract.ModelName: FIRSummariser, contract.MaxTokens: 9.0, contract.PromptLength: 4.0, contract.PromptTokens: 0.0, contract.ErrorKind: string(contract.ModelUnavailable)},
		{contract.ModelName: BNSCheck, contract.MaxTokens: 3.0, contract.PromptLength: 3.0, contract.PromptTokens: 2.0, contract.ErrorKind: string(contract.InvalidRequest)},
		{contract.ModelName: Summariser, contract.MaxTokens: 0.0, contract.PromptLength: 1.0, contract.PromptTokens: 0.0, contract.ErrorKind: string(contract.InvalidRequest)},
	} {
		d := collector.Await(t, contract.GGUF, func(d tracetest.Document) bool { return d.Annotations[contract.ModelName] == want[contract.ModelName] })
		want[contract.Operation], want[contract.CompletionTokens], want[contract.Success] = contract.OperationInference, 0.0, false
		want[contract.DurationMS], want[contract.QueueWaitMS], want[contract.HasError] = nil, nil, true
		d.WantAnnotations(t, want)
	}
}
