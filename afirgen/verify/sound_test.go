package verify

import (
	"strings"
	"testing"
)

func TestATraceThatIsSound(t *testing.T) {
	backend, model := step()
	r, f := &run{cfg: Config{Skew: 1}.orDefaults()}, findings{}
	read := trace(t, backend, model)
	r.sound(&f, read)
	r.shape(&f, &journey{title: "a typed complaint"}, stop{step: "transcript_review", trace: read})
	for _, n := range read.nodes {
		typed(&f, n)
	}
	for _, finding := range f.list {
		t.Error(finding)
	}
	if f.assertions < 50 {
		t.Errorf("only %d assertions were made", f.assertions)
	}
}

// Each case damages the sound trace in one place; the finding has to name place and reason.
func TestWhatIsNotSoundIsFound(t *testing.T) {
	const attempt, call = "model_inference_summariser", "afirgen-gguf-server"
	for _, c := range []struct {
		title  string
		damage func(t *testing.T, backend, model doc) []doc
		says   string
	}{
		{"two segments of the backend", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m, b.with(doc{"id": "00000000000000aa", "subsegments": nil})}
		}, "segments of afirgen-main-backend: want 1, got 2"},
		{"a parent that is not there", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m.with(doc{"parent_id": "00000000000000aa"})}
		}, `parent_id: want the id of something in the trace, got "00000000000000aa"`},
		{"an id that is there twice", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m.with(doc{"id": "0000000000000002"})}
		}, "id: want an id that nothing else has"},
		{"no end", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m.with(doc{"end_time": nil, "in_progress": true})}
		}, "start_time and end_time: want both"},
		{"begins before its parent", func(t *testing.T, b, m doc) []doc {
			at(t, b, "validate_transcript_review")["start_time"] = 99.9
			return []doc{b, m}
		}, "validate_transcript_review of afirgen-main-backend: start_time: want at or after that of its parent"},
		{"ends after its parent, in another service, by more than the clocks may differ", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m.with(doc{"end_time": 102.0})}
		}, "segment afirgen-gguf-server: end_time: want at or before that of its parent"},
		{"another trace's id", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m.with(doc{"trace_id": "1-65f00000-000000000000000000000000"})}
		}, "segment afirgen-gguf-server: trace_id"},
		{"no version", func(_ *testing.T, b, m doc) []doc { return []doc{b.with(doc{"service": nil}), m} }, "service.version: want a version"},
		{"a query in the URL", func(_ *testing.T, b, m doc) []doc {
			return []doc{b.with(doc{"http": httpOf("POST", "http://b/process?text=x", 200)}), m}
		}, "http.request.url: want a URL without a query"},
		{"flags that do not fit the status", func(_ *testing.T, b, m doc) []doc {
			return []doc{b.with(doc{"fault": true}), m}
		}, "fault: want false, got true"},
		{"a 429 that is not throttled", func(_ *testing.T, b, m doc) []doc {
			return []doc{b.with(doc{"error": true, "http": httpOf("POST", "http://b/validate", 429)}), m}
		}, "throttle: want true, got false"},
		{"a call without its callee", func(_ *testing.T, b, _ doc) []doc { return []doc{b} }, "segments beneath the call: want afirgen-gguf-server, got nothing"},
		{"a callee that the store made up", func(_ *testing.T, b, m doc) []doc {
			return []doc{b, m, {"trace_id": traceID, "id": "00000000000000bb", "parent_id": "0000000000000004", "inferred": true, "name": "afirgen-gguf-server"}}
		}, "segment of its callee: want its own"},
		{"a call that is not remote", func(t *testing.T, b, m doc) []doc {
			delete(at(t, b, "validate_transcript_review", attempt, call), "namespace")
			return []doc{b, m}
		}, `namespace: want "remote", got ""`},
		{"a statement with a value", func(t *testing.T, b, m doc) []doc {
			at(t, b, "validate_transcript_review", "fir_db@db")["sql"] = doc{"sanitized_query": "SELECT 1 FROM t WHERE id = 'x'", "database_type": "MySQL"}
			return []doc{b, m}
		}, "sql.sanitized_query: want a statement without values"},
		{"no statement", func(t *testing.T, b, m doc) []doc {
			decision := at(t, b, "validate_transcript_review")
			decision["subsegments"] = decision["subsegments"].([]doc)[:1]
			return []doc{b, m}
		}, "SQL subsegments of afirgen-main-backend: want at least one"},
		{"a call of AWS without its region", func(t *testing.T, b, m doc) []doc {
			decision := at(t, b, "validate_transcript_review")
			decision["subsegments"] = append(decision["subsegments"].([]doc), doc{
				"id": "0000000000000009", "name": "S3", "namespace": "aws", "start_time": 100.08, "end_time": 100.09,
				"aws": doc{"operation": "PutObject", "request_id": "r"}})
			return []doc{b, m}
		}, "aws.region: want a text, got nothing"},
		{"no decision", func(_ *testing.T, b, _ doc) []doc { return []doc{b.with(doc{"subsegments": nil})} },
			"subsegments validate_transcript_review directly beneath: want 1, got 0"},
		{"another model", func(t *testing.T, b, m doc) []doc {
			at(t, b, "validate_transcript_review", attempt)["annotations"].(doc)["model_name"] = "bns_check"
			return []doc{b, m}
		}, `annotation model_name: want "summariser", got "bns_check"`},
		{"two services that count differently", func(t *testing.T, b, m doc) []doc {
			m["annotations"].(doc)["prompt_tokens"] = 151
			return []doc{b, m}
		}, "annotation prompt_tokens, as the backend has it: want 150, got 151"},
	} {
		t.Run(c.title, func(t *testing.T) {
			backend, model := step()
			read := trace(t, c.damage(t, backend, model)...)
			r, f := &run{cfg: Config{}.orDefaults()}, findings{}
			r.sound(&f, read)
			r.shape(&f, &journey{title: "a typed complaint"}, stop{step: "transcript_review", trace: read})
			wantFinding(t, f, c.says)
		})
	}
}

func wantFinding(t *testing.T, f findings, says string) {
	t.Helper()
	var all []string
	for _, finding := range f.list {
		if strings.Contains(finding.String(), says) {
			return
		}
		all = append(all, finding.String())
	}
	t.Errorf("no finding says %q:\n%s", says, strings.Join(all, "\n"))
}

func TestValuesInStatements(t *testing.T) {
	for query, has := range map[string]bool{
		"SELECT version, body FROM sessions WHERE id = ?":                   false,
		"SELECT t1.a, col2 FROM utf8mb4_x WHERE x IN (?, ?) LIMIT ?":        false,
		"UPDATE sessions SET version = version + ? WHERE id = $1":           false,
		"INSERT INTO t VALUES ('Meera')":                                    true,
		"SELECT a FROM t LIMIT 20":                                          true,
		"SELECT a FROM t WHERE n=42":                                        true,
		"DELETE FROM t WHERE id = 5f0c8e1a-0000-4000-8000-000000000001":     true,
		"SELECT a FROM t WHERE x > -1.5 AND y IN (?,?)":                     true,
		"CREATE TABLE IF NOT EXISTS goose_db_version (id INTEGER NOT NULL)": false,
	} {
		if got := literals.MatchString(query); got != has {
			t.Errorf("%s: %t, want %t", query, got, has)
		}
	}
}
