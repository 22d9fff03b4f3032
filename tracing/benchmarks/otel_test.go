package benchmarks

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// attributes are the same facts; a structured value has to become text.
func attributes(m *payload) []attribute.KeyValue {
	j, _ := json.Marshal(m)
	return []attribute.KeyValue{
		attribute.String("model_name", model), attribute.Int("tokens", 812), attribute.Bool("cached", true),
		attribute.String("metadata.prompt", string(j)), attribute.String("metadata.session", session),
	}
}

// otelRequest uses the OpenTelemetry API, whoever stands behind it.
func otelRequest(t trace.Tracer, names [5]string, m *payload) {
	ctx, root := t.Start(context.Background(), "POST /process", trace.WithSpanKind(trace.SpanKindServer))
	if root.IsRecording() {
		root.SetAttributes(attributes(m)...)
	}
	for i, name := range names {
		_, s := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
		if i == 4 && s.IsRecording() {
			s.SetAttributes(attributes(m)...)
		}
		s.End()
	}
	root.End()
}

// counting counts the spans that an exporter took.
type counting struct {
	sdktrace.SpanExporter
	n atomic.Int64
}

func (c *counting) ExportSpans(ctx context.Context, s []sdktrace.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, s)
	if err == nil {
		c.n.Add(int64(len(s)))
	}
	return err
}

func otelBench(b *testing.B, sampler sdktrace.Sampler, options ...sdktrace.BatchSpanProcessorOption) {
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpoint(theSink.http), otlptracehttp.WithInsecure())
	if err != nil {
		b.Fatal(err)
	}
	c := &counting{SpanExporter: exporter}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(c, options...), sdktrace.WithSampler(sampler),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))))
	defer func() { _ = tp.Shutdown(context.Background()) }()
	t, names, m := tp.Tracer("bench"), children(), meta()
	measure(b, func() { otelRequest(t, names, m) }, func() { _ = tp.ForceFlush(context.Background()) }, c.n.Load)
}

// The queue waits when it is full: every span is exported.
func BenchmarkOTelSampledOTLPBlocking(b *testing.B) {
	otelBench(b, sdktrace.AlwaysSample(), sdktrace.WithBlocking())
}

// The defaults: the queue drops what does not fit.
func BenchmarkOTelSampledOTLPDefault(b *testing.B) { otelBench(b, sdktrace.AlwaysSample()) }

func BenchmarkOTelUnsampled(b *testing.B) {
	otelBench(b, sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0)))
}
