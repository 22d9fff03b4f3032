package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

var rewrite = flag.Bool("rewrite", false, "write the golden documents anew")

// goldenCases are requests whose documents are kept, byte for byte, in
// testdata, where the server's decoder reads them too.
//
//go:noinline
func goldenCases() map[string]func(tr *Tracing) {
	return map[string]func(tr *Tracing){
		"segment_plain.json": func(tr *Tracing) {
			_ = tr.Segment(context.Background(), "worker", func(context.Context) error { return nil })
		},
		"segment_full.json": func(tr *Tracing) {
			h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx := r.Context()
				SetUser(ctx, "key-7f3a")
				Annotate(ctx, "tenant", "acme")
				Annotate(ctx, "items", 3)
				Annotate(ctx, "vip", false)
				Annotate(ctx, "ratio", 0.25)
				Metadata(ctx, "debug", "cart", map[string][]int{"ids": {1, 2}})
				_ = Trace(ctx, "validate", func(ctx context.Context) error { return errors.New("out of stock") })
				_, _ = Do(ctx, "price", func(ctx context.Context) (int, error) {
					Metadata(ctx, "", "note", "naïve \"quotes\" \x01 and < > & हिन्दी")
					return 1, nil
				})
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = w.Write([]byte("slow down"))
			}))
			r := httptest.NewRequest(http.MethodPost, "http://shop.test/cart/7?card=4111", nil)
			r.Header.Set(HeaderName, "Self=1-6a1b2c3c-0123456789abcdef01234567;Root=1-6a1b2c3d-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1")
			r.Header.Set("User-Agent", "curl/8")
			r.Header.Set("X-Forwarded-For", "198.51.100.7, 10.0.0.1")
			h.ServeHTTP(httptest.NewRecorder(), r)
		},
		"segment_otel.json": func(tr *Tracing) {
			tracer := tr.Tracer("golden")
			_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
				_, s := tracer.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
					attribute.String("http.request.method", "GET"), attribute.String("url.full", "https://u:p@api.test/v1/x?token=1"),
					attribute.String("server.address", "api.test"), attribute.Int("server.port", 443),
					attribute.Int("http.response.status_code", 503), attribute.Bool("retry", true),
					attribute.StringSlice("aws.xray.annotations", []string{"retry"}), attribute.Int64Slice("sizes", []int64{1, 2})))
				s.RecordError(errors.New("upstream is away"))
				s.AddLink(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{
					TraceID: trace.TraceID{1, 2, 3, 4, 5}, SpanID: trace.SpanID{9}}), Attributes: []attribute.KeyValue{attribute.String("why", "batch")}})
				s.End()
				_, q := tracer.Start(ctx, "query", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
					attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", "orders"), attribute.String("server.address", "db.test"),
					attribute.String("db.query.text", "SELECT * FROM t WHERE id = 42 AND name = 'x'")))
				q.End()
				_, w := tracer.Start(ctx, "DynamoDB.GetItem", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
					attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", "DynamoDB"), attribute.String("rpc.method", "GetItem"),
					attribute.String("aws.region", "eu-west-1"), attribute.StringSlice("aws.dynamodb.table_names", []string{"carts"})))
				w.End()
				return nil
			})
		},
	}
}

func TestDocumentsAreByteForByteTheGoldenOnes(t *testing.T) {
	for name, run := range goldenCases() {
		t.Run(name, func(t *testing.T) {
			tr, a := start(t, Config{ServiceVersion: "1.4.2", Now: newClock().now, Rand: seeded(), Origin: "AWS::ECS::Container"})
			run(tr)
			_, body, _ := bytes.Cut(a.waitRaw(1)[0], []byte("\n"))
			body = withoutToolchain(t, body)
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, body, "", " "); err != nil {
				t.Fatal(err)
			}
			pretty.WriteByte('\n')
			golden(t, name, pretty.Bytes())
		})
	}
}

// withoutToolchain replaces what changes with the Go release: its version, and
// the lines and frames of stacks.
func withoutToolchain(t *testing.T, body []byte) []byte {
	t.Helper()
	body = regexp.MustCompile(`"(runtime|compiler)_version":"[^"]*"`).ReplaceAll(body, []byte(`"${1}_version":"go"`))
	body = regexp.MustCompile(`"stack":\[(\{[^]}]*\})[^]]*\]`).ReplaceAll(body, []byte(`"stack":[$1]`))
	return regexp.MustCompile(`"line":[0-9]+`).ReplaceAll(body, []byte(`"line":1`))
}
