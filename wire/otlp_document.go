package wire

import (
	"encoding/hex"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// documentWriter is the document that is being written, and memory for it.
type documentWriter struct {
	b       []byte
	fixups  []fixup
	values  valueWriter
	indexed []indexedAttribute
	keys    [][]byte // of renamed annotations
	raw     []byte   // fields of the Span that nothing else says
	seen    [2]keySet
	later   []attribute // members of metadata.default that do not give an attribute back
	spaces  []attribute // attributes that are namespaces of metadata
}

// fixup is a string of the segment that shares memory with the document.
type fixup struct {
	to        *string
	from, end int
}

func (d *documentWriter) begin() {
	d.b, d.fixups, d.indexed, d.keys = d.b[:0], d.fixups[:0], d.indexed[:0], d.keys[:0]
	d.raw, d.later, d.spaces = d.raw[:0], d.later[:0], d.spaces[:0]
	d.seen[0].reset()
	d.seen[1].reset()
}

func (d *documentWriter) put(s string) { d.b = append(d.b, s...) }

func (d *documentWriter) release() {
	clear(d.fixups[:cap(d.fixups)])
	clear(d.indexed[:cap(d.indexed)])
	*d = documentWriter{b: d.b[:0], fixups: d.fixups[:0], values: d.values, indexed: d.indexed[:0], raw: d.raw[:0]}
}

// text appends a string that to will hold. Without to it is only appended.
func (d *documentWriter) text(to *string, s []byte) {
	from := len(d.b)
	var escaped bool
	d.b, escaped, _ = appendText(d.b, s)
	switch {
	case to == nil:
	case escaped:
		*to = string(unescape(nil, d.b[from+1:len(d.b)-1]))
	default:
		d.fixups = append(d.fixups, fixup{to, from + 1, len(d.b) - 1})
	}
}

// member appends key, which comes with its comma and colon, and a string that
// is not empty.
func (d *documentWriter) member(key string, to *string, s []byte) {
	if len(s) > 0 {
		d.put(key)
		d.text(to, s)
	}
}

// finish gives the segment its document.
func (d *documentWriter) finish(s *roentgen.Segment) {
	s.Document = make([]byte, len(d.b)) // with the copy one step, which does not clear it first
	copy(s.Document, d.b)
	for _, f := range d.fixups {
		*f.to = share(s.Document[f.from:f.end])
	}
	s.Hash = xxhash.Sum64(s.Document)
}

// document writes one document of the span.
func (p *SpanParser) document(plan documentPlan) (*roentgen.Segment, *roentgen.Rejection) {
	d, s := &p.build, new(roentgen.Segment)
	d.begin()
	p.head(s, &plan)
	p.flags(s)
	if plan.call {
		p.http(s, &plan)
	}
	p.aws(s, &plan)
	if plan.call {
		p.sql(s)
	}
	p.cause(s)
	if plan.links {
		p.links(s)
	}
	p.classify(&plan)
	p.annotations(s)
	p.metadata(s, &plan)
	p.side(&plan)
	d.put("}")
	if len(d.b) > p.lim.MaxDocumentBytes {
		return nil, p.span.reject(roentgen.InvalidSegment, fmt.Sprintf(
			"the span makes a document of %d bytes, %d are allowed; shorten attributes and stack traces", len(d.b), p.lim.MaxDocumentBytes))
	}
	d.finish(s)
	return s, nil
}

// head writes what the document is, and when it was.
func (p *SpanParser) head(s *roentgen.Segment, plan *documentPlan) {
	d, span := &p.build, &p.span
	s.Trace, s.ID, s.Parent, s.Kind = roentgen.TraceID(span.traceID), plan.id, plan.parent, plan.kind
	d.put(`{"trace_id":"1-`)
	d.b = hex.AppendEncode(d.b, s.Trace[:4])
	d.put("-")
	d.b = hex.AppendEncode(d.b, s.Trace[4:])
	d.put(`","id":"`)
	d.b = hex.AppendEncode(d.b, s.ID[:])
	d.put(`"`)
	if !s.Parent.IsZero() {
		d.put(`,"parent_id":"`)
		d.b = hex.AppendEncode(d.b, s.Parent[:])
		d.put(`"`)
	}
	if s.Kind == roentgen.KindSubsegment {
		d.put(`,"type":"subsegment"`)
	}
	d.member(`,"name":`, &s.Name, plan.name)
	p.times(s)
	switch plan.namespace {
	case roentgen.NamespaceAWS:
		d.put(`,"namespace":"aws"`)
	case roentgen.NamespaceRemote:
		d.put(`,"namespace":"remote"`)
	}
	d.b = append(d.b, p.resource.head...)
	if s.Kind == roentgen.KindSegment {
		s.Origin = p.resource.origin
		d.member(`,"user":`, &s.User, p.values.user)
		return
	}
	s.Namespace = plan.namespace
	d.member(`,"user":`, nil, p.values.user)
}

func (p *SpanParser) times(s *roentgen.Segment) {
	d, span := &p.build, &p.span
	s.Start = roentgen.Time(span.start)
	d.put(`,"start_time":`)
	d.b = AppendSeconds(d.b, s.Start)
	if s.InProgress = span.open(); s.InProgress {
		d.put(`,"in_progress":true`)
		return
	}
	s.End = roentgen.Time(span.end)
	d.put(`,"end_time":`)
	d.b = AppendSeconds(d.b, s.End)
}

// open reports whether the span has not ended.
func (s *spanWork) open() bool {
	a := s.get(keyXRayInProgress)
	return s.end == 0 || a != nil && a.value.kind == anyBool && a.value.number != 0
}

// flags follow from the response's status, and else from the span's.
func (p *SpanParser) flags(s *roentgen.Segment) {
	status, known := p.span.int(keyHTTPResponseStatusCode, keyHTTPStatusCode)
	switch {
	case known && status >= 400 && status < 500:
		s.Error, s.Throttle = true, status == 429
	case known && status >= 500 && status < 600, p.span.status == statusError:
		s.Fault = true
	}
	d := &p.build
	if s.Error {
		d.put(`,"error":true`)
	}
	if s.Throttle {
		d.put(`,"throttle":true`)
	}
	if s.Fault {
		d.put(`,"fault":true`)
	}
}

// dropComma takes out the comma before the first member of an object that
// begins at from.
func (d *documentWriter) dropComma(from int) {
	if len(d.b) == from {
		return
	}
	d.b = append(d.b[:from], d.b[from+1:]...)
	for i := len(d.fixups) - 1; i >= 0 && d.fixups[i].from > from; i-- {
		d.fixups[i].from--
		d.fixups[i].end--
	}
}
