package wire

import (
	"encoding/hex"
	"strconv"

	"github.com/roentgen/roentgen"
)

// Bounds of what a cause tells; the span is given back whole all the same.
const (
	maxExceptions = 50  // of one span, without the causes of each
	maxChain      = 10  // causes of one exception
	maxFrames     = 100 // of one stack
)

// spanEvent is an Event of OTLP. It shares memory with the request.
type spanEvent struct {
	time       uint64
	name       []byte
	attributes []attribute
	dropped    uint32
	odd        bool // it has fields that this version does not know
}

// readEvent reads an Event; false where it is broken.
func readEvent(b []byte, scratch []attribute) (e spanEvent, ok bool) {
	e.attributes, ok = scratch, true
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagFixed64:
			e.time = f.number
		case 2<<3 | tagBytes:
			e.name = f.val
		case 3<<3 | tagBytes:
			a, sound := readAttribute(f.val)
			ok = ok && sound
			e.attributes = append(e.attributes, a)
		case 4<<3 | tagVarint:
			e.dropped = uint32(f.number)
		default:
			e.odd = true
		}
	}
	return e, ok && !f.broken
}

// text returns the attribute of that key if it is a string.
func (e *spanEvent) text(key string) []byte {
	for i := range e.attributes {
		if a := &e.attributes[i]; string(a.key) == key && a.value.kind == anyString {
			return a.value.text
		}
	}
	return nil
}

// Keys of the attributes of an exception event.
const (
	exceptionEvent   = "exception"
	exceptionType    = "exception.type"
	exceptionMessage = "exception.message"
	exceptionStack   = "exception.stacktrace"
)

// causeWork is the exceptions of a span.
type causeWork struct {
	list    []exceptionWork
	scratch []attribute
	told    bool // the only one is the message of the span's status
}

type exceptionWork struct {
	kind, message []byte
	remote        bool
	stack         []stackFrame
	cut           int // frames beyond maxFrames
	cause         int // index of what caused it; 0: nothing
}

// cause writes why the span failed.
func (p *SpanParser) cause(s *roentgen.Segment) {
	c, span := &p.causes, &p.span
	c.list, c.told = c.list[:0], false
	if len(span.events) > 0 {
		p.eventExceptions()
	}
	if len(c.list) == 0 && span.status == statusError {
		message := span.message
		c.told = len(message) > 0
		if !c.told {
			message = span.text(keyHTTPStatusText)
		}
		if len(message) > 0 {
			c.list = append(c.list, exceptionWork{message: message, remote: span.calls()})
		}
	}
	if len(c.list) > 0 {
		p.writeCause(s)
	}
}

// calls reports whether the span's exceptions come from somebody it called.
func (s *spanWork) calls() bool { return s.kind == kindClient || s.kind == kindProducer }

// eventExceptions gathers the events that are exceptions; of AWS's clients,
// where there is none, the attempts that failed.
func (p *SpanParser) eventExceptions() {
	c := &p.causes
	for _, b := range p.span.events {
		e, ok := readEvent(b, c.scratch[:0])
		p.broken, c.scratch = p.broken || !ok, e.attributes
		if string(e.name) == exceptionEvent && len(c.list) < maxExceptions {
			c.list = append(c.list, exceptionWork{
				kind: e.text(exceptionType), message: e.text(exceptionMessage), remote: p.span.calls(),
			})
		}
	}
	if len(c.list) == 0 && p.span.namespaceOf() == roentgen.NamespaceAWS {
		p.failedAttempts()
		return
	}
	n := 0
	for _, b := range p.span.events {
		e, _ := readEvent(b, c.scratch[:0])
		c.scratch = e.attributes
		if string(e.name) == exceptionEvent && n < len(c.list) {
			p.stack(n, e.text(exceptionStack))
			n++
		}
	}
}

// stack reads the stack of the n-th exception. What it says of causes becomes
// exceptions behind all others, so that the n-th event stays the n-th.
func (p *SpanParser) stack(n int, text []byte) {
	c := &p.causes
	trace := parseStack(p.resource.language, text)
	for i, part := range trace {
		if i == 0 {
			c.list[n].setStack(part.frames)
			continue
		}
		c.list[n].cause = len(c.list)
		n = len(c.list)
		x := exceptionWork{kind: part.kind, message: part.message, remote: p.span.calls()}
		x.setStack(part.frames)
		c.list = append(c.list, x)
	}
}

func (x *exceptionWork) setStack(frames []stackFrame) {
	if len(frames) > maxFrames {
		x.cut, frames = len(frames)-maxFrames, frames[:maxFrames]
	}
	x.stack = frames
}

// failedAttempts makes an exception of each attempt of a call that failed.
func (p *SpanParser) failedAttempts() {
	c := &p.causes
	for _, b := range p.span.events {
		e, _ := readEvent(b, c.scratch[:0])
		c.scratch = e.attributes
		if string(e.name) != "HTTP request failure" || len(c.list) == maxExceptions {
			continue
		}
		var message []byte
		for i := range e.attributes {
			k := keyOf(e.attributes[i].key)
			if v := &e.attributes[i].value; v.kind == anyInt && (k == keyHTTPStatusCode || k == keyHTTPResponseStatusCode) {
				message = strconv.AppendInt(message[:0], int64(v.number), 10)
			}
		}
		at := e.time / 1000 // microseconds
		message = append(strconv.AppendUint(append(message, '@'), at/1e6, 10), '.')
		message = append(message, strconv.Itoa(int(1e6 + at%1e6))[1:]...)
		message = append(append(message, '@'), e.text("aws.http.error_message")...)
		c.list = append(c.list, exceptionWork{kind: []byte("aws.http.error.event"), message: message, remote: true})
	}
}

// writeCause writes the exceptions. Their ids follow from the span's, so that
// a span that is sent again makes the same document.
func (p *SpanParser) writeCause(s *roentgen.Segment) {
	d, c := &p.build, &p.causes
	s.Cause = &roentgen.Cause{Exceptions: make([]roentgen.Exception, len(c.list))}
	d.put(`,"cause":{"exceptions":[`)
	for i := range c.list {
		x, out := &c.list[i], &s.Cause.Exceptions[i]
		if i > 0 {
			d.put(",")
		}
		out.ID = hex.EncodeToString(derivedID(p.span.id, i))
		d.put(`{"id":"` + out.ID + `"`)
		d.member(`,"type":`, &out.Type, x.kind)
		d.member(`,"message":`, &out.Message, x.message)
		if out.Remote = x.remote; x.remote {
			d.put(`,"remote":true`)
		}
		if x.cause > 0 {
			out.Cause = hex.EncodeToString(derivedID(p.span.id, x.cause))
			d.put(`,"cause":"` + out.Cause + `"`)
		}
		if x.cut > 0 {
			d.put(`,"truncated":`)
			d.b = strconv.AppendInt(d.b, int64(x.cut), 10)
		}
		d.stack(x.stack)
		d.put("}")
	}
	d.put("]}")
}

func (d *documentWriter) stack(frames []stackFrame) {
	if len(frames) == 0 {
		return
	}
	d.put(`,"stack":[`)
	w := objectWriter{b: d.b}
	for i, f := range frames {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		w.bytes("path", f.path)
		if f.line > 0 {
			w.key("line")
			w.b = strconv.AppendInt(w.b, int64(f.line), 10)
		}
		w.bytes("label", f.label)
		w.close()
	}
	d.b = append(w.b, ']')
}

// spanLink is a Link of OTLP.
type spanLink struct {
	trace, id, state []byte
	attributes       []attribute
	dropped, flags   uint32
	odd              bool
}

// readLink reads a Link; false where it is broken.
func readLink(b []byte) (l spanLink, ok bool) {
	ok = true
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			l.trace = f.val
		case 2<<3 | tagBytes:
			l.id = f.val
		case 3<<3 | tagBytes:
			l.state = f.val
		case 4<<3 | tagBytes:
			a, sound := readAttribute(f.val)
			ok = ok && sound
			l.attributes = append(l.attributes, a)
		case 5<<3 | tagVarint:
			l.dropped = uint32(f.number)
		case 6<<3 | tagFixed32:
			l.flags = uint32(f.number)
		default:
			l.odd = true
		}
	}
	return l, ok && !f.broken
}

// valid reports whether a segment can have the link.
func (l *spanLink) valid() bool {
	return len(l.trace) == 16 && len(l.id) == 8 && !allZero(l.trace) && !allZero(l.id)
}

// links writes the links to segments of other traces.
func (p *SpanParser) links(s *roentgen.Segment) {
	d := &p.build
	n := 0
	for _, b := range p.span.links {
		l, ok := readLink(b)
		if p.broken = p.broken || !ok; !l.valid() {
			continue
		}
		if n++; n == 1 {
			d.put(`,"links":[`)
		} else {
			d.put(",")
		}
		trace, id := roentgen.TraceID(l.trace), roentgen.SegmentID(l.id)
		d.put(`{"trace_id":"` + trace.String() + `","id":"` + id.String() + `"`)
		if len(l.attributes) > 0 {
			d.put(`,"attributes":`)
			d.attributes(l.attributes, nil, 3)
		}
		d.put("}")
		if len(s.Links) < p.lim.MaxLinks {
			s.Links = append(s.Links, roentgen.Link{Trace: trace, ID: id})
		}
	}
	if n > 0 {
		d.put("]")
	}
}

// attributes writes a list of attributes as an object. Of a key that stands
// twice the first counts. Where elsewhere says that another part of the
// document has the value, null stands for it.
func (d *documentWriter) attributes(list []attribute, elsewhere func(*attribute) bool, depth int) {
	var seen keySet
	d.put("{")
	n := 0
	for i := range list {
		a := &list[i]
		if !seen.add(a.key) {
			d.values.inexact = true
			continue
		}
		if n++; n > 1 {
			d.put(",")
		}
		if elsewhere != nil && elsewhere(a) {
			var invalid bool
			d.b, _, invalid = appendText(d.b, a.key)
			d.values.inexact = d.values.inexact || invalid
			d.put(":null")
			continue
		}
		d.values.inexact = d.values.inexact || a.value.kind == anyEmpty
		d.b = d.values.member(d.b, a, depth)
	}
	d.put("}")
}
