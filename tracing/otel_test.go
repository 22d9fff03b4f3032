package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// shape draws a document as names and namespaces with their nesting:
// "shop(a, b[remote](c))".
func shape(v any) string {
	d := v.(doc)
	s := d["name"].(string)
	if ns, ok := d["namespace"].(string); ok {
		s += "[" + ns + "]"
	}
	kids, _ := d["subsegments"].([]any)
	if len(kids) == 0 {
		return s
	}
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = shape(k)
	}
	return s + "(" + strings.Join(parts, ", ") + ")"
}

func TestOtelhttpNestsInMiddlewareAndTrace(t *testing.T) {
	tr, a := start(t, Config{Callees: map[string]string{}})
	callee, b := start(t, Config{ServiceName: "gguf", SamplingRate: rate(0)})
	back := httptest.NewServer(callee.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) })))
	defer back.Close()
	client := &http.Client{Transport: otelhttp.NewTransport(back.Client().Transport,
		otelhttp.WithTracerProvider(tr), otelhttp.WithPropagators(tr.Propagator()))}
	defer client.CloseIdleConnections()
	inner := otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Annotate(r.Context(), "inside", true)
		err := Trace(r.Context(), "infer", func(ctx context.Context) error {
			req, _ := http.NewRequestWithContext(CalleeName(ctx, "gguf"), http.MethodPost, back.URL+"/x?q=secret", strings.NewReader("hi"))
			resp, err := client.Do(req)
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusBadGateway)
	}), "POST /process", otelhttp.WithTracerProvider(tr), otelhttp.WithPropagators(tr.Propagator()))
	front := httptest.NewServer(tr.Middleware(inner))
	defer front.Close()
	req, _ := http.NewRequest(http.MethodPost, front.URL+"/process", strings.NewReader("body"))
	req.Header.Set(HeaderName, "Root="+rootText+";Parent="+parentText+";Sampled=1")
	resp, err := front.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	front.Client().CloseIdleConnections()

	d := a.wait(1)[0]
	if got := shape(d); got != "shop(POST(infer(gguf[remote])))" {
		t.Errorf("shape %s", got)
	}
	a.is(d, `"`+parentText+`"`, "parent_id")
	a.is(d, `502`, "http", "response", "status")
	server := at(t, d, "subsegments", 0)
	a.is(server, `true`, "annotations", "inside")
	a.is(server, `true`, "fault")
	a.is(server, `502`, "http", "response", "status")
	a.is(server, `"POST"`, "http", "request", "method")
	call := at(t, server, "subsegments", 0, "subsegments", 0)
	a.is(call, `"`+back.URL+`/x"`, "http", "request", "url")
	a.is(call, `true`, "http", "request", "traced")
	a.is(call, `503`, "http", "response", "status")
	a.is(call, `true`, "fault")
	other := b.wait(1)[0]
	b.is(other, text(t, call, "id"), "parent_id")
	b.is(other, `"`+rootText+`"`, "trace_id")
}

func TestOtelsqlNestsInTrace(t *testing.T) {
	tr, a := start(t, Config{})
	db, err := otelsql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "x.db"), otelsql.WithTracerProvider(tr),
		otelsql.WithAttributes(attribute.String("db.system.name", "sqlite"), attribute.String("db.namespace", "x.db")),
		otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnResetSession: true, OmitConnectorConnect: true, OmitRows: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := a.segment(tr, func(ctx context.Context) {
		_ = Trace(ctx, "store", func(ctx context.Context) error {
			if _, err := db.ExecContext(ctx, "CREATE TABLE t (x)"); err != nil {
				t.Error(err)
			}
			_, err := db.ExecContext(ctx, "INSERT INTO t VALUES ('secret')")
			return err
		})
		if _, err := db.ExecContext(ctx, "INSERT INTO nowhere VALUES (1)"); err == nil {
			t.Error("a wrong statement worked")
		}
	})
	if got := shape(d); got != "shop(store(x.db[remote], x.db[remote]), x.db[remote])" {
		t.Errorf("shape %s", got)
	}
	insert := at(t, d, "subsegments", 0, "subsegments", 1)
	a.is(insert, `{"connection_string":"x.db","database_type":"SQLite","sanitized_query":"INSERT INTO t VALUES (?)"}`, "sql")
	failed := at(t, d, "subsegments", 1)
	a.is(failed, `true`, "fault")
	if msg := text(t, failed, "cause", "exceptions", 0, "message"); !strings.Contains(msg, "no such table") {
		t.Errorf("message %s", msg)
	}
}

// TestTheSDKOfOpenTelemetryAgrees starts the same spans here and in
// OpenTelemetry's own SDK: kinship, recording and samplers' effects must match.
func TestTheSDKOfOpenTelemetryAgrees(t *testing.T) {
	tr, a := start(t, Config{})
	rec := tracetest.NewSpanRecorder()
	oracle := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	defer func() { _ = oracle.Shutdown(context.Background()) }()
	story := func(p trace.TracerProvider) {
		t := p.Tracer("story")
		ctx, root := t.Start(context.Background(), "root")
		actx, sa := t.Start(ctx, "a", trace.WithSpanKind(trace.SpanKindServer))
		_, sb := t.Start(actx, "b")
		sb.SetName("b renamed")
		sb.End()
		_, sc := t.Start(ctx, "c", trace.WithAttributes(attribute.Int("n", 1)))
		sc.SetAttributes(attribute.Int("n", 2), attribute.Float64("f", 0.5))
		sc.AddEvent("hello", trace.WithAttributes(attribute.Bool("x", true)))
		sc.RecordError(errors.New("recorded"))
		sc.SetStatus(codes.Error, "bad")
		sc.SetStatus(codes.Ok, "")
		sc.SetStatus(codes.Error, "too late")
		sc.End()
		sc.SetAttributes(attribute.Int("n", 3))
		_, sd := trace.SpanFromContext(actx).TracerProvider().Tracer("x").Start(actx, "d")
		sd.SetStatus(codes.Error, "for good")
		sd.End()
		sa.End()
		root.End()
	}
	story(tr)
	story(oracle)
	theirs := map[string]string{}
	names := map[trace.SpanID]string{}
	for _, s := range rec.Ended() {
		names[s.SpanContext().SpanID()] = s.Name()
	}
	for _, s := range rec.Ended() {
		theirs[s.Name()] = names[s.Parent().SpanID()]
	}
	d := a.wait(1)[0]
	if ours := family(t, []doc{d}); fmt.Sprint(ours) != fmt.Sprint(theirs) {
		t.Errorf("family is %v, theirs %v", ours, theirs)
	}
	c := at(t, d, "subsegments", 1)
	a.is(c, `"c"`, "name")
	a.is(c, `{"f":0.5,"n":2}`, "metadata", "default")
	a.is(c, `"hello"`, "metadata", "otel", "events", 0, "name")
	a.is(c, `null`, "fault")
	a.is(c, `"recorded"`, "cause", "exceptions", 0, "message")
	dd := at(t, d, "subsegments", 0, "subsegments", 1)
	a.is(dd, `true`, "fault")
	a.is(dd, `"for good"`, "cause", "exceptions", 0, "message")
}

func TestAttributesOfEveryTypeAreJSON(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		_, s := tr.Tracer("").Start(ctx, "x")
		s.SetAttributes(
			attribute.Bool("b", true), attribute.Int64("i", -1), attribute.Float64("f", 1e300), attribute.String("s", "é\xff"),
			attribute.BoolSlice("bs", []bool{true, false}), attribute.Int64Slice("is", []int64{1, 2, 3, 4}), attribute.Float64Slice("fs", []float64{0.5}),
			attribute.StringSlice("ss", []string{"a", "b"}), attribute.ByteSlice("by", []byte{1, 2}),
			attribute.Slice("sl", attribute.IntValue(1), attribute.StringValue("x")), attribute.Map("m", attribute.Int("k", 1)),
			attribute.KeyValue{Key: "", Value: attribute.IntValue(1)},
			attribute.String("aws.xray.metadata.ns", `{"z":1,"a":{"b":[1]}}`), attribute.String("aws.xray.metadata.bad", `{`),
			attribute.String("server.address", "stays"),
		)
		s.End()
	})
	a.is(d, `{"aws.xray.metadata.bad":"{","b":true,"bs":[true,false],"by":"AQI=","f":1e+300,"fs":[0.5],"i":-1,"is":[1,2,3,4],"m":{"k":1},`+
		`"s":"é`+"\uFFFD"+`","server.address":"stays","sl":[1,"x"],"ss":["a","b"]}`, "subsegments", 0, "metadata", "default")
	a.is(d, `{"a":{"b":[1]},"z":1}`, "subsegments", 0, "metadata", "ns")
	if tr.Stats().AttributesLost != 1 {
		t.Errorf("stats %+v", tr.Stats())
	}
}

func TestOldAndNewConventionsMeanTheSame(t *testing.T) {
	old := []attribute.KeyValue{attribute.String("http.method", "GET"), attribute.String("http.scheme", "https"), attribute.String("http.host", "api.test:444"),
		attribute.String("http.target", "/a?q=1"), attribute.Int("http.status_code", 404), attribute.String("http.user_agent", "x"),
		attribute.Int("http.response_content_length", 9)}
	new := []attribute.KeyValue{attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "https"), attribute.String("server.address", "api.test"),
		attribute.Int("server.port", 444), attribute.String("url.path", "/a"), attribute.String("url.query", "q=1"), attribute.Int("http.response.status_code", 404),
		attribute.String("user_agent.original", "x"), attribute.Int("http.response.body.size", 9)}
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, attrs := range [][]attribute.KeyValue{old, new} {
			_, s := tr.Tracer("").Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
			s.SetStatus(codes.Error, "")
			s.End()
		}
	})
	for i := range 2 {
		sub := at(t, d, "subsegments", i)
		a.is(sub, `{"request":{"method":"GET","url":"https://api.test:444/a","user_agent":"x"},"response":{"content_length":9,"status":404}}`, "http")
		a.is(sub, `"api.test:444"`, "name")
		a.is(sub, `true`, "error")
		a.is(sub, `null`, "fault")
	}
}

func TestLocalSpansLoseLiteralsAndQueriesToo(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, kind := range []trace.SpanKind{trace.SpanKindInternal, trace.SpanKindClient} {
			_, s := tr.Tracer("orm").Start(ctx, "orm.Query", trace.WithSpanKind(kind), trace.WithAttributes(
				attribute.String("db.system", "mysql"), attribute.String("db.statement", "SELECT a FROM t WHERE name = 'Ravi'"),
				attribute.String("db.connection_string", "app:Ravi@tcp(db.test)/fir"), attribute.String("db.query.parameter.0", "Ravi"),
				attribute.String("url.full", "http://api.test/find?name=Ravi"), attribute.String("url.query", "name=Ravi")))
			s.End()
		}
		_, s := tr.Tracer("orm").Start(ctx, "unknown", trace.WithAttributes(attribute.String("db.query.text", "Ravi")))
		s.End()
	})
	if got := text(t, d); strings.Contains(got, "Ravi") {
		t.Errorf("what people typed shows in %s", got)
	}
	a.is(d, `{"db.statement":"SELECT a FROM t WHERE name = ?","db.system":"mysql","url.full":"http://api.test/find"}`,
		"subsegments", 0, "metadata", "default")
}

func TestNamesOfCallsComeFromTheBestAttribute(t *testing.T) {
	cases := []struct {
		want  string
		attrs []attribute.KeyValue
	}{
		{"billing[remote]", []attribute.KeyValue{attribute.String("peer.service", "billing"), attribute.String("server.address", "h")}},
		{"orders@db.test[remote]", []attribute.KeyValue{attribute.String("db.system", "mysql"), attribute.String("db.name", "orders"), attribute.String("net.peer.name", "db.test")}},
		{"cache[remote]", []attribute.KeyValue{attribute.String("db.system", "redis"), attribute.String("server.address", "cache")}},
		{"shop.Cart[remote]", []attribute.KeyValue{attribute.String("rpc.system", "grpc"), attribute.String("rpc.service", "shop.Cart")}},
		{"S3[aws]", []attribute.KeyValue{attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", "S3")}},
		{"span[remote]", nil},
	}
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, c := range cases {
			_, s := tr.Tracer("").Start(ctx, "span", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(c.attrs...))
			s.End()
		}
	})
	for i, c := range cases {
		if got := shape(at(t, d, "subsegments", i)); got != c.want {
			t.Errorf("case %d is %s, want %s", i, got, c.want)
		}
	}
	a.is(d, `"redis"`, "subsegments", 2, "metadata", "default", "db.system")
	a.is(d, `null`, "subsegments", 2, "sql")
}

func TestRootsStartNewTracesAndLimitsHold(t *testing.T) {
	tr, a := start(t, Config{Limits: Limits{Attributes: 2, Events: 1, Links: 1, Exceptions: 1}})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		_, s := tr.Tracer("").Start(ctx, "other trace", trace.WithNewRoot(), trace.WithLinks(trace.LinkFromContext(ctx), trace.Link{}))
		s.SetAttributes(attribute.Int("a", 1), attribute.Int("b", 1), attribute.Int("c", 1))
		for range 2 {
			s.AddEvent("e")
			s.AddLink(trace.LinkFromContext(ctx))
			s.AddEvent("exception", trace.WithAttributes(attribute.String("exception.type", "T"), attribute.String("exception.message", "m"),
				attribute.String("exception.stacktrace", "goroutine 1 [running]:\nexample.org/p.(*T).M(0x1)\n\t/home/x/p/f.go:12 +0x1d\nmain.main()\n\t/x/main.go:3\n")))
		}
		s.End()
		return nil
	})
	docs := a.wait(2)
	if docs[0]["trace_id"] == docs[1]["trace_id"] || docs[0]["name"] != "other trace" {
		t.Errorf("documents %v", docs)
	}
	a.is(docs[0], text(t, docs[1], "trace_id"), "links", 0, "trace_id")
	a.is(docs[0], `[{"label":"(*T).M","line":12,"path":"example.org/p/f.go"},{"label":"main","line":3,"path":"main/main.go"}]`, "cause", "exceptions", 0, "stack")
	if st := tr.Stats(); st.AttributesLost != 1 || st.EventsLost != 1 || st.LinksLost != 2 || st.ExceptionsLost != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestSpansOfOthersAreEndedToo(t *testing.T) {
	rec := tracetest.NewSpanRecorder()
	other := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	defer func() { _ = other.Shutdown(context.Background()) }()
	_, s := other.Tracer("").Start(context.Background(), "x")
	End(s, io.EOF)
	if ended := rec.Ended(); len(ended) != 1 || len(ended[0].Events()) != 1 {
		t.Error("the span was not ended with its error")
	}
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		// A foreign span over our segment hides it from OpenTelemetry, not from us.
		ctx = trace.ContextWithSpan(ctx, noop.Span{})
		_ = Trace(ctx, "ours", func(context.Context) error { return nil })
		_, s := tr.Tracer("").Start(ctx, "theirs")
		s.End()
	})
	if got := shape(d); got != "shop(ours, theirs)" {
		t.Errorf("shape %s", got)
	}
}

// FuzzDocument lets strangers fill a span: every datagram must be JSON within
// the limit, and hold every span.
func FuzzDocument(f *testing.F) {
	f.Add("name", "key", "value", []byte(`{"a":1}`), 1.5, 3, uint8(2))
	f.Add("\xff\x00", "a.b\"", "\u2028\\", []byte("\xff"), -1e308, 300, uint8(9))
	f.Fuzz(func(t *testing.T, name, key, value string, raw []byte, num float64, repeat int, kids uint8) {
		set, err := resolve(Config{SamplingRate: rate(1), LookupEnv: emptyEnv, MaxDocumentBytes: minDocumentBytes, ServiceName: value})
		if err != nil {
			return // a value that no configuration accepts never reaches a document
		}
		tr := newTracing(set)
		_ = tr.Segment(context.Background(), name, func(ctx context.Context) error {
			for range kids%20 + 1 {
				_ = Trace(ctx, name, func(ctx context.Context) error { fill(ctx, tr, name, key, value, raw, num, repeat); return nil })
			}
			SetUser(ctx, value)
			fill(ctx, tr, name, key, value, raw, num, repeat)
			return errors.New(value)
		})
		items, _ := tr.queue.swap(nil)
		enc, found := newEncoder(tr), 0
		for _, s := range items {
			enc.documents(s, minDocumentBytes, func(body []byte) {
				if len(body) > minDocumentBytes || !json.Valid(body) || hasLineFeed(body) {
					t.Fatalf("%d bytes, valid %v, more than one line %v: %s", len(body), json.Valid(body), hasLineFeed(body), body)
				}
				found += strings.Count(string(body), `"start_time":`)
			})
		}
		if want := 2*(int(kids%20)+1) + 2; found < want {
			t.Fatalf("%d of %d spans found", found, want)
		}
	})
}

func fill(ctx context.Context, tr *Tracing, name, key, value string, raw []byte, num float64, repeat int) {
	repeat = min(max(repeat, 0), 300)
	Annotate(ctx, "k", strings.Repeat(value, repeat))
	Annotate(ctx, key, num)
	Metadata(ctx, value, key, strings.Repeat(value, repeat))
	Metadata(ctx, key, value, json.RawMessage(raw))
	_, s := tr.Tracer("").Start(ctx, name, trace.WithSpanKind(trace.SpanKind(repeat%6)))
	s.SetAttributes(attribute.String(key, value), attribute.Float64(value, num), attribute.String("http.url", value), attribute.String("http.method", key),
		attribute.String("db.system", "mysql"), attribute.String("db.statement", value), attribute.String("db.connection_string", value), attribute.ByteSlice("raw", raw),
		attribute.StringSlice("aws.xray.annotations", []string{key, value}), attribute.String("aws.xray.metadata."+key, string(raw)), attribute.Float64("http.status_code", num))
	s.RecordError(errors.New(value), trace.WithStackTrace(true))
	s.AddEvent(key, trace.WithAttributes(attribute.String(value, key)))
	s.AddLink(trace.LinkFromContext(ctx, attribute.String(key, value)))
	s.SetStatus(codes.Error, value)
	s.End()
}
