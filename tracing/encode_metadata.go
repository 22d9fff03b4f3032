package tracing

import (
	"encoding/base64"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// entry is one metadata member about to be written: JSON, or an attribute, or
// the span's events.
type entry struct {
	namespace, key string
	json           []byte
	attr           *attribute.KeyValue
	events         []event
}

// appendMetadata gathers all entries and writes them by namespace, in the
// order of first appearance.
func (e *encoder) appendMetadata(o *object, s *span, f *facts) {
	e.gather(s, f)
	if len(e.data) == 0 {
		return
	}
	var m object
	o.member("metadata")
	m.open(o.b)
	for i, first := range e.data {
		if slices.IndexFunc(e.data, first.sameNamespace) < i {
			continue
		}
		m.memberQuoted(first.namespace, maxShort)
		m.b = e.appendNamespace(m.b, first)
	}
	o.b = m.close()
	clear(e.data)
}

func (n entry) sameNamespace(m entry) bool { return n.namespace == m.namespace }

func (e *encoder) gather(s *span, f *facts) {
	e.data = e.data[:0]
	if s.d == nil {
		return
	}
	for _, m := range s.d.meta {
		e.data = append(e.data, entry{namespace: m.namespace, key: m.key, json: m.json})
	}
	for _, m := range f.meta {
		e.gatherNew(entry{namespace: m.namespace, key: m.key, json: m.json})
	}
	for i := range f.rest {
		e.gatherNew(entry{namespace: defaultNamespace, key: string(f.rest[i].Key), attr: &f.rest[i]})
	}
	if s.d.more != nil && len(s.d.more.events) > 0 {
		e.gatherNew(entry{namespace: "otel", key: "events", events: s.d.more.events})
	}
}

// gatherNew leaves what Metadata set alone.
func (e *encoder) gatherNew(n entry) {
	if !slices.ContainsFunc(e.data, func(m entry) bool { return m.namespace == n.namespace && m.key == n.key }) {
		e.data = append(e.data, n)
	}
}

func (e *encoder) appendNamespace(b []byte, first entry) []byte {
	var o object
	o.open(b)
	for _, m := range e.data {
		if !m.sameNamespace(first) {
			continue
		}
		o.memberQuoted(m.key, maxShort)
		switch {
		case m.attr != nil:
			o.b = appendValue(o.b, m.attr.Value)
		case m.events != nil:
			o.b = e.appendEvents(o.b, m.events)
		default:
			o.b = append(o.b, m.json...)
		}
	}
	return o.close()
}

// appendEvents writes time as seconds after the start of the segment.
func (e *encoder) appendEvents(b []byte, events []event) []byte {
	b = append(b, '[')
	for i, ev := range events {
		if i > 0 {
			b = append(b, ',')
		}
		var o object
		o.open(b)
		o.member("name")
		o.b = appendString(o.b, ev.name, maxShort)
		o.member("after")
		o.b = appendFloat(o.b, ev.at.Seconds())
		if len(ev.attrs) > 0 {
			o.member("attributes")
			o.b = appendAttributes(o.b, ev.attrs)
		}
		b = o.close()
	}
	return append(b, ']')
}

// appendValue writes an attribute as JSON; bytes become base64, NaN and
// infinities strings. Strings are cut at 2,048 characters.
func appendValue(b []byte, v attribute.Value) []byte {
	switch v.Type() {
	case attribute.BOOL:
		return strconv.AppendBool(b, v.AsBool())
	case attribute.INT64:
		return strconv.AppendInt(b, v.AsInt64(), 10)
	case attribute.FLOAT64:
		return appendFloat(b, v.AsFloat64())
	case attribute.STRING:
		return appendString(b, v.AsString(), maxText)
	case attribute.BOOLSLICE:
		return appendArray(b, v.AsBoolSlice(), strconv.AppendBool)
	case attribute.INT64SLICE:
		return appendArray(b, v.AsInt64Slice(), func(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) })
	case attribute.FLOAT64SLICE:
		return appendArray(b, v.AsFloat64Slice(), appendFloat)
	case attribute.STRINGSLICE:
		return appendArray(b, v.AsStringSlice(), func(b []byte, s string) []byte { return appendString(b, s, maxText) })
	case attribute.BYTESLICE:
		return appendString(b, base64.StdEncoding.EncodeToString(v.AsByteSlice()), maxText)
	case attribute.SLICE:
		return appendArray(b, v.AsSlice(), appendValue)
	case attribute.MAP:
		return appendAttributes(b, v.AsMap())
	}
	return append(b, "null"...)
}

func appendArray[T any](b []byte, items []T, each func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = each(b, v)
	}
	return append(b, ']')
}
