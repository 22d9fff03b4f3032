package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fillForExport puts traces of each kind: whole, streamed, failing, one with a
// call that is inferred, and spans of OpenTelemetry's.
func fillForExport(t *testing.T, s *server, more int) (xray, otlp []string) {
	t.Helper()
	now := time.Now().Unix() - 60
	docs := []string{}
	id := func(n int) string { return fmt.Sprintf("1-%08x-%024x", now, n) }
	add := func(n int, format string, args ...any) {
		docs = append(docs, fmt.Sprintf(`{"trace_id":%q,"start_time":%d.25,"end_time":%d.75,`, id(n), now, now)+fmt.Sprintf(format, args...)+"}")
		if !slices.Contains(xray, id(n)) {
			xray = append(xray, id(n))
		}
	}
	add(1, `"id":"00000000000000a1","name":"web","http":{"request":{"method":"GET","url":"http://x/नमस्ते"},"response":{"status":200}},"annotations":{"n":1.50,"ok":true},"metadata":{"default":{"big":12345678901234567890,"e":"\u00e9"}}`)
	add(2, `"id":"00000000000000a1","name":"web"`)
	add(2, `"id":"00000000000000b1","parent_id":"00000000000000a1","type":"subsegment","name":"late"`)
	add(3, `"id":"00000000000000a1","name":"web","fault":true,"cause":{"exceptions":[{"id":"00000000000000e1","type":"Boom","message":"<&>","stack":[{"path":"a.go","line":3,"label":"f"}]}]}`)
	add(4, `"id":"00000000000000a1","name":"web","subsegments":[{"id":"00000000000000b2","name":"docs","namespace":"aws","aws":{"operation":"GetObject","bucket_name":"b"},"start_time":%d.3,"end_time":%d.4}]`, now, now)
	for n := range more {
		add(1000+n, `"id":"%016x","name":"bulk"`, n+1)
	}
	for part := range slices.Chunk(docs, 50) {
		var answer struct{ UnprocessedTraceSegments []any }
		if status := s.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": part}, &answer); status != 200 || len(answer.UnprocessedTraceSegments) > 0 {
			t.Fatalf("%d %v", status, answer)
		}
	}
	hex := fmt.Sprintf("%08x%024x", now, 99)
	spans := fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[
		{"traceId":%q,"spanId":"00000000000000c1","name":"GET /","kind":2,"startTimeUnixNano":"%d250000001","endTimeUnixNano":"%d750000002","attributes":[{"key":"plan","value":{"intValue":"7"}}],"status":{"code":2,"message":"no"}},
		{"traceId":%q,"spanId":"00000000000000c2","parentSpanId":"00000000000000c1","name":"q","kind":3,"startTimeUnixNano":"%d260000001","endTimeUnixNano":"%d270000002","attributes":[{"key":"db.system","value":{"stringValue":"mysql"}}]}]}]}]}`, hex, now, now, hex, now, now)
	resp, err := http.Post(s.OTLPHTTP+"/v1/traces", "application/json", strings.NewReader(spans))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	return xray, []string{id(99)}
}

// shown is a trace as BatchGetTraces gives it, as text.
func (s *server) shown(t *testing.T, id string) string {
	t.Helper()
	var answer struct{ Traces []json.RawMessage }
	if status := s.post(t, "/Traces", map[string]any{"TraceIds": []string{id}}, &answer); status != 200 || len(answer.Traces) != 1 {
		t.Fatalf("%s: %d, %d traces", id, status, len(answer.Traces))
	}
	return string(answer.Traces[0])
}

// must runs a tool that has to succeed.
func (s *server) must(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, code := s.tool(t, nil, args...)
	if code != 0 {
		t.Fatalf("roentgen %q ended with %d: %s%s", args, code, stderr, stdout)
	}
	return stdout
}

func TestWhatIsExportedAndImportedIsEqual(t *testing.T) {
	from := startServer(t, t.TempDir())
	xray, spans := fillForExport(t, from, 0)
	dir := t.TempDir()
	for format, name := range map[string]string{"xray": "traces.jsonl.zst", "otlp": "spans.jsonl.gz", "otlp-protobuf": "spans.pb"} {
		path := filepath.Join(dir, name)
		from.must(t, "export", "--since", "1h", "--format", format, "--out", path)
		to := startServer(t, t.TempDir())
		for again := range 2 {
			var sums struct {
				Documents, Spans, Taken, Inferred int
				Rejected                          map[string]int
			}
			if err := json.Unmarshal([]byte(to.must(t, "import", path, "--otlp", to.OTLPHTTP)), &sums); err != nil {
				t.Fatal(err)
			}
			if n := sums.Documents + sums.Spans; n < 5 || sums.Taken != n || sums.Inferred > 0 || (format == "xray") != (sums.Spans == 0) {
				t.Errorf("%s, import %d: %+v", format, again+1, sums)
			}
		}
		if got, want := to.listed(t, ""), len(xray)+len(spans); len(got) != want {
			t.Errorf("%s: %d traces, want %d", format, len(got), want)
		}
		for _, id := range append(slices.Clone(xray), spans...) {
			want, got := from.shown(t, id), to.shown(t, id)
			if format != "xray" && slices.Contains(xray, id) { // as spans it is another document of the same
				want, got = string(from.given(t, id, "application/json")), string(to.given(t, id, "application/json"))
			}
			if got != want {
				t.Errorf("%s: trace %s is\n%s\nand was\n%s", format, id, got, want)
			}
		}
	}
}

func TestAnExportGoesOnWhereItWasBrokenOff(t *testing.T) {
	from, to := startServer(t, t.TempDir()), startServer(t, t.TempDir())
	xray, spans := fillForExport(t, from, 240)
	dir := t.TempDir()
	out, cursor := filepath.Join(dir, "all.jsonl.gz"), filepath.Join(dir, "cursor")
	args := []string{"export", "--since", "1h", "--out", out, "--cursor", cursor}
	from.must(t, append(args, "--limit", "100")...)
	f, err := os.OpenFile(out, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("half of a page, from a process that was killed")
	f.Close()
	from.must(t, args...)
	to.must(t, "import", out)
	stdout, _, _ := to.tool(t, nil, "traces", "--limit", "1000")
	var list struct{ Traces []struct{ ID string } }
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || len(list.Traces) != len(xray)+len(spans) {
		t.Errorf("%d traces arrived of %d (%v)", len(list.Traces), len(xray)+len(spans), err)
	}
	if _, stderr, code := from.tool(t, nil, args...); code != 1 || !strings.Contains(stderr, "come to its end") {
		t.Errorf("an ended export: %d %s", code, stderr)
	}
	if _, stderr, code := from.tool(t, nil, "export", "fault", "--cursor", cursor); code != 1 || !strings.Contains(stderr, "repeat that command line") {
		t.Errorf("another question with the same cursor: %d %s", code, stderr)
	}
	if _, stderr, code := from.tool(t, nil, "export", "--since", "1h", "--out", out); code != 1 || !strings.Contains(stderr, "is there already") {
		t.Errorf("over a file that is there: %d %s", code, stderr)
	}
}

func TestAnExportByIDAndByFilter(t *testing.T) {
	s := startServer(t, t.TempDir())
	xray, _ := fillForExport(t, s, 0)
	if got := s.must(t, "export", "--id", xray[0]); strings.Count(got, "\n") != 1 || !strings.Contains(got, "नमस्ते") || !strings.Contains(got, "12345678901234567890") {
		t.Errorf("%s", got)
	}
	if got := s.must(t, "export", "fault"); !strings.Contains(got, "Boom") || strings.Contains(got, "late") {
		t.Errorf("%s", got)
	}
	if _, stderr, code := s.tool(t, nil, "export", "falt"); code != 1 || !strings.Contains(stderr, "^^^^") {
		t.Errorf("%d %s", code, stderr)
	}
	if _, stderr, code := s.tool(t, nil, "export", "--id", "1-00000000-000000000000000000000001"); code != 1 || !strings.Contains(stderr, "has 0 of the 1 traces") {
		t.Errorf("%d %s", code, stderr)
	}
}

func TestWhatAnImportRejectsIsCountedByReason(t *testing.T) {
	s := startServer(t, t.TempDir())
	path := filepath.Join(t.TempDir(), "mixed.json")
	now := time.Now().Unix()
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"Traces":[{"Segments":[{"Document":"{\"id\":\"00000000000000a1\",\"trace_id\":\"1-%08x-00000000000000000000000a\",\"name\":\"x\",\"start_time\":%d,\"end_time\":%d}"}]}]}`, now, now, now)
	fmt.Fprintf(&b, "\n{\"id\":\"zz\",\"name\":\"x\"}\n[{\"inferred\":true,\"id\":\"00000000000000a2\"}]\n")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := s.tool(t, nil, "import", path)
	var sums struct {
		Documents, Taken, Inferred int
		Rejected                   map[string]int
	}
	if err := json.Unmarshal([]byte(stdout), &sums); err != nil || code != 1 || !strings.Contains(stderr, "rejected 1 of 2") {
		t.Fatalf("%d %s %s", code, stdout, stderr)
	}
	if sums.Documents != 2 || sums.Taken != 1 || sums.Inferred != 1 || len(sums.Rejected) != 1 {
		t.Errorf("%+v", sums)
	}
}

func TestTrafficIsPriced(t *testing.T) {
	s := startServer(t, t.TempDir())
	type price struct {
		TracesPerMonth int64 `json:"traces_per_month"`
		Dollars        float64
	}
	for args, want := range map[string]price{
		"--requests-per-day 1000 --rate 0.1 --reservoir 0":               {3_000, 0},
		"--requests-per-day 1000 --rate 1":                               {30_000, 0},
		"--requests-per-day 1000 --rate 0.1 --reservoir 1":               {30_000, 0},
		"--requests-per-day 1000000 --rate 0.1":                          {3_000_000, 14.5},
		"--requests-per-day 1000 --rate 0 --failing 0.01":                {300, 0},
		"--requests-per-day 1000 --scanned-per-day 100000":               {3_000, 1},
		"--requests-per-day 100000 --rate 1 --insights":                  {3_000_000, 17.5},
		"--requests-per-day 1000 --rate 0.1 --retrieved-per-day 1000000": {3_000, 14.5},
	} {
		var got price
		if err := json.Unmarshal([]byte(s.must(t, append([]string{"cost"}, strings.Fields(args)...)...)), &got); err != nil || got != want {
			t.Errorf("%s: %+v, want %+v (%v)", args, got, want, err)
		}
	}
	if _, stderr, code := s.tool(t, nil, "cost", "--since", "24h"); code != 1 || !strings.Contains(stderr, "no traces") {
		t.Errorf("of nothing: %d %s", code, stderr)
	}
	xray, spans := fillForExport(t, s, 0)
	var got price
	if err := json.Unmarshal([]byte(s.must(t, "cost", "--since", "24h")), &got); err != nil || got.TracesPerMonth != int64(30*(len(xray)+len(spans))) {
		t.Errorf("of what is stored: %+v (%v)", got, err)
	}
	for args, want := range map[string]string{
		"": "--requests-per-day", "--requests-per-day 1 --rate 2": "between 0 and 1", "--requests-per-day -1": "number from 0", "--requests-per-day 1 --since 1h": "leave one out",
	} {
		if _, stderr, code := s.tool(t, nil, append([]string{"cost"}, strings.Fields(args)...)...); code != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q: %d %s, want %q", args, code, stderr, want)
		}
	}
}
