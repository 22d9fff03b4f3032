package tracing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

func TestACallIsNamedAndMarkedByItsAttributes(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		_, s := BeginCall(ctx, "queue", attribute.String("peer.service", "orders"))
		End(s, nil)
		_, s = BeginCall(ctx, "DynamoDB", attribute.String("aws.service", "DynamoDB"), attribute.StringSlice("aws.xray.aws.table_names", []string{"carts"}),
			attribute.Bool("aws.xray.throttle", true), attribute.Int("http.response.status_code", 400), attribute.Int("aws.xray.retries", 2))
		s.End()
	})
	if got := shape(d); got != "shop(orders[remote], DynamoDB[aws])" {
		t.Errorf("shape %s", got)
	}
	a.is(d, `{"retries":2,"table_name":"carts"}`, "subsegments", 1, "aws")
	a.is(d, `true`, "subsegments", 1, "throttle")
	a.is(d, `true`, "subsegments", 1, "error")
	a.is(d, `null`, "subsegments", 1, "metadata")
}

func TestACallWithoutASegmentIsCountedAndNothingElse(t *testing.T) {
	tr := startAt(t, Config{ContextMissing: RuntimeError})
	otel.SetTracerProvider(tr)
	defer otel.SetTracerProvider(noop.NewTracerProvider())
	ctx, s := BeginCall(context.Background(), "x")
	if s.IsRecording() || Header(ctx) != "" || tr.Stats().ContextMissing != 1 {
		t.Errorf("recording %v, header %q, stats %+v", s.IsRecording(), Header(ctx), tr.Stats())
	}
	s.End()
}

func TestTransportAddsNothingToAnAWSCall(t *testing.T) {
	tr, a := start(t, Config{})
	var header string
	back := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { header = r.Header.Get(HeaderName) }))
	defer back.Close()
	client := &http.Client{Transport: tr.Transport(back.Client().Transport)}
	defer client.CloseIdleConnections()
	var want string
	d := a.segment(tr, func(ctx context.Context) {
		// As an instrumentation of OpenTelemetry's would.
		ctx, s := tr.Tracer("").Start(ctx, "S3", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", "S3")))
		defer s.End()
		want = Header(ctx)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, back.URL, nil)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
	if got := shape(d); got != "shop(S3[aws])" || header != want || want == "" {
		t.Errorf("shape %s, header %q, want %q", got, header, want)
	}
}
