package tail

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

func TestARelayCountsAndParts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, "answer")
	}))
	defer server.Close()
	r, err := newRelay(t.Context(), strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	post := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.address(), strings.NewReader(strings.Repeat("x", 100_000)))
		if err != nil {
			return err
		}
		resp, err := quick.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	if err := post(t.Context()); err != nil {
		t.Fatal(err)
	}
	if up, down := r.up.Load(), r.down.Load(); up < 100_000 || up > 101_000 || down < 10 || down > 1000 {
		t.Errorf("%d bytes up, %d down", up, down)
	}
	r.part()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := post(short); err == nil {
		t.Error("what is parted still answers")
	}
	r.join()
	if err := post(t.Context()); err != nil {
		t.Errorf("joined again: %v", err)
	}
}

// batchOf is a batch as docs/protocol/agent.md draws it.
func batchOf(epoch, seq uint64, documents int) []byte {
	header, _ := json.Marshal(map[string]any{"agent": "x", "epoch": epoch, "seq": seq, "documents": documents})
	b := append([]byte("RGB1"), 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	b = append(b, header...)
	b = append(b, 2, 3, 0, 0, 0, 'd', 'o', 'c')
	return s2.Encode(nil, b)
}

func TestTheSinkCountsEachDocumentOnce(t *testing.T) {
	s, err := newSink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	post := func(path string, body []byte) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := quick.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, b := range [][]byte{batchOf(1, 1, 50), batchOf(1, 2, 7), batchOf(1, 1, 50), batchOf(2, 1, 1)} {
		if code := post("/api/agent/batches", b); code != 200 {
			t.Errorf("a batch is answered %d", code)
		}
	}
	if n := s.documents.Load(); n != 58 {
		t.Errorf("%d documents, want 58", n)
	}
	if code := post("/api/agent/batches", []byte("nonsense")); code != 400 {
		t.Errorf("nonsense is answered %d", code)
	}
	if code := post("/TraceSegments", []byte(`{"TraceSegmentDocuments":["{\"id\":\"a]\"}","{\"a\":\"}\",\"b\":\"{\"}"]}`)); code != 200 || s.documents.Load() != 60 {
		t.Errorf("%d, %d documents, want 60", code, s.documents.Load())
	}
	s.down.Store(true)
	if code := post("/TraceSegments", []byte(`["x"]`)); code != 500 || s.documents.Load() != 60 || s.refused.Load() != 1 {
		t.Errorf("when down: %d, %d documents", code, s.documents.Load())
	}
}

func TestTheServerIsAskedForEveryDocument(t *testing.T) {
	e := testEntry(0, 1, 2, 3)
	e.id = roentgen.TraceID{0x6a, 1, 2, 3, 4}
	docs := []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			TraceIds  []string
			NextToken string
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.URL.Path != "/Traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		segment := func(i int) map[string]any {
			return map[string]any{"Id": e.documents[i].id.String(), "Document": docs[i]}
		}
		answer := map[string]any{"Traces": []any{map[string]any{"Id": e.id.String(), "Segments": []any{segment(0)}}}, "NextToken": "more"}
		if q.NextToken == "more" { // the second page
			answer = map[string]any{"Traces": []any{map[string]any{"Id": e.id.String(), "Segments": []any{segment(1)}}}}
		}
		json.NewEncoder(w).Encode(answer)
	}))
	defer server.Close()
	e.documents[0].check = hashOf(docs[0])
	e.documents[1].check = hashOf("another text")
	r := newReader(server.URL)
	defer r.close()
	results, err := r.readBack(t.Context(), []*entry{e})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(results[0].missing, results[0].changed); got != "[2] [1]" {
		t.Errorf("missing and changed: %s, want [2] [1]", got)
	}
}

func TestDatagramsArrive(t *testing.T) {
	l, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	roots, others := documentTemplates(chance(1, 4))
	d, err := newDatagrams(t.Context(), l.LocalAddr().String(), 1, newUnread(), roots, others, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	r := testShapes(1).make(aDay)
	n, check := d.send(r, &r.parts[0], true)
	buf := make([]byte, 1<<16)
	got, _, err := l.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	header, doc, _ := bytes.Cut(buf[:got], []byte("\n"))
	if string(header)+"\n" != headerUndecided && !r.sampled {
		t.Errorf("header %s", header)
	}
	if len(doc) != n || hashOf(string(doc)) != check {
		t.Errorf("%d bytes, want %d", len(doc), n)
	}
}

func TestSpansAreSentInRequests(t *testing.T) {
	bodies := make(chan []byte, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
	}))
	defer server.Close()
	e := newExporter(t.Context(), server.URL, 1, newUnread(), 1, nil)
	r := testShapes(1).make(aDay)
	for range exportSpans + 3 {
		e.send(r, &r.parts[0], false)
	}
	e.close()
	total := 0
	for len(bodies) > 0 {
		scope := field(t, field(t, <-bodies, 1), 2)
		total += bytes.Count(scope, r.id[:])
	}
	if total != exportSpans+3 || e.trouble() != 0 {
		t.Errorf("%d spans arrived, %d failed", total, e.trouble())
	}
}

func TestAReportSaysWhatWasMissed(t *testing.T) {
	e := testEntry(2, 50, 51, 52)
	e.phase = 1
	r := &Report{Config: Config{Phases: []Phase{{Name: "1 %", For: time.Second, Errors: 0.01}}, Sampled: 0.05, Rate: 100, Hosts: 3}, Began: aDay,
		Tail: &Outcome{
			Verdicts: []verdict{{entry: e, base: true, whole: true}, {entry: e, base: true, cause: causeUnknown}, {entry: e, cause: causeHorizon}},
			Phases:   []PhaseCost{{}, {Phase: Phase{Name: "1 %", For: time.Second}, Documents: 100, Bytes: 200_000, Left: 5000}},
			Hosts:    []HostBook{{Sent: 100, Received: 90, Kernel: 10}},
		},
		Everything: &Outcome{Whole: PhaseCost{Documents: 10, Left: 5000}}, Before: Speed{60, 50}, After: Speed{60, 50},
	}
	text := r.Markdown()
	for _, want := range []string{"1 of 2, 50 %", "Missed: 1", causeUnknown + " | 1", causeHorizon + " | 1", "| 1 % | 100 | 2000 | 50.0 | 10 % |", "| 0 | 100 | 90 | 10 | not asked | 0 | 0 |", "This machine reads 60 MB/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	if r.Tail.Missed() != 1 {
		t.Errorf("missed %d", r.Tail.Missed())
	}
}

func hashOf(text string) uint64 { return xxhash.Sum64String(text) }

func TestWhatIsLeftOverIsNobodys(t *testing.T) {
	o := &Outcome{Hosts: []HostBook{
		{Sent: 100, Received: 80, Kernel: 5, Dropped: 9, Looked: true, Known: 11}, // all are accounted for, and 4 not counted by the agent
		{Sent: 100, Received: 80, Kernel: 5, Known: 12},                           // the kernel was not asked; 3 are left over
		{Sent: 100, Received: 101},                                                // one came from nowhere
		{Sent: 100, Received: 130, Spans: true},                                   // came again
	}}
	if left, uncounted := o.nameless(); left != 3+1 || uncounted != 4 {
		t.Errorf("%d left over, %d not counted, want 4 and 4", left, uncounted)
	}
}
