package wire

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func kvOf(key string, value *common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: value}
}

// usualRequest is n spans of ten attributes as an SDK sends them: of a server,
// of a call over HTTP, of a database and of work within, in turns.
func usualRequest(tb testing.TB, n int) []byte {
	tb.Helper()
	scope := &trace.ScopeSpans{Scope: &common.InstrumentationScope{Name: "github.com/shop/checkout", Version: "1.4.2"}}
	for i := range n {
		start := uint64(1_790_000_000_000_000_000 + i*1_234_567)
		s := &trace.Span{
			TraceId: fmt.Appendf(nil, "%016d", i/12), SpanId: fmt.Appendf(nil, "%08d", i), ParentSpanId: fmt.Appendf(nil, "%08d", i-1),
			Name: "checkout.reserve", Kind: trace.Span_SPAN_KIND_INTERNAL, StartTimeUnixNano: start, EndTimeUnixNano: start + 52_000_123, Flags: 0x101,
			Attributes: []*common.KeyValue{
				kvOf("session_id", stringOf(fmt.Sprintf("session-%08x", i))), kvOf("attempt", intOf(int64(i%3))), kvOf("cached", boolOf(i%2 == 0)),
			},
		}
		switch i % 4 {
		case 0:
			s.Kind, s.Name, s.ParentSpanId = trace.Span_SPAN_KIND_SERVER, "POST /orders/{id}", nil
			s.Attributes = append(s.Attributes, kvOf("http.request.method", stringOf("POST")), kvOf("url.path", stringOf("/orders/17")),
				kvOf("url.scheme", stringOf("https")), kvOf("server.address", stringOf("shop.example")), kvOf("http.response.status_code", intOf(200)),
				kvOf("client.address", stringOf("10.2.3.4")), kvOf("user_agent.original", stringOf("python-httpx/0.27.2")))
		case 1:
			s.Kind = trace.Span_SPAN_KIND_CLIENT
			s.Attributes = append(s.Attributes, kvOf("http.request.method", stringOf("POST")), kvOf("url.full", stringOf("http://stock:8001/reserve?n=3")),
				kvOf("server.address", stringOf("stock")), kvOf("server.port", intOf(8001)), kvOf("http.response.status_code", intOf(200)),
				kvOf("http.request.body.size", intOf(812)), kvOf("http.response.body.size", intOf(1024)))
		case 2:
			s.Kind = trace.Span_SPAN_KIND_CLIENT
			s.Attributes = append(s.Attributes, kvOf("db.system", stringOf("mysql")), kvOf("db.name", stringOf("orders")),
				kvOf("db.statement", stringOf("SELECT id, status, total FROM orders WHERE id = ? AND tenant = ?")), kvOf("db.operation", stringOf("SELECT")),
				kvOf("db.user", stringOf("app")), kvOf("server.address", stringOf("db.internal")), kvOf("server.port", intOf(3306)))
		default:
			for k := range 7 {
				s.Attributes = append(s.Attributes, kvOf(fmt.Sprintf("app.work.key%d", k), stringOf("value of the key")))
			}
		}
		scope.Spans = append(scope.Spans, s)
	}
	b, err := proto.Marshal(&trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{
		Resource: &resource.Resource{Attributes: []*common.KeyValue{
			kvOf("service.name", stringOf("checkout")), kvOf("service.version", stringOf("1.4.2")), kvOf("service.instance.id", stringOf("checkout-0")),
			kvOf("deployment.environment.name", stringOf("production")), kvOf("host.name", stringOf("ip-10-0-4-21")), kvOf("cloud.provider", stringOf("aws")),
			kvOf("cloud.region", stringOf("ap-south-1")), kvOf("telemetry.sdk.language", stringOf("go")), kvOf("telemetry.sdk.name", stringOf("opentelemetry")),
			kvOf("telemetry.sdk.version", stringOf("1.47.0")),
		}},
		ScopeSpans: []*trace.ScopeSpans{scope},
	}}})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// cpuTime is what the process has computed so far: on a machine that is busy
// with other things it says more than the clock does.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perSpan(b *testing.B, before time.Duration, spans int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*spans), "ns/span")
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N*spans), "cpu-ns/span")
}

func BenchmarkSpanParser(b *testing.B) {
	const spans = 512
	request := usualRequest(b, spans)
	for name, index := range map[string]SpanIndex{"all": {All: true}, "none": {}} {
		b.Run(name, func(b *testing.B) {
			p := NewSpanParser(Limits{}, index)
			b.SetBytes(int64(len(request)))
			b.ReportAllocs()
			bytes, before := 0, cpuTime(b)
			for b.Loop() {
				batch, err := p.Parse(request)
				if err != nil || batch.Spans != spans || batch.Documents[0].Rejection != nil {
					b.Fatal(batch.Spans, err, batch.Documents[0].Rejection)
				}
				bytes = 0
				for _, d := range batch.Documents {
					bytes += len(d.Segment.Document)
				}
			}
			perSpan(b, before, spans)
			b.ReportMetric(float64(bytes)/spans, "documentB/span")
		})
	}
}

// BenchmarkProtobufLibrary decodes the same request into a library's types,
// which is the first of several steps that it takes that way.
func BenchmarkProtobufLibrary(b *testing.B) {
	const spans = 512
	request := usualRequest(b, spans)
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		if err := proto.Unmarshal(request, new(trace.TracesData)); err != nil {
			b.Fatal(err)
		}
	}
	perSpan(b, before, spans)
}

// BenchmarkParserOfSpanDocuments reads the documents that the mapping wrote,
// which is what mapping to text alone would cost on top.
func BenchmarkParserOfSpanDocuments(b *testing.B) {
	const spans = 512
	batch, err := NewSpanParser(Limits{}, SpanIndex{All: true}).Parse(usualRequest(b, spans))
	if err != nil {
		b.Fatal(err)
	}
	p := NewParser(Limits{})
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		for _, d := range batch.Documents {
			if _, err := p.Parse(d.Segment.Document); err != nil {
				b.Fatal(err)
			}
		}
	}
	perSpan(b, before, spans)
}
