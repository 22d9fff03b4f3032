package verify

import "testing"

// fault is a letter that could not be read, because the reader was full.
func fault() (backend, reader doc) {
	exception := doc{"id": "00000000000000e1", "type": "web.Error", "message": "the server cannot take the work now",
		"stack": []doc{{"path": "upstream/ask.go", "line": 50, "label": "(*Upstream).refusal"}}}
	call := doc{"id": "0000000000000003", "name": "afirgen-asr-ocr-server", "namespace": "remote", "start_time": 100.01, "end_time": 100.02,
		"fault": true, "http": doc{"request": doc{"method": "POST", "url": "http://r/ocr"}, "response": doc{"status": 503}}}
	reading := doc{"id": "0000000000000002", "name": "ocr", "start_time": 100.01, "end_time": 100.03, "fault": true,
		"cause": doc{"exceptions": []doc{exception}}, "subsegments": []doc{call}}
	backend = doc{"trace_id": traceID, "id": "0000000000000001", "name": "afirgen-main-backend", "start_time": 100.0, "end_time": 100.1, "fault": true,
		"cause": "00000000000000e1", "service": doc{"version": "1"}, "http": httpOf("POST", "http://b/process", 503), "subsegments": []doc{reading},
		"annotations": usual("/process", 503, doc{"error_type": "upstream_unavailable"}),
		"metadata":    doc{"error": doc{"message": "cannot take the work now", "stack": "upstream/ask.go:50 refusal"}}}
	reader = doc{"trace_id": traceID, "id": "0000000000000004", "parent_id": "0000000000000003", "name": "afirgen-asr-ocr-server",
		"start_time": 100.012, "end_time": 100.018, "fault": true, "service": doc{"version": "1"}, "http": httpOf("POST", "http://r/ocr", 503)}
	return backend, reader
}

func TestAFaultThatIsToldInFull(t *testing.T) {
	backend, reader := fault()
	r, f := &run{cfg: Config{}.orDefaults()}, findings{}
	r.failed(&f, "a letter", trace(t, backend, reader), 503, "upstream_unavailable")
	for _, finding := range f.list {
		t.Error(finding)
	}
}

func TestAFaultThatIsNotToldInFull(t *testing.T) {
	for _, c := range []struct {
		title  string
		change func(t *testing.T, backend doc)
		says   string
	}{
		{"no flag", func(_ *testing.T, b doc) { delete(b, "fault") }, "segment afirgen-main-backend: fault: want true, got false"},
		{"no cause", func(t *testing.T, b doc) { delete(b, "cause"); delete(at(t, b, "ocr"), "cause") }, "segment afirgen-main-backend: cause.exceptions: want at least one"},
		{"a cause without a stack", func(t *testing.T, b doc) {
			at(t, b, "ocr")["cause"].(doc)["exceptions"].([]doc)[0]["stack"] = []doc{}
		}, "cause.exceptions[0].stack: want frames, got 0"},
		{"a cause without words", func(t *testing.T, b doc) {
			at(t, b, "ocr")["cause"].(doc)["exceptions"].([]doc)[0]["message"] = ""
		}, "cause.exceptions[0].message"},
		{"the subsegment is not marked", func(t *testing.T, b doc) {
			delete(at(t, b, "ocr"), "fault")
			delete(at(t, b, "ocr", "afirgen-asr-ocr-server"), "fault")
		}, "subsegments with fault: want the one that failed"},
		{"no stack in metadata", func(_ *testing.T, b doc) { delete(b["metadata"].(doc)["error"].(doc), "stack") }, "metadata error.stack"},
		{"another error_type than the answer's", func(_ *testing.T, b doc) { b["annotations"].(doc)["error_type"] = "internal" }, "annotation error_type"},
		{"another status than the answer's", func(_ *testing.T, b doc) { b["http"] = httpOf("POST", "http://b/process", 500) }, "http.response.status: want 503, got 500"},
	} {
		t.Run(c.title, func(t *testing.T) {
			backend, reader := fault()
			c.change(t, backend)
			r, f := &run{cfg: Config{}.orDefaults()}, findings{}
			r.failed(&f, "a letter", trace(t, backend, reader), 503, "upstream_unavailable")
			wantFinding(t, f, c.says)
		})
	}
}

func TestTheMistakesCoverWhatThePathsRefuseWith(t *testing.T) {
	seen := map[int]bool{}
	for _, m := range mistakes(session, func() string { return session }) {
		seen[m.status] = true
		if m.status < 400 || m.status > 499 || m.kind == "" || m.endpoint == "" || m.call.Path == "" {
			t.Errorf("%+v", m)
		}
	}
	for _, status := range []int{400, 401, 404, 405, 409, 413, 415, 422} {
		if !seen[status] {
			t.Errorf("nothing is refused with %d", status)
		}
	}
}

func TestAMistakeIsToldInFull(t *testing.T) {
	m := mistaken{mistake: mistakes(session, func() string { return session })[0], said: "unauthorized"}
	m.receipt.Status, m.receipt.TraceID = 401, traceID
	segment := doc{"trace_id": traceID, "id": "0000000000000001", "name": "afirgen-main-backend", "start_time": 1.0, "end_time": 2.0, "error": true,
		"service": doc{"version": "1"}, "http": httpOf("POST", "http://b/process", 401),
		"annotations": usual("/process", 401, doc{"error_type": "unauthorized"}), "metadata": doc{"error": doc{"message": "the key is wrong"}}}
	for _, c := range []struct {
		title  string
		change doc
		says   string // empty: nothing is wrong
	}{
		{"all is told", nil, ""},
		{"not marked", doc{"error": nil}, "error: want true, got false"},
		{"marked as ours", doc{"fault": true}, "fault: want false, got true"},
		{"a user that nobody knows", doc{"user": "key-1"}, "user is named: want false, got true"},
		{"no message", doc{"metadata": nil}, "metadata error.message"},
	} {
		t.Run(c.title, func(t *testing.T) {
			r, f := &run{cfg: Config{}.orDefaults()}, findings{}
			m.trace = trace(t, segment.with(c.change))
			r.refused(&f, m)
			if c.says != "" {
				wantFinding(t, f, c.says)
			} else if len(f.list) > 0 {
				t.Errorf("%v", f.list)
			}
		})
	}
}
