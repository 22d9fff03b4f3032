package wire

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/roentgen/roentgen"
)

// SpanDocument is what became of one document that a span made.
type SpanDocument struct {
	Parsed
	Span int // which span of the request it is of, from 0
}

// SpanBatch is what became of the spans of one request.
type SpanBatch struct {
	// Documents has one entry for each document, in the order of the spans.
	// Nearly every span makes one; a local root that calls makes two.
	Documents []SpanDocument
	Spans     int
}

// SpanParser maps the spans of OTLP requests to segments in one pass, as
// X-Ray's exporter for OpenTelemetry's collector does; docs/protocol/otlp.md
// has the rules. What a segment has no place for goes into the member otlp of
// the document, so that Spans gives the span back as it came.
//
// A document that it writes is what a Parser accepts, and the segment is the
// one that the Parser would make of it. It keeps its scratch memory between
// two requests and is for one goroutine at a time.
type SpanParser struct {
	lim      Limits
	index    SpanIndex
	named    []string // of index.Keys those of spans
	resource resourceWork
	scope    []byte // members of otlp that the scope gives
	span     spanWork
	values   blockValues
	names    nameWork
	keys     keyTable
	causes   causeWork
	build    documentWriter
	broken   bool // the request is no message
	batch    SpanBatch
}

// NewSpanParser returns a parser with these limits, which indexes these
// attributes.
func NewSpanParser(lim Limits, index SpanIndex) *SpanParser {
	p := &SpanParser{lim: lim.resolved(), index: index}
	for _, key := range index.Keys {
		if !strings.HasPrefix(key, resourcePrefix) {
			p.named = append(p.named, key)
		}
	}
	p.build.values.maxDepth = min(maxValueDepth, p.lim.MaxDepth-depthAbove)
	return p
}

// Bounds of the nesting of attributes' values: a value stands below up to
// depthAbove objects and arrays of the document, and what is deeper than
// maxValueDepth cannot be read in the document (but is given back).
const (
	maxValueDepth = 64
	depthAbove    = 8
)

// Parse maps the spans of an ExportTraceServiceRequest in protobuf. The
// documents share no memory with request. The error, of kind Invalid, says
// that the bytes are no such request; then nothing was mapped.
func (p *SpanParser) Parse(request []byte) (SpanBatch, error) {
	p.broken, p.batch = false, SpanBatch{Documents: make([]SpanDocument, 0, len(request)/384+1)}
	defer p.release()
	f := protoFields{rest: request}
	for f.next() {
		if f.tag == 1<<3|tagBytes {
			p.resourceSpans(f.val)
		}
	}
	if f.broken || p.broken || p.build.values.broken {
		p.build.values.broken = false
		return SpanBatch{}, roentgen.Invalidf("the request is no ExportTraceServiceRequest in protobuf: it breaks off, or a field has no length that fits")
	}
	return p.batch, nil
}

// release lets go of the request and of the documents, so that a parser that
// is kept keeps neither.
func (p *SpanParser) release() {
	p.batch, p.resource, p.values = SpanBatch{}, resourceWork{}, blockValues{scratch: p.values.scratch[:0]}
	clear(p.span.attributes[:cap(p.span.attributes)])
	clear(p.causes.scratch[:cap(p.causes.scratch)])
	clear(p.causes.list[:cap(p.causes.list)])
	p.span = spanWork{attributes: p.span.attributes[:0]}
	p.build.release()
}

// resourceSpans maps what one resource sent. Its own fields may stand behind
// the spans.
func (p *SpanParser) resourceSpans(b []byte) {
	p.readResource(b)
	f := protoFields{rest: b}
	for f.next() {
		if f.tag == 2<<3|tagBytes {
			p.scopeSpans(f.val)
		}
	}
	p.broken = p.broken || f.broken
}

func (p *SpanParser) scopeSpans(b []byte) {
	p.readScope(b)
	f := protoFields{rest: b}
	for f.next() {
		if f.tag == 2<<3|tagBytes {
			p.broken = !p.span.read(f.val) || p.broken
			p.mapSpan()
			p.batch.Spans++
		}
	}
	p.broken = p.broken || f.broken
}

// mapSpan writes the documents of the span that was read.
func (p *SpanParser) mapSpan() {
	s := &p.span
	if r := s.check(); r != nil {
		p.emit(nil, r)
		return
	}
	p.values.take(s, &p.resource)
	switch {
	case !s.localRoot():
		p.emit(p.document(p.plain()))
	case s.kind == kindClient || s.kind == kindProducer || s.kind == kindConsumer:
		p.emit(p.document(p.dependency()))
		p.emit(p.document(p.localService()))
	default:
		whole := p.plain()
		whole.kind, whole.namespace = roentgen.KindSegment, roentgen.NamespaceNone
		p.emit(p.document(whole))
	}
}

func (p *SpanParser) emit(s *roentgen.Segment, r *roentgen.Rejection) {
	p.batch.Documents = append(p.batch.Documents, SpanDocument{Parsed{s, r}, p.batch.Spans})
}

// Kinds of span.
const (
	kindInternal = 1
	kindServer   = 2
	kindClient   = 3
	kindProducer = 4
	kindConsumer = 5
)

const statusError = 2 // code of a Status

// spanWork is a Span of OTLP, taken apart. It shares memory with the request.
type spanWork struct {
	traceID, id, parent  []byte
	name, state, message []byte
	kind, status         int32
	flags                uint32
	start, end           uint64
	attributes           []attribute
	events, links        [][]byte
	unknown              [][]byte        // fields that this version does not know
	dropped              [3]uint32       // attributes, events, links
	at                   [keyCount]int32 // index in attributes, of the first of each key, plus 1
}

// reset empties s. It writes no pointers, which would cost while the garbage
// collector runs.
func (s *spanWork) reset() {
	s.traceID, s.id, s.parent = s.traceID[:0], s.id[:0], s.parent[:0]
	s.name, s.state, s.message = s.name[:0], s.state[:0], s.message[:0]
	s.kind, s.status, s.flags, s.start, s.end = 0, 0, 0, 0, 0
	s.attributes, s.events, s.links, s.unknown = s.attributes[:0], s.events[:0], s.links[:0], s.unknown[:0]
	s.dropped, s.at = [3]uint32{}, [keyCount]int32{}
}

// read takes a Span apart; false where it is broken.
func (s *spanWork) read(b []byte) bool {
	s.reset()
	sound := true
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			s.traceID = f.val
		case 2<<3 | tagBytes:
			s.id = f.val
		case 3<<3 | tagBytes:
			s.state = f.val
		case 4<<3 | tagBytes:
			s.parent = f.val
		case 5<<3 | tagBytes:
			s.name = f.val
		case 6<<3 | tagVarint:
			s.kind = int32(f.number)
		case 7<<3 | tagFixed64:
			s.start = f.number
		case 8<<3 | tagFixed64:
			s.end = f.number
		case 9<<3 | tagBytes:
			sound = s.attribute(f.val) && sound
		case 11<<3 | tagBytes:
			s.events = append(s.events, f.val)
		case 13<<3 | tagBytes:
			s.links = append(s.links, f.val)
		case 15<<3 | tagBytes:
			sound = s.readStatus(f.val) && sound
		default:
			s.rare(&f)
		}
	}
	return sound && !f.broken
}

// rare takes the fields that few spans have.
func (s *spanWork) rare(f *protoFields) {
	switch f.tag {
	case 10<<3 | tagVarint:
		s.dropped[0] = uint32(f.number)
	case 12<<3 | tagVarint:
		s.dropped[1] = uint32(f.number)
	case 14<<3 | tagVarint:
		s.dropped[2] = uint32(f.number)
	case 16<<3 | tagFixed32:
		s.flags = uint32(f.number)
	default:
		s.unknown = append(s.unknown, f.whole)
	}
}

func (s *spanWork) attribute(b []byte) bool {
	n := len(s.attributes)
	if n == cap(s.attributes) {
		s.attributes = append(s.attributes, attribute{})
	} else {
		s.attributes = s.attributes[:n+1]
	}
	a := &s.attributes[n]
	ok := a.read(b)
	a.known = keyOf(a.key)
	if a.known != keyNone && s.at[a.known] == 0 {
		s.at[a.known] = int32(len(s.attributes))
	}
	return ok
}

func (s *spanWork) readStatus(b []byte) bool {
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 2<<3 | tagBytes:
			s.message = f.val
		case 3<<3 | tagVarint:
			s.status = int32(f.number)
		}
	}
	return !f.broken
}

// get returns the attribute of that key, of which the first counts; nil
// where there is none.
func (s *spanWork) get(k knownKey) *attribute {
	if i := s.at[k]; i > 0 {
		return &s.attributes[i-1]
	}
	return nil
}

// text returns the first of these attributes that is a string and not empty.
func (s *spanWork) text(keys ...knownKey) []byte {
	for _, k := range keys {
		if a := s.get(k); a != nil && a.value.kind == anyString && len(a.value.text) > 0 {
			return a.value.text
		}
	}
	return nil
}

// int returns the first of these attributes that is a whole number.
func (s *spanWork) int(keys ...knownKey) (int64, bool) {
	for _, k := range keys {
		if a := s.get(k); a != nil && a.value.kind == anyInt {
			return int64(a.value.number), true
		}
	}
	return 0, false
}

// hasParent reports whether the span names a parent; eight zeros are none.
func (s *spanWork) hasParent() bool {
	for _, b := range s.parent {
		if b != 0 {
			return true
		}
	}
	return false
}

func (s *spanWork) localRoot() bool {
	a := s.get(keyAWSSpanKind)
	return a != nil && a.value.is("LOCAL_ROOT") && s.kind >= kindInternal && s.kind <= kindConsumer
}

// check says why a span cannot be a segment.
func (s *spanWork) check() *roentgen.Rejection {
	switch {
	case len(s.traceID) != 16 || allZero(s.traceID):
		return s.reject(roentgen.InvalidTraceID, fmt.Sprintf("trace_id %x is not 16 bytes, or is zero", clip(string(s.traceID))))
	case len(s.id) != 8 || allZero(s.id):
		return s.reject(roentgen.InvalidID, fmt.Sprintf("span_id %x is not 8 bytes, or is zero", clip(string(s.id))))
	case len(s.parent) != 8 && s.hasParent():
		return s.reject(roentgen.InvalidID, fmt.Sprintf("parent_span_id %x is not 8 bytes", clip(string(s.parent))))
	case s.start == 0:
		return s.reject(roentgen.MissingStartTime, "start_time_unix_nano is missing or 0; send nanoseconds since 1970")
	case s.start > 1<<63-1 || s.end > 1<<63-1:
		return s.reject(roentgen.InvalidSegment, "a time lies after the year 2262; send nanoseconds since 1970")
	}
	return nil
}

func (s *spanWork) reject(code roentgen.RejectCode, detail string) *roentgen.Rejection {
	return &roentgen.Rejection{Code: code, ID: hex.EncodeToString([]byte(clip(string(s.id)))), Detail: detail}
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
