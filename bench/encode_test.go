package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// faulty is a model of which every other trace fails.
func faulty(traces int) *Model {
	m := testModel(traces)
	m.Faulty = 0.5
	return m
}

func TestDocumentsAreWhatTheServerReads(t *testing.T) {
	m := faulty(200)
	var trace Trace
	var scratch []byte
	for i := range m.Traces {
		m.Make(i, &trace)
		server := 0 // of the span that the next document is of
		scratch = trace.Documents(scratch[:0], func(d []byte, spans int) {
			for trace.Spans[server].Kind != KindServer {
				server++
			}
			got, err := wire.ParseDocument(d, wire.Limits{})
			if err != nil {
				t.Fatalf("trace %d: %v\n%s", i, err, d)
			}
			if n := wantSegment(t, &trace, server, got); n != spans {
				t.Errorf("trace %d: %d spans told, %d in the document", i, spans, n)
			}
			server++
		})
	}
}

// wantSegment compares a segment that was read with its span, and returns how many
// spans it holds.
func wantSegment(t *testing.T, trace *Trace, at int, got *roentgen.Segment) int {
	t.Helper()
	s := &trace.Spans[at]
	if got.Trace != trace.ID || got.Name != serviceName(s.Service) || got.ID != roentgen.SegmentID(s.ID) || got.Origin == "" {
		t.Errorf("segment %s %q of trace %s", got.ID, got.Name, got.Trace)
	}
	if s.Parent >= 0 && got.Parent != roentgen.SegmentID(trace.Spans[s.Parent].ID) {
		t.Errorf("%s: parent %s", s.Name, got.Parent)
	}
	return wantEntity(t, trace, at, got)
}

func wantEntity(t *testing.T, trace *Trace, at int, got *roentgen.Segment) int {
	t.Helper()
	s := &trace.Spans[at]
	if got.Fault != s.Fault || got.Cause != nil != (s.Exception != nil) {
		t.Errorf("%s: fault %v, cause %v", s.Name, got.Fault, got.Cause)
	}
	if (got.HTTP != nil) != (s.Status != 0) || got.HTTP != nil && (got.HTTP.Status != s.Status || got.HTTP.Method == "") {
		t.Errorf("%s: http %+v", s.Name, got.HTTP)
	}
	if int64(got.Start) != s.Start/1e3*1e3 || int64(got.End) != s.End/1e3*1e3 { // microseconds are written
		t.Errorf("%s: from %v to %v", s.Name, got.Start, got.End)
	}
	wantAnnotations(t, s, got.Annotations)
	n, child := 1, at
	for i := range got.Subsegments {
		for child++; trace.Spans[child].Parent != at || trace.Spans[child].Service != s.Service; child++ {
		}
		if got.Subsegments[i].ID != roentgen.SegmentID(trace.Spans[child].ID) {
			t.Errorf("%s: child %d is %s", s.Name, i, got.Subsegments[i].Name)
		}
		n += wantEntity(t, trace, child, &got.Subsegments[i])
	}
	return n
}

func wantAnnotations(t *testing.T, s *Span, got []roentgen.Annotation) {
	t.Helper()
	have := map[string]string{}
	for _, a := range got {
		have[a.Key] = fmt.Sprint(a.Value.String, a.Value.Bool)
	}
	want := map[string]string{}
	for _, a := range s.Attrs {
		if a.Place == Annotation {
			want[a.Key] = fmt.Sprint(a.Value.text, a.Value.truth)
		}
	}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("%s: annotations %v, want %v", s.Name, have, want)
	}
}

// prepareAll prepares all of a model and returns the requests.
func prepareAll(t *testing.T, d Door, m *Model, b Batch) (requests [][]byte, l *Load) {
	t.Helper()
	l, err := Prepare(t.TempDir(), d, m, b, 0, m.Traces)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for i := range l.Requests() {
		r, err := l.read(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, r)
	}
	return requests, l
}

func TestBodiesOfPutTraceSegmentsHoldTheDocuments(t *testing.T) {
	m := faulty(40)
	var want []string
	var trace Trace
	for i := range m.Traces {
		m.Make(i, &trace)
		trace.Documents(nil, func(d []byte, _ int) { want = append(want, string(d)) })
	}
	requests, l := prepareAll(t, Put, m, Batch{Documents: 50})
	var got []string
	for i, r := range requests {
		var body struct{ TraceSegmentDocuments []string }
		if err := json.Unmarshal(r, &body); err != nil {
			t.Fatal(err)
		}
		if n := len(body.TraceSegmentDocuments); n != 50 && i < len(requests)-1 || n > 50 {
			t.Errorf("body %d has %d documents", i, n)
		}
		got = append(got, body.TraceSegmentDocuments...)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the bodies hold other documents than the traces")
	}
	if l.Documents != 120 || l.Spans != 480 {
		t.Errorf("%d documents, %d spans", l.Documents, l.Spans)
	}
}

func TestDatagramsAreHeaderAndDocument(t *testing.T) {
	requests, _ := prepareAll(t, UDP, faulty(5), Batch{})
	if len(requests) != 15 {
		t.Fatalf("%d datagrams", len(requests))
	}
	for _, r := range requests {
		document, ok := bytes.CutPrefix(r, []byte("{\"format\": \"json\", \"version\": 1}\n"))
		if _, err := wire.ParseDocument(document, wire.Limits{}); err != nil || !ok {
			t.Errorf("%v: %.200s", err, r)
		}
	}
}

func TestExportsAreWhatProtobufReads(t *testing.T) {
	m := faulty(60)
	requests, l := prepareAll(t, OTLPHTTP, m, Batch{Spans: 100})
	got := map[string]*tracepb.Span{}
	for _, r := range requests {
		var export tracepb.TracesData // of the same form as ExportTraceServiceRequest
		if err := proto.Unmarshal(r, &export); err != nil {
			t.Fatal(err)
		}
		if len(export.ResourceSpans) != 1 || len(export.ResourceSpans[0].ScopeSpans) != 1 || len(export.ProtoReflect().GetUnknown()) > 0 {
			t.Fatalf("an export of %d resources", len(export.ResourceSpans))
		}
		resource, scope := export.ResourceSpans[0].Resource, export.ResourceSpans[0].ScopeSpans[0]
		if len(scope.Spans) > 100 {
			t.Errorf("an export of %d spans", len(scope.Spans))
		}
		for _, s := range scope.Spans {
			got[string(s.SpanId)] = s
			if !strings.HasSuffix(scope.Scope.Name, resource.Attributes[0].Value.GetStringValue()) {
				t.Errorf("scope %s of service %v", scope.Scope.Name, resource.Attributes[0])
			}
		}
	}
	var trace Trace
	for i := range m.Traces {
		m.Make(i, &trace)
		for j := range trace.Spans {
			wantSpan(t, &trace, j, got[string(trace.Spans[j].ID[:])])
		}
	}
	if int64(len(got)) != l.Spans || len(got) != 720 {
		t.Errorf("%d spans read, %d told", len(got), l.Spans)
	}
}

func wantSpan(t *testing.T, trace *Trace, at int, got *tracepb.Span) {
	t.Helper()
	s := &trace.Spans[at]
	if got == nil {
		t.Fatalf("span %s is not there", s.Name)
	}
	var parent []byte
	if s.Parent >= 0 {
		parent = trace.Spans[s.Parent].ID[:]
	}
	if !bytes.Equal(got.TraceId, trace.ID[:]) || !bytes.Equal(got.ParentSpanId, parent) || got.Name != s.Name || int(got.Kind) != int(s.Kind) ||
		got.StartTimeUnixNano != uint64(s.Start) || got.EndTimeUnixNano != uint64(s.End) || len(got.ProtoReflect().GetUnknown()) > 0 {
		t.Errorf("span %v, want %+v", got, s)
	}
	if fault := got.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR; fault != s.Fault {
		t.Errorf("%s: fault %v, want %v", s.Name, fault, s.Fault)
	}
	if len(got.Events) != one(s.Exception != nil) {
		t.Errorf("%s: %d events", s.Name, len(got.Events))
	}
	var have, want []string
	for _, a := range got.Attributes {
		v := a.Value
		have = append(have, fmt.Sprint(a.Key, v.GetStringValue(), v.GetIntValue(), v.GetDoubleValue(), v.GetBoolValue()))
	}
	for _, a := range s.Attrs {
		want = append(want, fmt.Sprint(a.Key, a.Value.text, a.Value.whole, a.Value.real, a.Value.truth))
	}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("%s: attributes %v, want %v", s.Name, have, want)
	}
}

func TestGRPCMessagesHaveTheirLengthInFront(t *testing.T) {
	plain, _ := prepareAll(t, OTLPHTTP, faulty(5), Batch{Spans: 7})
	framed, _ := prepareAll(t, OTLPGRPC, faulty(5), Batch{Spans: 7})
	for i, r := range framed {
		if !bytes.Equal(r[5:], plain[i]) || r[0] != 0 || int(r[1])<<24|int(r[2])<<16|int(r[3])<<8|int(r[4]) != len(plain[i]) {
			t.Errorf("message %d of %d bytes begins with % x", i, len(plain[i]), r[:5])
		}
	}
}
