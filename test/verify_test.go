package test

import (
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// titles are the eight, as the requirement words them.
var titles = []string{
	"X-Ray Configuration", "Main Backend Health Check", "Model Server Health Check", "ASR/OCR Server Health Check",
	"FIR Processing with Tracing", "Concurrent Requests Tracing", "Error Tracing", "X-Ray Annotations",
}

const (
	configuration = "X-Ray Configuration"
	backendHealth = "Main Backend Health Check"
	modelHealth   = "Model Server Health Check"
	readerHealth  = "ASR/OCR Server Health Check"
	processing    = "FIR Processing with Tracing"
	concurrent    = "Concurrent Requests Tracing"
	errorTracing  = "Error Tracing"
	annotations   = "X-Ray Annotations"
)

// TestVerifyPassesWhereEverythingIsAsPromised runs the program as an operator does, 50 complaints at once included. Then
// the same deployment is looked at through a proxy that damages what was stored, each time in another way: every check
// has to notice what is its own.
func TestVerifyPassesWhereEverythingIsAsPromised(t *testing.T) {
	d := deploy(t)
	out, progress, code := d.verify(t, nil)
	var passed []string
	for _, m := range regexp.MustCompile(`(?m)^✓ (.*?)  \(\d+ assertions, [\d.]+ s\)$`).FindAllStringSubmatch(out, -1) {
		passed = append(passed, m[1])
	}
	if code != 0 || !slices.Equal(passed, titles) || !strings.HasSuffix(out, "8 of 8 checks passed\n") {
		t.Fatalf("exit code %d:\n%s\n%s", code, out, progress)
	}
	for _, want := range []string{"50 complaints at once, 350 traces", "a fault was caused by a letter, while the ASR/OCR server is full"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	t.Run("without a Roentgen server it asks AWS X-Ray by the usual chain", func(t *testing.T) {
		v := d.judge(t, []string{
			"ROENTGEN_URL=", "AWS_ENDPOINT_URL_XRAY=" + d.HTTP, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example", "AWS_REGION=ap-south-1",
		})
		wantFailed(t, v)
	})
	for _, c := range damages() {
		if c.often {
			d.damaged(t, c)
		}
	}
}

// damaged looks at the deployment through one damage.
func (d *deployment) damaged(t *testing.T, c damage) {
	t.Run(c.title, func(t *testing.T) {
		v := d.behind(t, c.change()).judge(t, nil)
		wantFailed(t, v, c.fails...)
		if !v.says(c.says...) {
			t.Errorf("no finding says %q: %+v", c.says, v)
		}
	})
}

func wantFailed(t *testing.T, v verdict, want ...string) {
	t.Helper()
	if got := v.failed(); !slices.Equal(got, want) {
		t.Errorf("failed: %q, want %q; %+v", got, want, v)
	}
}

// damage is one way in which what was stored is not what was promised.
type damage struct {
	often  bool // looked at every time; the others in the long run
	title  string
	change func() func(path string, answer map[string]any)
	fails  []string
	says   []string // a finding
}

// documents makes a damage of a change that remembers nothing.
func documents(change func(document map[string]any) bool) func() func(string, map[string]any) {
	return func() func(string, map[string]any) { return ofDocuments(change) }
}

func damages() []damage {
	return append(damagesOfTrees(), damagesOfValues()...)
}

func damagesOfTrees() []damage {
	return []damage{
		{true, "a segment of the model server is lost", documents(func(d map[string]any) bool {
			return d["name"] != "afirgen-gguf-server" || annotation(d, "model_name") != "summariser"
		}), []string{configuration, processing, concurrent}, []string{"segment of afirgen-gguf-server", "it did not"}},
		{false, "the ASR/OCR server's segment hangs elsewhere", documents(func(d map[string]any) bool {
			if d["name"] == "afirgen-asr-ocr-server" && annotation(d, "endpoint") == "/ocr" && d["parent_id"] != nil {
				d["parent_id"] = "00000000000000aa"
			}
			return true
		}), []string{processing, errorTracing}, []string{"parent_id", "the id of something in the trace"}},
		{false, "a subsegment lasts longer than its parent", documents(func(d map[string]any) bool {
			below(d, func(s map[string]any) {
				if s["name"] == "render_fir" {
					s["end_time"] = s["end_time"].(float64) + 10
				}
			})
			return true
		}), []string{processing, concurrent}, []string{"render_fir", "end_time"}},
		{false, "a check of a section is lost", documents(func(d map[string]any) bool {
			below(d, func(s map[string]any) {
				list, _ := s["subsegments"].([]any)
				s["subsegments"] = slices.DeleteFunc(list, func(c any) bool {
					return c.(map[string]any)["name"] == "kb_retrieve"
				})
			})
			return true
		}), []string{processing, annotations}, []string{"kb_retrieve", "want 1, got 0"}},
		{true, "one of the many traces has another's session", func() func(string, map[string]any) {
			var first atomic.Pointer[string]
			return ofDocuments(func(d map[string]any) bool {
				id, _ := annotation(d, "session_id").(string)
				if id != "" && annotation(d, "workflow_step") == "summary_review" {
					first.CompareAndSwap(nil, &id)
					d["annotations"].(map[string]any)["session_id"] = *first.Load()
				}
				return true
			})
		}, []string{concurrent}, []string{"segment afirgen-main-backend", "annotation session_id"}},
		{true, "what was not sampled is stored", func() func(string, map[string]any) {
			return func(path string, answer map[string]any) {
				if missing, _ := answer["UnprocessedTraceIds"].([]any); path == "/Traces" && len(missing) == 1 {
					id := missing[0].(string)
					answer["Traces"] = append(answer["Traces"].([]any), map[string]any{"Id": id, "Segments": []any{map[string]any{
						"Id": "00000000000000aa", "Document": `{"id":"00000000000000aa","trace_id":"` + id + `","name":"x","start_time":1,"end_time":2}`,
					}}})
				}
			}
		}, []string{configuration}, []string{"stored, though it was not sampled"}},
	}
}

func damagesOfValues() []damage {
	return []damage{
		{true, "a number has become a text", documents(func(d map[string]any) bool {
			if annotation(d, "max_tokens") != nil {
				d["annotations"].(map[string]any)["max_tokens"] = "100"
			}
			return true
		}), []string{processing, annotations}, []string{"annotation max_tokens", "want number, got string"}},
		{false, "an annotation is none of the contract", documents(func(d map[string]any) bool {
			if annotation(d, "endpoint") == "/process" {
				d["annotations"].(map[string]any)["error"] = "no_input"
			}
			return true
		}), []string{annotations}, []string{"annotation error", "a key of the contract"}},
		{false, "a statement shows a value", documents(func(d map[string]any) bool {
			below(d, func(s map[string]any) {
				if sql, ok := s["sql"].(map[string]any); ok {
					sql["sanitized_query"] = "SELECT body FROM sessions WHERE id = '5f0c'"
				}
			})
			return true
		}), []string{processing, concurrent, errorTracing}, []string{"sql.sanitized_query", "a statement without values"}},
		{true, "a fault has no cause", documents(func(d map[string]any) bool {
			delete(d, "cause")
			return true
		}), []string{errorTracing}, []string{"cause.exceptions", "at least one"}},
		{false, "a refusal is not marked as an error", documents(func(d map[string]any) bool {
			if annotation(d, "status_code") == 401.0 {
				delete(d, "error")
			}
			return true
		}), []string{errorTracing}, []string{"error", "want true, got false"}},
		{true, "a name stands in metadata", documents(func(d map[string]any) bool {
			if annotation(d, "endpoint") == "/health" {
				d["metadata"] = map[string]any{"debug": map[string]any{"who": "it was Meera Kulkarni who wrote"}}
			}
			return true
		}), []string{annotations}, []string{"document.metadata.debug.who", "words of a complaint or of a form"}},
		{false, "searches find nothing", func() func(string, map[string]any) {
			return func(path string, answer map[string]any) {
				if path == "/TraceSummaries" {
					answer["TraceSummaries"] = []any{}
				}
			}
		}, []string{errorTracing, annotations}, []string{"annotation.session_id", "finds trace"}},
		{false, "there are no sampling rules", func() func(string, map[string]any) {
			return func(path string, answer map[string]any) {
				if path == "/GetSamplingRules" {
					answer["SamplingRuleRecords"] = []any{}
				}
			}
		}, []string{configuration}, []string{"sampling rules", "at least one"}},
	}
}

// TestVerifyNoticesAServiceWithoutTracing switches tracing off in the model server.
func TestVerifyNoticesAServiceWithoutTracing(t *testing.T) {
	wantFailed(t, deploy(t, "gguf").judge(t, nil), configuration, modelHealth, processing, concurrent, errorTracing, annotations)
}

// TestVerifyNoticesWhatIsWrongWithTheDeployment asks with a wrong key, of a server that stores nothing, and after a service
// has gone.
func TestVerifyNoticesWhatIsWrongWithTheDeployment(t *testing.T) {
	d := deploy(t)
	t.Run("a wrong key", func(t *testing.T) {
		v := d.judge(t, []string{"API_KEY=wrong"})
		wantFailed(t, v, configuration, processing, concurrent, errorTracing, annotations)
		if !v.says("a typed complaint", "answered 401 unauthorized") {
			t.Errorf("no finding says that the key is wrong: %+v", v)
		}
	})
	t.Run("no fault can be caused, and none is stored", func(t *testing.T) {
		v := d.judge(t, nil)
		wantFailed(t, v, errorTracing)
		if !v.says("no 5xx could be caused on this deployment") {
			t.Errorf("no finding says that there was nothing to look at: %+v", v)
		}
	})
	t.Run("another Roentgen server", func(t *testing.T) {
		empty := *d
		empty.roentgen = startServer(t, t.TempDir()).HTTP
		wantFailed(t, empty.judge(t, nil), titles...)
	})
	t.Run("the model server has gone", func(t *testing.T) {
		syscall.Kill(d.pids[0], syscall.SIGTERM)
		v := d.judge(t, nil)
		if failed := v.failed(); !slices.Contains(failed, modelHealth) || !slices.Contains(failed, processing) || slices.Contains(failed, readerHealth) {
			t.Errorf("failed: %q", failed)
		}
		if !v.says("afirgen-gguf-server", "GET /health", "connection refused") {
			t.Errorf("no finding says that it is away: %+v", v)
		}
	})
}
