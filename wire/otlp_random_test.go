package wire

import (
	"math"
	"math/rand/v2"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// spanMaker makes random requests, of the keys and values that mean something
// and of odd ones. Everything in them is as a protobuf library writes it, so
// that what is given back can be compared.
type spanMaker struct{ rnd *rand.Rand }

func (m *spanMaker) chance(n int) bool { return m.rnd.IntN(n) == 0 }

func pick[T any](m *spanMaker, of ...T) T { return of[m.rnd.IntN(len(of))] }

func (m *spanMaker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.rnd.Uint32())
	}
	return b
}

// some makes up to n of a thing.
func some[T any](m *spanMaker, n int, one func() T) (out []T) {
	for range m.rnd.IntN(n + 1) {
		out = append(out, one())
	}
	return out
}

func (m *spanMaker) request() *trace.TracesData {
	return &trace.TracesData{ResourceSpans: some(m, 3, m.resourceSpans)}
}

func (m *spanMaker) resourceSpans() *trace.ResourceSpans {
	r := &trace.ResourceSpans{ScopeSpans: some(m, 3, m.scopeSpans)}
	if !m.chance(5) {
		r.Resource = &resource.Resource{Attributes: m.attributes(resourceKeys, 8)}
		if m.chance(5) {
			r.Resource.DroppedAttributesCount = m.rnd.Uint32()
		}
	}
	if m.chance(3) {
		r.SchemaUrl = "https://opentelemetry.io/schemas/1.26.0"
	}
	return r
}

func (m *spanMaker) scopeSpans() *trace.ScopeSpans {
	s := &trace.ScopeSpans{Spans: some(m, 4, m.span)}
	if !m.chance(4) {
		s.Scope = &common.InstrumentationScope{Name: m.text(), Version: m.text()}
		if m.chance(5) {
			s.Scope.Attributes = m.attributes(spanKeys, 2)
		}
	}
	if m.chance(3) {
		s.SchemaUrl = "https://opentelemetry.io/schemas/1.2" + m.text()
	}
	return s
}

func (m *spanMaker) span() *trace.Span {
	start := uint64(1_790_000_000_000_000_000 + m.rnd.Int64N(1e15))
	if m.chance(20) {
		start = 1 + m.rnd.Uint64N(1<<63-1)
	}
	s := &trace.Span{
		TraceId: m.bytes(16), SpanId: m.bytes(8), Name: m.text(), Kind: trace.Span_SpanKind(m.rnd.IntN(6)),
		StartTimeUnixNano: start, EndTimeUnixNano: min(1<<63-1, start+m.rnd.Uint64N(1e10)),
		Attributes: m.attributes(spanKeys, 12), Events: some(m, 2, func() *trace.Span_Event { return m.event(start) }),
		Links: some(m, 2, m.link),
	}
	if m.chance(2) {
		s.ParentSpanId = m.bytes(8)
	}
	if m.chance(10) {
		s.EndTimeUnixNano = 0
	}
	if m.chance(3) {
		s.Status = &trace.Status{Code: pick(m, trace.Status_STATUS_CODE_ERROR, trace.Status_STATUS_CODE_OK), Message: pick(m, "", m.text())}
	}
	if m.chance(3) {
		s.TraceState, s.Flags = "ot=th:8,x="+m.text(), m.rnd.Uint32()
	}
	if m.chance(5) {
		s.DroppedAttributesCount, s.DroppedEventsCount, s.DroppedLinksCount = m.rnd.Uint32N(3), m.rnd.Uint32N(3), m.rnd.Uint32N(3)
	}
	return s
}

func (m *spanMaker) event(start uint64) *trace.Span_Event {
	e := &trace.Span_Event{
		TimeUnixNano: start + m.rnd.Uint64N(1e9) - 5e8, Name: pick(m, "exception", "log", "HTTP request failure", m.text()),
		Attributes: m.attributes(eventKeys, 4),
	}
	if m.chance(8) {
		e.DroppedAttributesCount = m.rnd.Uint32N(9)
	}
	if m.chance(20) {
		e.TimeUnixNano = m.rnd.Uint64()
	}
	return e
}

func (m *spanMaker) link() *trace.Span_Link {
	l := &trace.Span_Link{TraceId: m.bytes(16), SpanId: m.bytes(8), Attributes: m.attributes(spanKeys, 2)}
	if m.chance(3) {
		l.Flags, l.TraceState = m.rnd.Uint32(), m.text()
	}
	if m.chance(8) {
		l.DroppedAttributesCount = 4
	}
	if m.chance(10) {
		l.TraceId, l.SpanId = m.bytes(3), nil
	}
	return l
}

func (m *spanMaker) attributes(keys []string, n int) []*common.KeyValue {
	return some(m, n, func() *common.KeyValue {
		kv := &common.KeyValue{Key: pick(m, keys...), Value: m.value(0)}
		if m.chance(8) {
			kv.Key = m.text()
		}
		if fit := fitting[kv.Key]; fit != nil && !m.chance(6) {
			kv.Value = pick(m, fit...)
		}
		return kv
	})
}

func (m *spanMaker) value(depth int) *common.AnyValue {
	kinds := 12
	if depth > 2 {
		kinds = 9
	}
	switch m.rnd.IntN(kinds) {
	case 0, 1, 2:
		return stringOf(m.text())
	case 3:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: m.chance(2)}}
	case 4, 5:
		return intOf(pick(m, 0, 1, -1, 200, math.MaxInt64, math.MinInt64, m.rnd.Int64N(1e6)))
	case 6:
		return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: pick(m, 0, 1, 1.5, -2e300, 1e21, math.Inf(1), 5e-324, m.rnd.NormFloat64())}}
	case 7:
		return &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: m.bytes(m.rnd.IntN(9))}}
	case 8:
		return &common.AnyValue{}
	case 9, 10:
		return listOf(some(m, 3, func() *common.AnyValue { return m.value(depth + 1) })...)
	}
	return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{
		Values: some(m, 3, func() *common.KeyValue { return &common.KeyValue{Key: m.text(), Value: m.value(depth + 1)} }),
	}}}
}

func (m *spanMaker) text() string {
	return pick(m, "", "a", "plain", "GET /users/{id}", "with \"quotes\" and \\", "line\nbreak\t\x01", "भाषा", "naïve", "🚀", "x-y z", "null",
		"a text that is a good deal longer than eight bytes and then some")
}

func stringOf(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func intOf(n int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}
}

func boolOf(b bool) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: b}}
}

func listOf(values ...*common.AnyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: values}}}
}

var resourceKeys = []string{
	"service.name", "service.version", "service.namespace", "service.instance.id", "telemetry.sdk.language", "telemetry.sdk.name",
	"cloud.provider", "cloud.platform", "cloud.account.id", "cloud.availability_zone", "host.id", "host.name", "container.id",
	"k8s.cluster.name", "aws.log.group.names", "aws.log.group.arns", "aws.ecs.launchtype", "aws.ecs.container.arn", "deployment.environment.name",
	"deployment.environment-name", "telemetry.distro.version", "container.image.tags",
}

var eventKeys = []string{
	"exception.type", "exception.message", "exception.stacktrace", "exception.escaped", "http.status_code",
	"message.type", "messaging.message_payload_size_bytes", "aws.http.error_message",
}

var spanKeys = func() []string {
	keys := []string{
		"aws.xray.metadata.default", "aws.xray.metadata.other", "otel.resource.service.name", "app.user-id", "app.user_id", "app.user.id", "plan",
		"http.route", "network.protocol.version", "code.function",
	}
	for _, k := range knownKeys[1:] {
		keys = append(keys, k.name)
	}
	return keys
}()

// fitting are values that the mapping understands.
var fitting = map[string][]*common.AnyValue{
	"http.status_code":          {intOf(200), intOf(404), intOf(429), intOf(503), intOf(0)},
	"http.response.status_code": {intOf(200), intOf(404), intOf(429), intOf(503)},
	"client.address":            {stringOf("10.0.0.7"), stringOf("somebody"), stringOf("::1")},
	"net.peer.ip":               {stringOf("10.0.0.8")},
	"network.peer.address":      {stringOf("10.0.0.8"), stringOf("/var/run/socket")},
	"url.full":                  {stringOf("https://shop.example:8443/a/b?c=d&e"), stringOf("https://shop.example/a"), stringOf("odd")},
	"http.url":                  {stringOf("http://shop.example:80/")},
	"url.scheme":                {stringOf("https"), stringOf("http")},
	"url.path":                  {stringOf("/a/b"), stringOf("/")},
	"url.query":                 {stringOf("c=d")},
	"http.target":               {stringOf("/a/b?c=d")},
	"server.address":            {stringOf("shop.example"), stringOf("::1"), stringOf("shop.example:8443")},
	"server.port":               {intOf(8443), intOf(443), intOf(0)},
	"net.peer.port":             {intOf(8443)},
	"db.system":                 {stringOf("mysql"), stringOf("redis")},
	"db.system.name":            {stringOf("postgresql"), stringOf("mongodb")},
	"db.name":                   {stringOf("orders"), stringOf("a/b")},
	"db.namespace":              {stringOf("orders")},
	"db.connection_string":      {stringOf("jdbc:mysql://db.example:3306/orders"), stringOf("Server=x")},
	"rpc.system":                {stringOf("aws-api"), stringOf("grpc")},
	"aws.span.kind":             {stringOf("LOCAL_ROOT"), stringOf("LOCAL_ROOT"), stringOf("other")},
	"aws.xray.inprogress":       {boolOf(true), boolOf(false)},
	"aws.xray.annotations":      {listOf(stringOf("plan"), stringOf("http.method"), stringOf("app.user-id"))},
	"aws.xray.metadata.default": {stringOf(`{"plan":1,"x":{"a":[1, 2]},"x":3}`), stringOf("[]"), stringOf("{")},
	"aws.xray.metadata.other":   {stringOf(`{"deep":{"a":null}}`), stringOf(`{}`)},
	"aws.dynamodb.table_names":  {listOf(stringOf("t1")), listOf(stringOf("t1"), stringOf("t2")), listOf(), listOf(intOf(1))},
	"telemetry.sdk.language":    {stringOf("java"), stringOf("python"), stringOf("go"), stringOf("nodejs")},
	"cloud.provider":            {stringOf("aws"), stringOf("gcp")},
	"cloud.platform":            {stringOf("aws_ec2"), stringOf("aws_ecs"), stringOf("aws_eks"), stringOf("aws_elastic_beanstalk")},
	"aws.log.group.names":       {stringOf("a&b"), listOf(stringOf("g"))},
	"aws.log.group.arns":        {listOf(stringOf("arn:aws:logs:r:1:log-group:g:*"))},
	"message.type":              {stringOf("RECEIVED")},
	"exception.stacktrace":      {stringOf(javaText), stringOf("goroutine 1 [running]:\nmain.f(0x1)\n\t/a/b.go:12 +0x1f\n")},
}

const javaText = "java.lang.IllegalStateException: outer\n\tat a.B.c(B.java:12)\nCaused by: java.io.IOException: inner: deep\n\tat a.D.e(D.java:7)\n\t... 3 more\n"
