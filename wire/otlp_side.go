package wire

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// SideField is the member of a document that holds what a span has and a
// segment has no place for. docs/protocol/otlp.md draws it.
const SideField = "otlp"

// side writes what the rest of the document does not say of the span.
func (p *SpanParser) side(plan *documentPlan) {
	d, s := &p.build, &p.span
	if plan.beside {
		d.put(`,"` + SideField + `":{"of":"`)
		d.b = hex.AppendEncode(d.b, s.id)
		d.put(`"}`)
		return
	}
	d.put(`,"` + SideField + `":{"kind":`)
	d.b = strconv.AppendInt(d.b, int64(s.kind), 10)
	if !p.values.sql && string(s.name) != string(plan.name) {
		d.put(`,"name":`)
		d.text(nil, s.name)
	}
	if plan.moved {
		d.put(`,"parent":"`)
		if s.hasParent() {
			d.b = hex.AppendEncode(d.b, s.parent)
		}
		d.put(`"`)
	}
	p.sideStatus()
	d.member(`,"state":`, nil, s.state)
	d.number(`,"flags":`, uint64(s.flags))
	if s.end != 0 && s.open() {
		d.number(`,"end":`, s.end)
	}
	d.b = append(append(d.b, p.resource.side...), p.scope...)
	p.sideAttributes()
	p.sideEvents()
	p.sideLinks(plan)
	d.number(`,"dropped_attributes":`, uint64(s.dropped[0]))
	d.number(`,"dropped_events":`, uint64(s.dropped[1]))
	d.number(`,"dropped_links":`, uint64(s.dropped[2]))
	d.put("}")
}

// number appends a member that is not zero.
func (d *documentWriter) number(key string, n uint64) {
	if n != 0 {
		d.put(key)
		d.b = strconv.AppendUint(d.b, n, 10)
	}
}

// sideStatus writes null for a message that the cause has.
func (p *SpanParser) sideStatus() {
	d, s := &p.build, &p.span
	if s.status != 0 {
		d.put(`,"status":`)
		d.b = strconv.AppendInt(d.b, int64(s.status), 10)
	}
	if p.causes.told {
		d.put(`,"message":null`)
		return
	}
	d.member(`,"message":`, nil, s.message)
}

// sideAttributes says, one character for each attribute, where it stands.
func (p *SpanParser) sideAttributes() {
	d, s := &p.build, &p.span
	if len(s.attributes) > 0 {
		d.put(`,"attributes":"`)
		for i := range s.attributes {
			a := &s.attributes[i]
			d.b = append(d.b, a.code)
			if a.code == codeRaw {
				d.raw = protowire.AppendTag(d.raw, 9, protowire.BytesType)
				d.raw = protowire.AppendBytes(d.raw, a.whole)
			}
		}
		d.put(`"`)
	}
	for _, f := range s.unknown {
		d.raw = append(d.raw, f...)
	}
	for i, k := range d.keys {
		if i == 0 {
			d.put(`,"keys":[`)
		} else {
			d.put(",")
		}
		d.text(nil, k)
	}
	if len(d.keys) > 0 {
		d.put("]")
	}
	if len(d.raw) > 0 {
		d.b = appendBase64(append(d.b, `,"raw":`...), d.raw)
	}
}

// sideEvents writes the events: as objects, or in base64 where JSON cannot say
// one. The type and the message of an exception stand in the cause.
func (p *SpanParser) sideEvents() {
	d, s := &p.build, &p.span
	exceptions := 0
	for i, b := range s.events {
		if i == 0 {
			d.put(`,"events":[`)
		} else {
			d.put(",")
		}
		e, ok := readEvent(b, p.causes.scratch[:0])
		p.broken, p.causes.scratch = p.broken || !ok, e.attributes
		var told *exceptionWork
		if string(e.name) == exceptionEvent && exceptions < min(maxExceptions, len(p.causes.list)) {
			told = &p.causes.list[exceptions]
			exceptions++
		}
		from := len(d.b)
		d.values.inexact = e.odd
		d.event(&e, int64(e.time-s.start), told)
		if d.values.inexact {
			d.b = appendBase64(d.b[:from], b)
		}
	}
	if len(s.events) > 0 {
		d.put("]")
	}
}

// event writes one; at counts nanoseconds from the start of the span.
func (d *documentWriter) event(e *spanEvent, at int64, told *exceptionWork) {
	d.put(`{"at":`)
	d.b = strconv.AppendInt(d.b, at, 10)
	if len(e.name) > 0 {
		var invalid bool
		d.put(`,"name":`)
		d.b, _, invalid = appendText(d.b, e.name)
		d.values.inexact = d.values.inexact || invalid
	}
	if len(e.attributes) > 0 {
		d.put(`,"attributes":`)
		var elsewhere func(*attribute) bool
		if told != nil {
			elsewhere = told.tells
		}
		d.attributes(e.attributes, elsewhere, 4)
	}
	d.number(`,"dropped":`, uint64(e.dropped))
	d.put("}")
}

// tells reports whether the exception in the cause has the attribute.
func (x *exceptionWork) tells(a *attribute) bool {
	if a.value.kind != anyString || a.value.odd || !utf8.Valid(a.value.text) {
		return false
	}
	switch string(a.key) {
	case exceptionType:
		return string(x.kind) == string(a.value.text)
	case exceptionMessage:
		return string(x.message) == string(a.value.text)
	}
	return false
}

// sideLinks writes what the links of the document do not say: nothing where
// they say all, else 0 for those that do.
func (p *SpanParser) sideLinks(plan *documentPlan) {
	d, s := &p.build, &p.span
	start, needed := len(d.b), false
	for i, b := range s.links {
		if i == 0 {
			d.put(`,"links":[`)
		} else {
			d.put(",")
		}
		needed = d.link(b, plan.links) || needed
	}
	if !needed {
		d.b = d.b[:start]
		return
	}
	d.put("]")
}

// link writes one and reports whether it says anything.
func (d *documentWriter) link(b []byte, written bool) bool {
	l, _ := readLink(b)
	from := len(d.b)
	d.values.inexact = l.odd || !l.valid() || !written || !utf8.Valid(l.state)
	d.attributes(l.attributes, nil, 3)
	d.b = d.b[:from]
	switch {
	case d.values.inexact:
		d.b = appendBase64(d.b, b)
		return true
	case l.dropped == 0 && l.flags == 0 && len(l.state) == 0:
		d.put("0")
		return false
	}
	d.put("{")
	d.member(`,"state":`, nil, l.state)
	d.number(`,"flags":`, uint64(l.flags))
	d.number(`,"dropped":`, uint64(l.dropped))
	d.dropComma(from + 1)
	d.put("}")
	return true
}
