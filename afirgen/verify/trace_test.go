package verify

import (
	"testing"
)

func TestATraceIsPutTogether(t *testing.T) {
	backend, model := step()
	loose := doc{
		"trace_id": traceID, "id": "0000000000000007", "parent_id": "0000000000000002", "type": "subsegment", "name": "late",
		"start_time": 100.01, "end_time": 100.02,
	}
	guess := doc{
		"trace_id": traceID, "id": "0000000000000008", "parent_id": "0000000000000005", "inferred": true, "name": "fir_db@db",
		"start_time": 100.081, "end_time": 100.085,
	}
	read := trace(t, model, guess, loose, backend)
	if len(read.Documents) != 3 || len(read.all) != 4 || !read.guessed["0000000000000005"] {
		t.Errorf("%d documents, %d in all, guessed %v", len(read.Documents), len(read.all), read.guessed)
	}
	if n := read.segments("afirgen-gguf-server"); len(n) != 1 || n[0].parent.Name != "afirgen-gguf-server" || n[0].segment != n[0] {
		t.Errorf("the model server's segment is not beneath the call: %+v", n)
	}
	if n := read.named("late"); len(n) != 1 || n[0].segment == nil || n[0].segment.Name != "afirgen-main-backend" {
		t.Errorf("a subsegment that came apart belongs to %+v", n)
	}
	if !read.complete("afirgen-main-backend", "afirgen-gguf-server") || read.complete("afirgen-asr-ocr-server") {
		t.Error("what has come is not told from what has not")
	}
}

func TestATraceWithoutAParentIsNotComplete(t *testing.T) {
	_, model := step()
	read := trace(t, model)
	if orphans := read.orphans(); len(orphans) != 1 || read.complete("afirgen-gguf-server") {
		t.Errorf("orphans %v", orphans)
	}
}

func TestACauseMayStandElsewhere(t *testing.T) {
	read := trace(t, doc{
		"trace_id": traceID, "id": "0000000000000001", "name": "s", "start_time": 1, "end_time": 2, "fault": true, "cause": "00000000000000e1",
		"subsegments": []doc{{"id": "0000000000000002", "name": "x", "start_time": 1, "end_time": 2, "cause": doc{
			"exceptions": []doc{{"id": "00000000000000e1", "message": "it broke", "type": "net.OpError"}}}}},
	})
	if e := read.nodes[0].exceptions(); len(e) != 1 || e[0].Message != "it broke" {
		t.Errorf("exceptions %+v", e)
	}
}

// FuzzTrace reads whatever a store could answer with: it must come to an end, and every assertion on it too.
func FuzzTrace(f *testing.F) {
	f.Add(`{"id":"a","name":"x","type":"subsegment","parent_id":"b","namespace":"remote"}`, `{"id":"b","name":"y","type":"subsegment","parent_id":"a","namespace":"remote"}`)
	f.Add(`{"id":"a","name":"afirgen-main-backend","parent_id":"a","cause":"e","fault":true}`, `{"id":"a","cause":{"exceptions":[{"id":"e"}]},"sql":{},"http":{}}`)
	f.Add(`{"annotations":{"a":[1]},"metadata":{"debug":{"engine":{}}},"subsegments":[{"id":"c","subsegments":[{}]}]}`, `null`)
	f.Fuzz(func(t *testing.T, a, b string) {
		read, err := newTrace(traceID, []string{a, b})
		if err != nil {
			return
		}
		r := &run{cfg: Config{}.orDefaults(), private: newPrivate()}
		var found findings
		r.sound(&found, read)
		r.failed(&found, "x", read, 503, "")
		for _, n := range read.nodes {
			typed(&found, n)
			n.ours()
		}
		promised(&found, []*Trace{read})
		for _, d := range read.all {
			r.private.leaks(d)
		}
	})
}
