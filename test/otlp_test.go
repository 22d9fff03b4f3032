package test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// tee remembers what an exporter sends.
type tee struct {
	otlptrace.Client
	sent *[]*otlp.ResourceSpans
}

func (c tee) UploadTraces(ctx context.Context, spans []*otlp.ResourceSpans) error {
	*c.sent = append(*c.sent, spans...)
	return c.Client.UploadTraces(ctx, spans)
}

// goSDK returns OpenTelemetry's SDK for Go as the service, sending through the
// client that made makes, and a function that sends what is left.
func goSDK(t *testing.T, service string, client otlptrace.Client) (tracer trace.Tracer, flush func()) {
	t.Helper()
	exporter, err := otlptrace.New(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(resource.NewSchemaless(
		attribute.String("service.name", service), attribute.String("service.version", "1.4.2"),
		attribute.String("deployment.environment.name", "test"), attribute.Int("process.pid", 17),
		attribute.String("telemetry.sdk.language", "go"), attribute.StringSlice("process.command_args", []string{"a", "b"}),
	)))
	return provider.Tracer("github.com/shop/"+service, trace.WithInstrumentationVersion("0.3"), trace.WithSchemaURL("https://opentelemetry.io/schemas/1.37.0")),
		func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
			defer cancel()
			if err := provider.Shutdown(ctx); err != nil {
				t.Errorf("%s could not send: %v", service, err)
			}
		}
}

// visit is one request over two services: shop works, asks its database, and
// calls stock, which has nothing left.
func visit(t *testing.T, shop, stock trace.Tracer) trace.TraceID {
	t.Helper()
	ctx, root := shop.Start(t.Context(), "POST /orders/{id}", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", "POST"), attribute.String("url.scheme", "https"), attribute.String("url.path", "/orders/7"),
		attribute.String("server.address", "shop.example"), attribute.Int("http.response.status_code", 502), attribute.String("client.address", "10.1.2.3"),
		attribute.String("http.route", "/orders/{id}"), attribute.String("plan", "gold"), attribute.String("enduser.id", "u-42"),
	))
	_, work := shop.Start(ctx, "reserve", trace.WithAttributes(
		attribute.Float64("weight", 2), attribute.Bool("hasty", true), attribute.Int64Slice("ids", []int64{1, 2}), attribute.String("app.user-id", "x"),
	), trace.WithLinks(trace.Link{
		SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}),
		Attributes:  []attribute.KeyValue{attribute.String("why", "again")},
	}))
	work.RecordError(errors.New("nothing left"), trace.WithStackTrace(true))
	work.AddEvent("looked", trace.WithAttributes(attribute.String("shelf", "left")))
	work.SetStatus(codes.Error, "nothing left")
	work.End()
	_, db := shop.Start(ctx, "SELECT orders", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", "orders"), attribute.String("server.address", "db.example"),
		attribute.String("db.query.text", "SELECT * FROM orders WHERE id = $1"),
	))
	db.End()
	called, call := shop.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "http://stock.example/items?secret=1"),
		attribute.String("server.address", "stock.example"), attribute.Int("http.response.status_code", 429),
	))
	_, callee := stock.Start(called, "GET /items", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.method", "GET"), attribute.String("http.target", "/items"), attribute.String("http.host", "stock.example"),
		attribute.Int("http.status_code", 429),
	))
	callee.End()
	call.End()
	root.End()
	return root.SpanContext().TraceID()
}

// xrayID is the id of a trace in X-Ray's form.
func xrayID(id string) string { return "1-" + id[:8] + "-" + id[8:] }

func TestOpenTelemetryGoSDK(t *testing.T) {
	s := startServer(t, t.TempDir())
	for name, client := range map[string]func() otlptrace.Client{
		"grpc": func() otlptrace.Client { return otlptracegrpc.NewClient(otlptracegrpc.WithEndpointURL(s.OTLPGRPC)) },
		"http": func() otlptrace.Client {
			return otlptracehttp.NewClient(otlptracehttp.WithEndpointURL(s.OTLPHTTP + "/v1/traces"))
		},
		"grpc, compressed": func() otlptrace.Client {
			return otlptracegrpc.NewClient(otlptracegrpc.WithEndpointURL(s.OTLPGRPC), otlptracegrpc.WithCompressor("gzip"))
		},
		"http, compressed": func() otlptrace.Client {
			return otlptracehttp.NewClient(otlptracehttp.WithEndpointURL(s.OTLPHTTP+"/v1/traces"), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var sent []*otlp.ResourceSpans
			shop, flushShop := goSDK(t, "otel-shop", tee{client(), &sent})
			stock, flushStock := goSDK(t, "otel-stock", tee{client(), &sent})
			id := visit(t, shop, stock).String()
			flushStock()
			flushShop()
			s.checkVisit(t, xrayID(id))
			s.checkGivenBack(t, id, sent)
		})
	}
	s.checkVisitsFound(t, 4)
}

// checkVisit looks at a visit as X-Ray shows it.
func (s *server) checkVisit(t *testing.T, id string) {
	t.Helper()
	docs := s.awaitSegments(t, id, 2)
	shop, stock := named(t, docs, "otel-shop"), named(t, docs, "otel-stock")
	if !shop.Fault || shop.HTTP.Request.URL != "https://shop.example/orders/7" || shop.HTTP.Response.Status != 502 || shop.User != "u-42" ||
		shop.Annotations["plan"] != "gold" || shop.Annotations["otel.resource.deployment.environment.name"] != "test" ||
		shop.Metadata["default"]["otel.resource.process.pid"] != 17.0 {
		t.Errorf("shop %+v", shop)
	}
	if !stock.Error || !stock.Throttle || stock.HTTP.Request.URL != "http://stock.example/items" {
		t.Errorf("stock %+v", stock)
	}
	work, db, call := shop.find("reserve"), shop.find("orders@db.example"), shop.find("stock.example")
	if work == nil || !work.Fault || work.Annotations["weight"] != 2.0 || work.Annotations["app.user_id"] != "x" || !strings.Contains(fmt.Sprint(work.Cause), "nothing left") ||
		!strings.Contains(fmt.Sprint(work.Cause), "otlp_test.go") {
		t.Errorf("work %+v", work)
	}
	if db == nil || db.Namespace != "remote" || db.SQL["database_type"] != "postgresql" || db.SQL["sanitized_query"] != "SELECT * FROM orders WHERE id = $1" {
		t.Errorf("database %+v", db)
	}
	if call == nil || call.Namespace != "remote" || !call.Throttle || stock.ParentID != call.ID {
		t.Errorf("call %+v, below it %s", call, stock.ParentID)
	}
}

// checkVisitsFound searches for all visits, and looks at the map.
func (s *server) checkVisitsFound(t *testing.T, visits int) {
	t.Helper()
	now := time.Now().Unix()
	window := map[string]any{"StartTime": now - 3600, "EndTime": now + 60}
	for _, filter := range []string{
		`annotation.plan = "gold"`, `annotation[otel.resource.deployment.environment.name] = "test" AND fault`, `service("otel-stock") { throttle }`,
		`http.url CONTAINS "shop.example" AND user = "u-42"`, `edge("otel-shop", "otel-stock")`, `annotation.weight = 2 AND annotation.hasty = true`,
	} {
		window["FilterExpression"] = filter
		var found struct{ TraceSummaries []struct{ Id string } }
		s.post(t, "/TraceSummaries", window, &found)
		if len(found.TraceSummaries) != visits {
			t.Errorf("%s finds %d traces, want %d", filter, len(found.TraceSummaries), visits)
		}
	}
	delete(window, "FilterExpression")
	var graph struct {
		Services []struct {
			Name, Type string
			Edges      []struct{ SummaryStatistics struct{ TotalCount int } }
		}
	}
	s.post(t, "/ServiceGraph", window, &graph)
	for name, edges := range map[string]int{"otel-shop": 2, "otel-stock": 0, "orders@db.example": 0} {
		i := slices.IndexFunc(graph.Services, func(n struct {
			Name, Type string
			Edges      []struct{ SummaryStatistics struct{ TotalCount int } }
		}) bool {
			return n.Name == name
		})
		if i < 0 || len(graph.Services[i].Edges) != edges {
			t.Errorf("%s is not on the map with %d edges: %+v", name, edges, graph.Services)
		}
	}
}

// given gets a trace in OpenTelemetry's format.
func (s *server) given(t *testing.T, id, accept string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP+"/api/traces/"+id+"?format=otlp", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d, %v: %s", resp.StatusCode, err, body)
	}
	return body
}

// checkGivenBack compares what was sent of a trace with what comes back.
func (s *server) checkGivenBack(t *testing.T, id string, sent []*otlp.ResourceSpans) {
	t.Helper()
	var back otlp.TracesData
	if err := proto.Unmarshal(s.given(t, id, "application/x-protobuf"), &back); err != nil {
		t.Fatal(err)
	}
	sameSpans(t, sent, back.ResourceSpans)
	text := s.given(t, id, "application/json")
	sameSpans(t, sent, fromOTLPJSON(t, text))

	out, err := exec.CommandContext(t.Context(), program("roentgen"), "trace", id, "--format", "otlp", "--server", s.HTTP).Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(out)) != string(text) {
		t.Errorf("roentgen trace writes %s\nthe server %s", out, text)
	}
}

// sentSpan is a span with what stands around it.
type sentSpan struct {
	around *otlp.ResourceSpans // with the scope, without spans
	span   *otlp.Span
}

func spansByID(list []*otlp.ResourceSpans) map[string]sentSpan {
	out := map[string]sentSpan{}
	for _, r := range list {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				if st := span.Status; st != nil && st.Code == 0 && st.Message == "" {
					span.Status = nil // says the same
				}
				around := &otlp.ResourceSpans{Resource: r.Resource, SchemaUrl: r.SchemaUrl, ScopeSpans: []*otlp.ScopeSpans{{Scope: s.Scope, SchemaUrl: s.SchemaUrl}}}
				out[hex.EncodeToString(span.SpanId)] = sentSpan{around, span}
			}
		}
	}
	return out
}

func sameSpans(t *testing.T, sent, back []*otlp.ResourceSpans) {
	t.Helper()
	want, got := spansByID(sent), spansByID(back)
	if len(want) == 0 || len(want) != len(got) {
		t.Errorf("%d spans were sent, %d come back", len(want), len(got))
	}
	for id, w := range want {
		g, ok := got[id]
		if !ok || !proto.Equal(w.span, g.span) || !proto.Equal(w.around, g.around) {
			t.Errorf("sent:\n%s%s\ncomes back:\n%s%s", prototext.Format(w.around), prototext.Format(w.span), prototext.Format(g.around), prototext.Format(g.span))
		}
	}
}

// fromOTLPJSON reads OTLP's JSON, which has ids in hex where protobuf's has
// them in base64.
func fromOTLPJSON(t *testing.T, text []byte) []*otlp.ResourceSpans {
	t.Helper()
	var value any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	recodeIDs(value)
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out otlp.TracesData
	if err := protojson.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out.ResourceSpans
}

func recodeIDs(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			s, isText := member.(string)
			if isText && (key == "traceId" || key == "spanId" || key == "parentSpanId") {
				b, _ := hex.DecodeString(s)
				v[key] = base64.StdEncoding.EncodeToString(b)
				continue
			}
			recodeIDs(member)
		}
	case []any:
		for _, e := range v {
			recodeIDs(e)
		}
	}
}

// TestOpenTelemetryNodeSDK runs OpenTelemetry's SDK for Node, which `make test`
// installs in the folder node.
func TestOpenTelemetryNodeSDK(t *testing.T) {
	if _, err := os.Stat("node/node_modules/@opentelemetry/sdk-trace-node"); err != nil {
		t.Fatalf("OpenTelemetry's SDK for Node is not installed; run `npm ci` in test/node, or `make test`: %v", err)
	}
	s := startServer(t, t.TempDir())
	for exporter, endpoint := range map[string]string{"grpc": s.OTLPGRPC, "proto": s.OTLPHTTP, "json": s.OTLPHTTP} {
		t.Run(exporter, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := exec.CommandContext(ctx, "node", "otel.js", exporter)
			c.Dir = "node"
			c.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint)
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
			}
			sent := fromOTLPJSON(t, out)
			id := hex.EncodeToString(sent[0].ScopeSpans[0].Spans[0].TraceId)
			docs := s.awaitSegments(t, xrayID(id), 2)
			shop, stock := named(t, docs, "node-shop"), named(t, docs, "node-stock")
			work, call := shop.find("work"), shop.find("stock.example")
			if !shop.Fault || shop.Annotations["plan"] != "gold" || work == nil || !work.Fault || call == nil || !call.Error || stock.ParentID != call.ID {
				t.Errorf("shop %+v\nstock %+v", shop, stock)
			}
			if !strings.Contains(fmt.Sprint(work.Cause), "otel.js") {
				t.Errorf("the cause has no stack: %+v", work.Cause)
			}
			s.checkGivenBack(t, id, sent)
		})
	}
}

// TestASpanBelowASegment: the two forms of one id meet. An X-Ray SDK called a
// service that OpenTelemetry traces.
func TestASpanBelowASegment(t *testing.T) {
	s := startServer(t, t.TempDir())
	id := trace.TraceID{0xf0, 0xe1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} // no time in it that X-Ray would take
	call := trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8}
	at := float64(time.Now().UnixMilli()) / 1000
	s.datagram(t, fmt.Sprintf(`{"format":"json","version":1}
{"trace_id":%q,"id":"a1a2a3a4a5a6a7a8","name":"xray-front","start_time":%f,"end_time":%f,"http":{"request":{"method":"GET","url":"http://front/"},"response":{"status":200}},
"subsegments":[{"id":"0102030405060708","name":"otel-shop","namespace":"remote","start_time":%f,"end_time":%f,"http":{"request":{"url":"http://otel-shop/","traced":true},"response":{"status":502}}}]}`,
		xrayID(id.String()), at, at+1, at, at+1))
	ctx := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: call, TraceFlags: trace.FlagsSampled, Remote: true}))
	shop, flush := goSDK(t, "otel-shop", otlptracegrpc.NewClient(otlptracegrpc.WithEndpointURL(s.OTLPGRPC)))
	_, span := shop.Start(ctx, "GET /", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.Int("http.response.status_code", 502)))
	span.End()
	flush()

	docs := s.awaitSegments(t, xrayID(id.String()), 2)
	if again := s.trace(t, id.String()); len(again) != 2 {
		t.Errorf("by W3C's form of the id the trace has %d segments", len(again))
	}
	front, service := named(t, docs, "xray-front"), named(t, docs, "otel-shop")
	if service.ParentID != front.Subsegments[0].ID {
		t.Errorf("the span is below %s, not below %+v", service.ParentID, front.Subsegments)
	}
	if whole := s.wholeTrace(t, id.String()); len(whole) != 2 {
		t.Errorf("something is inferred of a service that answered: %+v", whole)
	}
	now := time.Now().Unix()
	window := map[string]any{"StartTime": now - 600, "EndTime": now + 60, "FilterExpression": `edge("xray-front", "otel-shop") { fault }`}
	var found struct{ TraceSummaries []struct{ Id string } }
	s.post(t, "/TraceSummaries", window, &found)
	if len(found.TraceSummaries) != 1 || found.TraceSummaries[0].Id != xrayID(id.String()) {
		t.Errorf("the summaries are %+v", found)
	}
	delete(window, "FilterExpression")
	var graph struct {
		Services []struct {
			Name  string
			Edges []struct{ ReferenceId int }
		}
	}
	s.post(t, "/ServiceGraph", window, &graph)
	names := map[string]int{}
	for _, n := range graph.Services {
		names[n.Name]++
	}
	if len(graph.Services) != 3 || names["xray-front"] != 2 || names["otel-shop"] != 1 {
		t.Errorf("the map is %+v, want a client, xray-front and otel-shop", graph.Services)
	}
	spans := spansByID(fromOTLPJSON(t, s.given(t, id.String(), "")))
	if len(spans) != 3 || !bytes.Equal(spans[span.SpanContext().SpanID().String()].span.ParentSpanId, call[:]) {
		t.Errorf("as spans the trace is %v", spans)
	}
}

// TestOpenTelemetrySendersShowATokenToo: what guards --http guards these doors.
func TestOpenTelemetrySendersShowATokenToo(t *testing.T) {
	s := startServer(t, t.TempDir(), "--auth-file", tokenFile(t))
	for name, make := range map[string]func(headers map[string]string) otlptrace.Client{
		"grpc": func(h map[string]string) otlptrace.Client {
			return otlptracegrpc.NewClient(otlptracegrpc.WithEndpointURL(s.OTLPGRPC), otlptracegrpc.WithHeaders(h))
		},
		"http": func(h map[string]string) otlptrace.Client {
			return otlptracehttp.NewClient(otlptracehttp.WithEndpointURL(s.OTLPHTTP+"/v1/traces"), otlptracehttp.WithHeaders(h))
		},
	} {
		for header, taken := range map[string]bool{"": false, "Bearer of-nobody-at-all-0123456789": false, "Bearer " + operatorToken: true} {
			headers := map[string]string{}
			if header != "" {
				headers["authorization"] = header
			}
			client := make(headers)
			if err := client.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := client.UploadTraces(t.Context(), oneSpan())
			if (err == nil) != taken {
				t.Errorf("%s with %q: %v", name, header, err)
			}
			if err := client.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOpenTelemetryDoorsSpeakTLS: with the certificate of --http.
func TestOpenTelemetryDoorsSpeakTLS(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	s := startServer(t, t.TempDir(), "--tls-cert", certFile, "--tls-key", keyFile)
	secure := &tls.Config{RootCAs: pool}
	for name, client := range map[string]otlptrace.Client{
		"grpc": otlptracegrpc.NewClient(otlptracegrpc.WithEndpointURL(s.OTLPGRPC), otlptracegrpc.WithTLSCredentials(credentials.NewTLS(secure))),
		"http": otlptracehttp.NewClient(otlptracehttp.WithEndpointURL(s.OTLPHTTP+"/v1/traces"), otlptracehttp.WithTLSClientConfig(secure)),
	} {
		if !strings.HasPrefix(s.OTLPGRPC, "https://") || !strings.HasPrefix(s.OTLPHTTP, "https://") {
			t.Errorf("announced are %s and %s", s.OTLPGRPC, s.OTLPHTTP)
		}
		if err := client.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := client.UploadTraces(t.Context(), oneSpan()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := client.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func oneSpan() []*otlp.ResourceSpans {
	return []*otlp.ResourceSpans{{ScopeSpans: []*otlp.ScopeSpans{{Spans: []*otlp.Span{{
		TraceId: bytes.Repeat([]byte{7}, 16), SpanId: bytes.Repeat([]byte{7}, 8), StartTimeUnixNano: uint64(time.Now().UnixNano()),
	}}}}}}
}
