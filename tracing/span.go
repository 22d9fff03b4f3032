package tracing

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// span is a segment or subsegment being recorded. It is also the context that
// carries itself, so that starting one costs a single allocation.
//
// The fields up to parent never change; the rest belongs to seg.mu until the
// span is sent, and to the sender after that.
type span struct {
	context.Context
	embedded.Span
	seg    *segment
	parent *span // nil for the segment itself
	id     trace.SpanID
	start  time.Duration // offset from seg.began

	name              string
	finish            time.Duration
	first, last, next *span // finished subsegments, and the next one under the same parent
	below             int   // how many hang under this one
	d                 *details
	kind              trace.SpanKind
	status            codes.Code
	flags             flags
	ended, sent       bool
}

var _ trace.Span = (*span)(nil)

// flags are X-Ray's three words for a bad outcome.
type flags uint8

const (
	flagError    flags = 1 << iota // the caller's mistake: 4xx
	flagThrottle                   // 429
	flagFault                      // the service's failure: 5xx, errors, panics
)

// details is what most subsegments do not have, kept apart to keep those small.
type details struct {
	notes      []note
	meta       []datum
	metaBytes  int
	attrs      []attribute.KeyValue
	exceptions []exception
	cause      trace.SpanID // instead of exceptions: the one recorded deeper down
	http       *httpInfo
	sql        *sqlInfo
	more       *rare // nil: nothing

	// The first ones live here, to save an allocation. Together with the rest
	// they stay under 512 bytes, beyond which allocating costs more.
	noteRoom [4]note
	metaRoom [2]datum
}

// rare is what hardly any (sub)segment has.
type rare struct {
	events     []event
	links      []trace.Link
	statusText string
	user       string
}

func (d *details) rarities() *rare {
	if d.more == nil {
		d.more = &rare{}
	}
	return d.more
}

type event struct {
	name  string
	at    time.Duration
	attrs []attribute.KeyValue
}

// String keeps fmt from reading the fields, which would be a data race.
func (s *span) String() string { return "tracing.span " + s.id.String() }

// touch locks the tree for a change to s; false means s has ended and nothing
// is locked.
func (s *span) touch() bool {
	s.seg.mu.Lock()
	if s.ended {
		s.seg.mu.Unlock()
		s.seg.tr.count.usesAfterEnd.Add(1)
		return false
	}
	return true
}

// release ends what touch began.
func (s *span) release() { s.seg.mu.Unlock() }

func (s *span) detailsLocked() *details {
	if s.d == nil {
		d := &details{}
		d.notes, d.meta = d.noteRoom[:0], d.metaRoom[:0]
		s.d = d
	}
	return s.d
}

// End implements [trace.Span]. WithStackTrace has no meaning here.
func (s *span) End(options ...trace.SpanEndOption) {
	at := s.seg.elapsed()
	if len(options) > 0 {
		c := trace.NewSpanEndConfig(options...)
		if t := c.Timestamp(); !t.IsZero() {
			at = t.Sub(s.seg.began)
		}
	}
	s.end(at)
}

func (s *span) IsRecording() bool {
	s.seg.mu.Lock()
	defer s.seg.mu.Unlock()
	return !s.ended
}

func (s *span) SpanContext() trace.SpanContext {
	c := trace.SpanContextConfig{TraceID: s.seg.traceID, SpanID: s.id}
	if !s.seg.undecided { // which are recorded all the same
		c.TraceFlags = trace.FlagsSampled
	}
	return trace.NewSpanContext(c)
}

// SetStatus follows OpenTelemetry: Ok beats Error beats Unset.
func (s *span) SetStatus(code codes.Code, description string) {
	if !s.touch() {
		return
	}
	defer s.release()
	if s.status == codes.Ok || code == codes.Unset {
		return
	}
	s.status = code
	if code == codes.Error && description != "" {
		s.detailsLocked().rarities().statusText = description
	}
}

func (s *span) SetName(name string) {
	if s.touch() {
		s.name = name
		s.release()
	}
}

// SetAttributes keeps the last value of each key.
func (s *span) SetAttributes(kv ...attribute.KeyValue) {
	if len(kv) == 0 || !s.touch() {
		return
	}
	defer s.release()
	s.setAttributesLocked(kv)
}

func (s *span) setAttributesLocked(kv []attribute.KeyValue) {
	d := s.detailsLocked()
	if d.attrs == nil {
		d.attrs = make([]attribute.KeyValue, 0, max(len(kv), 4))
	}
	for _, a := range kv {
		i := slices.IndexFunc(d.attrs, func(b attribute.KeyValue) bool { return a.Key == b.Key })
		switch {
		case i >= 0:
			d.attrs[i] = a
		case !a.Valid() || len(d.attrs) >= s.seg.tr.set.limits.Attributes:
			s.seg.tr.count.attributesLost.Add(1)
		default:
			d.attrs = append(d.attrs, a)
		}
	}
}

// AddEvent turns an "exception" event into an exception; others are kept in
// metadata.
func (s *span) AddEvent(name string, options ...trace.EventOption) {
	c := trace.NewEventConfig(options...)
	if name == "exception" {
		s.addExceptionEvent(c.Attributes())
		return
	}
	at := c.Timestamp().Sub(s.seg.began)
	if !s.touch() {
		return
	}
	defer s.release()
	d := s.detailsLocked().rarities()
	if len(d.events) >= s.seg.tr.set.limits.Events {
		s.seg.tr.count.eventsLost.Add(1)
		return
	}
	d.events = append(d.events, event{name: name, at: at, attrs: slices.Clone(c.Attributes())})
}

func (s *span) AddLink(l trace.Link) {
	if !l.SpanContext.HasTraceID() || !s.touch() {
		return
	}
	defer s.release()
	s.addLinkLocked(l)
}

func (s *span) addLinkLocked(l trace.Link) {
	d := s.detailsLocked().rarities()
	if len(d.links) >= s.seg.tr.set.limits.Links {
		s.seg.tr.count.linksLost.Add(1)
		return
	}
	l.Attributes = slices.Clone(l.Attributes)
	d.links = append(d.links, l)
}

// RecordError records err as an exception and, as OpenTelemetry has it,
// leaves the status alone.
func (s *span) RecordError(err error, options ...trace.EventOption) {
	if err == nil {
		return
	}
	c := trace.NewEventConfig(options...)
	s.addError(err, c.StackTrace())
}

func (s *span) TracerProvider() trace.TracerProvider { return s.seg.tr }

// mark adds flags.
func (s *span) mark(f flags) {
	if s.touch() {
		s.flags |= f
		s.release()
	}
}
