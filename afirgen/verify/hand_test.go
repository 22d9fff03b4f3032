package verify

import (
	"encoding/json"
	"maps"
	"testing"
)

// doc is a document made by hand, in X-Ray's words.
type doc map[string]any

const (
	traceID = "1-65f00000-0123456789abcdef01234567"
	session = "5f0c8e1a-0000-4000-8000-000000000001"
)

// with is a copy with some members set; nil takes one out.
func (d doc) with(changes doc) doc {
	d = maps.Clone(d)
	for key, value := range changes {
		if d[key] = value; value == nil {
			delete(d, key)
		}
	}
	return d
}

func httpOf(method, url string, status int) doc {
	return doc{
		"request":  doc{"method": method, "url": url, "user_agent": "verify", "client_ip": "127.0.0.1"},
		"response": doc{"status": status, "content_length": 2},
	}
}

func usual(endpoint string, status int, more doc) doc {
	return doc{
		"endpoint": endpoint, "http_method": "POST", "status_code": status, "client_ip": "127.0.0.1",
		"success": status < 400, "has_error": status >= 400,
	}.with(more)
}

// step is the approval of a transcript: a decision with a call of the summariser, over two services.
func step() (backend, model doc) {
	call := doc{
		"id": "0000000000000004", "name": "afirgen-gguf-server", "namespace": "remote", "start_time": 100.02, "end_time": 100.08,
		"http": doc{"request": doc{"method": "POST", "url": "http://m/inference"}, "response": doc{"status": 200}},
	}
	counts := doc{"model_name": "summariser", "max_tokens": 100, "prompt_length": 700, "prompt_tokens": 150, "completion_tokens": 40}
	attempt := doc{
		"id": "0000000000000003", "name": "model_inference_summariser", "start_time": 100.01, "end_time": 100.08,
		"annotations": counts.with(doc{"success": true}), "subsegments": []doc{call},
		"metadata": doc{"debug": doc{"retry_attempt": 1, "response_length": 90, "engine": "rules"}},
	}
	statement := doc{
		"id": "0000000000000005", "name": "fir_db@db", "namespace": "remote", "start_time": 100.081, "end_time": 100.085,
		"sql": doc{"sanitized_query": "UPDATE sessions SET body = ? WHERE id = ? AND version = ?", "database_type": "MySQL"},
	}
	decision := doc{
		"id": "0000000000000002", "name": "validate_transcript_review", "start_time": 100.005, "end_time": 100.09,
		"annotations": doc{"workflow_step": "transcript_review", "decision": "approved", "success": true},
		"subsegments": []doc{attempt, statement},
	}
	backend = doc{
		"trace_id": traceID, "id": "0000000000000001", "name": "afirgen-main-backend", "start_time": 100.0, "end_time": 100.1,
		"user": "key-1", "service": doc{"version": "1"}, "http": httpOf("POST", "http://b/validate", 200), "subsegments": []doc{decision},
		"annotations": usual("/validate", 200, doc{"session_id": session, "workflow_step": "summary_review"}),
	}
	model = doc{
		"trace_id": traceID, "id": "0000000000000006", "parent_id": "0000000000000004", "name": "afirgen-gguf-server",
		"start_time": 100.03, "end_time": 100.07, "service": doc{"version": "1"}, "http": httpOf("POST", "http://m/inference", 200),
		"annotations": usual("/inference", 200, counts.with(doc{"operation": "inference", "duration_ms": 39.5, "queue_wait_ms": 0.1})),
		"metadata":    doc{"debug": doc{"engine": "rules", "tokenizer": "words"}},
	}
	return backend, model
}

// trace reads documents as they would come back.
func trace(t testing.TB, documents ...doc) *Trace {
	t.Helper()
	var texts []string
	for _, d := range documents {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	read, err := newTrace(traceID, texts)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// at returns a document nested in d, by the names on the way to it; it may be changed in place.
func at(t testing.TB, d doc, names ...string) doc {
	t.Helper()
	for _, name := range names {
		var found doc
		list, _ := d["subsegments"].([]doc)
		for _, s := range list {
			if s["name"] == name {
				found = s
			}
		}
		if found == nil {
			t.Fatalf("%v has no subsegment %s", d["name"], name)
		}
		d = found
	}
	return d
}
