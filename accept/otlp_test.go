package accept_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
)

// spans makes a request of sound spans and, behind them, of bad ones.
func spans(sound, bad int) *trace.TracesData {
	s := &trace.ScopeSpans{}
	at := uint64(now.UnixNano())
	for i := range sound + bad {
		span := &trace.Span{
			TraceId: fmt.Appendf(nil, "%016d", i), SpanId: fmt.Appendf(nil, "%08d", i), Name: "n", Kind: trace.Span_SPAN_KIND_SERVER,
			StartTimeUnixNano: at, EndTimeUnixNano: at + 1e9,
		}
		if i >= sound {
			span.TraceId = []byte("short")
		}
		s.Spans = append(s.Spans, span)
	}
	return &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{s}}}}
}

func encoded(t *testing.T, r *trace.TracesData) []byte {
	t.Helper()
	b, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// partial reads an ExportTraceServiceResponse.
func partial(t *testing.T, b []byte) (rejected uint64, message string) {
	t.Helper()
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("answer %x", b)
		}
		b = b[n:]
		switch {
		case num == 1 && typ == protowire.BytesType:
			b, _ = protowire.ConsumeBytes(b) // what is inside comes next
		case num == 1 && typ == protowire.VarintType:
			rejected, n = protowire.ConsumeVarint(b)
			b = b[n:]
		case num == 2:
			v, n := protowire.ConsumeBytes(b)
			message, b = string(v), b[n:]
		}
	}
	return rejected, message
}

// bytesCodec sends and takes messages as bytes.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (bytesCodec) Unmarshal(b []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(b)
	return nil
}

const export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// grpcDoor opens the gRPC door and connects to it.
func grpcDoor(t *testing.T, a *accept.Acceptor, cfg accept.OTLPConfig) (call func(ctx context.Context, method string, request []byte, opts ...grpc.CallOption) ([]byte, error), stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var none *tls.Config
	go func() { ended <- accept.NewOTLP(a, cfg).ServeGRPC(ctx, l, none) }()
	c, err := grpc.NewClient("passthrough:"+l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		c.Close()
		if !stopped {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return func(ctx context.Context, method string, request []byte, opts ...grpc.CallOption) ([]byte, error) {
		var answer []byte
		err := c.Invoke(ctx, method, &request, &answer, append(opts, grpc.ForceCodec(bytesCodec{}))...)
		return answer, err
	}, stop
}

func TestSpansOverGRPCAreStoredAndBadOnesToldOf(t *testing.T) {
	n := &next{}
	a, reg := newAcceptor(n)
	call, _ := grpcDoor(t, a, accept.OTLPConfig{})
	answer, err := call(t.Context(), export, encoded(t, spans(3, 0)))
	if err != nil || len(answer) != 0 {
		t.Fatalf("answer %x, %v", answer, err)
	}
	answer, err = call(t.Context(), export, encoded(t, spans(2, 5)), grpc.UseCompressor("gzip"))
	if err != nil {
		t.Fatal(err)
	}
	rejected, message := partial(t, answer)
	if rejected != 5 || !strings.HasPrefix(message, "5 of 7 spans were not taken: span 3030303030303032: InvalidTraceId: trace_id") ||
		!strings.HasSuffix(message, "; and 2 more") {
		t.Errorf("rejected %d: %s", rejected, message)
	}
	if n.count() != 5 {
		t.Errorf("%d documents were stored", n.count())
	}
	for _, c := range []struct {
		name, label string
		want        float64
	}{
		{"roentgen_documents_received_total", "otlp_grpc", 10}, {"roentgen_documents_settled_total", "stored", 5},
		{"roentgen_documents_settled_total", "rejected", 5}, {"roentgen_otlp_requests_total", "ok", 1}, {"roentgen_otlp_requests_total", "partial", 1},
	} {
		if got := counter(t, reg, c.name, c.label); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.name, c.label, got, c.want)
		}
	}
}

func TestAStoreThatIsAwayAsksForTheSpansAgain(t *testing.T) {
	n := &next{err: roentgen.Unavailablef("the disk is full")}
	a, reg := newAcceptor(n)
	call, _ := grpcDoor(t, a, accept.OTLPConfig{})
	_, err := call(t.Context(), export, encoded(t, spans(3, 0)))
	s := status.Convert(err)
	if s.Code() != codes.Unavailable || !strings.Contains(s.Message(), "the disk is full") {
		t.Errorf("answer %v", err)
	}
	if d := s.Details(); len(d) != 1 || d[0].(*errdetails.RetryInfo).RetryDelay.AsDuration() <= 0 {
		t.Errorf("details %v", d)
	}
	if got := counter(t, reg, "roentgen_documents_lost_total", "otlp_grpc"); got != 3 {
		t.Errorf("%v documents counted as lost", got)
	}

	resp := post(t, httpDoor(t, a, accept.OTLPConfig{}), "application/x-protobuf", "", encoded(t, spans(3, 0)))
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !strings.Contains(resp.text, "the disk is full") {
		t.Errorf("over HTTP: %d, %v, %q", resp.StatusCode, resp.Header, resp.text)
	}
}

func TestGRPCRefusesWhatIsNoRequestOfTraces(t *testing.T) {
	n := &next{}
	a, _ := newAcceptor(n)
	call, _ := grpcDoor(t, a, accept.OTLPConfig{MaxRequestBytes: 1000})
	for _, c := range []struct {
		method  string
		request []byte
		code    codes.Code
		text    string
	}{
		{export, []byte{0x0a, 0x05, 1}, codes.InvalidArgument, "breaks off"},
		{export, make([]byte, 2000), codes.ResourceExhausted, "1000"},
		{"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", nil, codes.Unimplemented, "OTEL_METRICS_EXPORTER"},
		{"/opentelemetry.proto.collector.logs.v1.LogsService/Export", nil, codes.Unimplemented, "no logs"},
		{"/somebody.Else/Call", nil, codes.Unimplemented, "TraceService/Export"},
	} {
		_, err := call(t.Context(), c.method, c.request)
		if s := status.Convert(err); s.Code() != c.code || !strings.Contains(s.Message(), c.text) {
			t.Errorf("%s: %v, want %v and %q", c.method, err, c.code, c.text)
		}
	}
	if n.count() != 0 {
		t.Errorf("%d documents were stored", n.count())
	}
}

func TestGRPCAsksWhoSends(t *testing.T) {
	a, _ := newAcceptor(&next{})
	call, _ := grpcDoor(t, a, accept.OTLPConfig{Authorize: func(values []string) error {
		if len(values) == 1 && values[0] == "Bearer right" {
			return nil
		}
		return errors.New("show a token")
	}})
	if _, err := call(t.Context(), export, encoded(t, spans(1, 0))); status.Code(err) != codes.Unauthenticated || !strings.Contains(err.Error(), "show a token") {
		t.Errorf("without a token: %v", err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer right")
	if _, err := call(ctx, export, encoded(t, spans(1, 0))); err != nil {
		t.Errorf("with a token: %v", err)
	}
}

func TestStoppingFinishesRequestsOverGRPC(t *testing.T) {
	n := &next{block: make(chan struct{}), called: make(chan struct{}, 1)}
	a, _ := newAcceptor(n)
	call, stop := grpcDoor(t, a, accept.OTLPConfig{})
	answered := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), export, encoded(t, spans(1, 0)))
		answered <- err
	}()
	<-n.called
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	close(n.block)
	if err := <-answered; err != nil {
		t.Errorf("the request under way: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// httpDoor opens the HTTP door.
func httpDoor(t *testing.T, a *accept.Acceptor, cfg accept.OTLPConfig) string {
	t.Helper()
	s := httptest.NewServer(accept.NewOTLP(a, cfg).Handler())
	t.Cleanup(s.Close)
	return s.URL
}

type answer struct {
	*http.Response
	text string
}

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func post(t *testing.T, url, kind, coding string, body []byte) answer {
	t.Helper()
	return send(t, http.MethodPost, url+"/v1/traces", kind, coding, body)
}

func send(t *testing.T, method, url, kind, coding string, body []byte) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if coding != "" {
		req.Header.Set("Content-Encoding", coding)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(text)}
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

const spansInJSON = `{"resourceSpans":[{"scopeSpans":[{"spans":[
	{"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","name":"a","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"%d","endTimeUnixNano":"%d"},
	{"traceId":"","spanId":"0011223344556678"}]}]}]}`

func TestSpansOverHTTPComeInAllForms(t *testing.T) {
	n := &next{}
	a, reg := newAcceptor(n)
	url := httpDoor(t, a, accept.OTLPConfig{})
	text := fmt.Appendf(nil, spansInJSON, now.UnixNano(), now.UnixNano()+1)
	for _, c := range []struct {
		kind, coding string
		body         []byte
		rejected     uint64
	}{
		{"application/x-protobuf", "", encoded(t, spans(2, 0)), 0},
		{"application/x-protobuf", "gzip", zipped(encoded(t, spans(2, 1))), 1},
		{"application/json", "", text, 1},
		{"application/json; charset=utf-8", "gzip", zipped(text), 1},
		{"application/json", "identity", []byte(`{}`), 0},
		{"application/x-protobuf", "", nil, 0},
	} {
		resp := post(t, url, c.kind, c.coding, c.body)
		kind, _, _ := strings.Cut(c.kind, ";")
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != kind {
			t.Errorf("%s %s: %d %v %q", c.kind, c.coding, resp.StatusCode, resp.Header, resp.text)
			continue
		}
		var rejected uint64
		if kind == "application/json" {
			var answer struct {
				PartialSuccess struct {
					RejectedSpans uint64 `json:",string"`
					ErrorMessage  string
				}
			}
			if err := json.Unmarshal([]byte(resp.text), &answer); err != nil {
				t.Errorf("%v in %q", err, resp.text)
			}
			rejected = answer.PartialSuccess.RejectedSpans
		} else {
			rejected, _ = partial(t, []byte(resp.text))
		}
		if rejected != c.rejected {
			t.Errorf("%s %s: %d spans rejected, want %d: %q", c.kind, c.coding, rejected, c.rejected, resp.text)
		}
	}
	if n.count() != 6 {
		t.Errorf("%d documents were stored", n.count())
	}
	if got := counter(t, reg, "roentgen_documents_received_total", "otlp_http"); got != 9 {
		t.Errorf("%v documents were counted", got)
	}
}

func TestHTTPRefusesWhatIsNoRequestOfTraces(t *testing.T) {
	a, _ := newAcceptor(&next{})
	url := httpDoor(t, a, accept.OTLPConfig{MaxRequestBytes: 1000})
	const protobuf = "application/x-protobuf"
	for _, c := range []struct {
		method, path, kind, coding string
		body                       []byte
		status                     int
		text                       string
	}{
		{"POST", "/v1/traces", "text/plain", "", nil, 415, "text/plain"},
		{"POST", "/v1/traces", protobuf, "br", nil, 415, "br"},
		{"POST", "/v1/traces", protobuf, "gzip", []byte("no gzip at all"), 400, "no gzip"},
		{"POST", "/v1/traces", protobuf, "", []byte{0x0a, 5, 1}, 400, "breaks off"},
		{"POST", "/v1/traces", "application/json", "", []byte(`{"resourceSpans":7}`), 400, "an array for resourceSpans"},
		{"POST", "/v1/traces", protobuf, "", make([]byte, 1001), 413, "1000"},
		{"POST", "/v1/traces", protobuf, "gzip", zipped(make([]byte, 1<<20)), 413, "1000"},
		{"GET", "/v1/traces", protobuf, "", nil, 405, "POST"},
		{"POST", "/v1/metrics", protobuf, "", nil, 404, "OTEL_METRICS_EXPORTER"},
		{"POST", "/v1/logs", "application/json", "", nil, 404, "no logs"},
		{"POST", "/", "application/json", "", nil, 404, "/v1/traces"},
	} {
		resp := send(t, c.method, url+c.path, c.kind, c.coding, c.body)
		if resp.StatusCode != c.status || !strings.Contains(resp.text, c.text) {
			t.Errorf("%s %s %s %s: %d %q, want %d and %q", c.method, c.path, c.kind, c.coding, resp.StatusCode, resp.text, c.status, c.text)
		}
	}
}

func TestRefusalsOfTheStoreAreToldToSendersOfSpans(t *testing.T) {
	n := &next{outcome: roentgen.RefusedTooOld}
	a, _ := newAcceptor(n)
	resp := post(t, httpDoor(t, a, accept.OTLPConfig{}), "application/x-protobuf", "", encoded(t, spans(2, 1)))
	rejected, message := partial(t, []byte(resp.text))
	if rejected != 3 || !strings.Contains(message, "raise the retention") {
		t.Errorf("%d rejected: %s", rejected, message)
	}
}
