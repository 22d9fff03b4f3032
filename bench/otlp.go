package bench

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of OTLP's trace messages, version 1 (opentelemetry-proto).
const (
	requestResourceSpans = 1

	resourceSpansResource = 1
	resourceSpansScope    = 2

	resourceAttributes = 1

	scopeSpansScope = 1
	scopeSpansSpans = 2

	scopeName    = 1
	scopeVersion = 2

	spanTraceID    = 1
	spanID         = 2
	spanParent     = 4
	spanName       = 5
	spanKind       = 6
	spanStart      = 7
	spanEnd        = 8
	spanAttributes = 9
	spanEvents     = 11
	spanStatus     = 15
	spanFlags      = 16

	eventTime       = 1
	eventName       = 2
	eventAttributes = 3

	statusMessage = 2
	statusCode    = 3
	statusError   = 2

	pairKey   = 1
	pairValue = 2

	valueText  = 1
	valueTruth = 2
	valueWhole = 3
	valueReal  = 4
)

// sampledRemote are the flags of a sampled span whose parent is known to be
// local.
const sampledRemote = 0x101

// spanWriter writes spans as OTLP; it keeps the memory that they take on the
// way. What becomes an annotation is the server's to say.
type spanWriter struct {
	pair, event, state []byte
}

// span appends the Span message of a span.
func (w *spanWriter) span(b []byte, t *Trace, s *Span) []byte {
	b = appendBytes(b, spanTraceID, t.ID[:])
	b = appendBytes(b, spanID, s.ID[:])
	if s.Parent >= 0 {
		b = appendBytes(b, spanParent, t.Spans[s.Parent].ID[:])
	}
	b = appendText(b, spanName, s.Name)
	b = appendVarint(b, spanKind, uint64(s.Kind))
	b = appendFixed64(b, spanStart, uint64(s.Start))
	b = appendFixed64(b, spanEnd, uint64(s.End))
	for i := range s.Attrs {
		b = w.attr(b, spanAttributes, s.Attrs[i].Key, s.Attrs[i].Value)
	}
	if s.Exception != nil {
		b = w.exception(b, s.Exception)
	}
	if s.Fault {
		b = w.status(b, s)
	}
	b = protowire.AppendTag(b, spanFlags, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, sampledRemote)
}

func (w *spanWriter) attr(b []byte, field protowire.Number, key string, v Value) []byte {
	p := appendText(w.pair[:0], pairKey, key)
	p = protowire.AppendTag(p, pairValue, protowire.BytesType)
	switch v.kind {
	case textKind:
		p = protowire.AppendVarint(p, uint64(1+protowire.SizeBytes(len(v.text))))
		p = appendText(p, valueText, v.text)
	case truthKind:
		p = protowire.AppendVarint(p, 2)
		p = appendVarint(p, valueTruth, protowire.EncodeBool(v.truth))
	case wholeKind:
		p = protowire.AppendVarint(p, uint64(1+protowire.SizeVarint(uint64(v.whole))))
		p = appendVarint(p, valueWhole, uint64(v.whole))
	case realKind:
		p = protowire.AppendVarint(p, 9)
		p = appendFixed64(p, valueReal, math.Float64bits(v.real))
	}
	w.pair = p
	return appendBytes(b, field, p)
}

func (w *spanWriter) exception(b []byte, x *Exception) []byte {
	e := appendFixed64(w.event[:0], eventTime, uint64(x.At))
	e = appendText(e, eventName, "exception")
	e = w.attr(e, eventAttributes, "exception.type", text(x.Type))
	e = w.attr(e, eventAttributes, "exception.message", text(x.Message))
	e = w.attr(e, eventAttributes, "exception.stacktrace", text(x.stack()))
	w.event = e
	return appendBytes(b, spanEvents, e)
}

// stack is the frames as Go prints them.
func (x *Exception) stack() string {
	b := []byte(x.Type + ": " + x.Message + "\n\ngoroutine 1 [running]:\n")
	for _, f := range x.Frames {
		b = append(b, f.Label+"(...)\n\t"+f.Path+":"...)
		b = strconv.AppendInt(b, int64(f.Line), 10)
		b = append(b, '\n')
	}
	return string(b)
}

func (w *spanWriter) status(b []byte, s *Span) []byte {
	message := "a call failed"
	if s.Exception != nil {
		message = s.Exception.Message
	}
	w.state = appendVarint(appendText(w.state[:0], statusMessage, message), statusCode, statusError)
	return appendBytes(b, spanStatus, w.state)
}

// resource is the Resource message of a service.
func (w *spanWriter) resource(service int) []byte {
	name := serviceName(service)
	var b []byte
	for _, a := range [...][2]string{
		{"service.name", name}, {"service.version", "1.4.2"}, {"service.instance.id", name + "-0"},
		{"deployment.environment.name", "bench"}, {"host.name", "ip-10-0-4-21"}, {"cloud.provider", "aws"}, {"cloud.region", "ap-south-1"},
		{"telemetry.sdk.language", "go"}, {"telemetry.sdk.name", "opentelemetry"}, {"telemetry.sdk.version", "1.47.0"},
	} {
		b = w.attr(b, resourceAttributes, a[0], text(a[1]))
	}
	return b
}

// request appends the ExportTraceServiceRequest of spans of one service, which
// stand behind one another as fields of ScopeSpans.
func (w *spanWriter) request(b []byte, service int, spans []byte) []byte {
	resource := w.resource(service)
	scope := appendText(appendText(nil, scopeName, "afirgen/"+serviceName(service)), scopeVersion, "1.4.2")
	inner := 1 + protowire.SizeBytes(len(scope)) + len(spans)
	outer := 1 + protowire.SizeBytes(len(resource)) + 1 + protowire.SizeBytes(inner)
	b = protowire.AppendTag(b, requestResourceSpans, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(outer))
	b = appendBytes(b, resourceSpansResource, resource)
	b = protowire.AppendTag(b, resourceSpansScope, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(inner))
	b = appendBytes(b, scopeSpansScope, scope)
	return append(b, spans...)
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendFixed64(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), v)
}
