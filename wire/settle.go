package wire

import (
	"fmt"

	"github.com/roentgen/roentgen"
)

func (p *Parser) settleID(s *roentgen.Segment, e *essentials) {
	if e.id == "" {
		p.blame("id", roentgen.MissingID, "is missing; send 16 hex digits, unique within the trace")
		return
	}
	id, ok := roentgen.DecodeSegmentID(e.id)
	switch {
	case !ok:
		p.blame("id", roentgen.InvalidID, quote(e.id)+" is not 16 hex digits")
	case id.IsZero():
		p.blame("id", roentgen.InvalidID, "is the no-op id of requests that are not sampled; do not send those")
	}
	s.ID = id
}

// settlePlace looks at the trace and at the parent of a document.
func (p *Parser) settlePlace(s *roentgen.Segment, e *essentials) {
	if e.trace == "" {
		p.blame("trace_id", roentgen.MissingTraceID, "is missing; send 1-<8 hex digits>-<24 hex digits>")
	} else {
		p.settleTrace(s, e.trace)
	}
	if e.parent != "" {
		var ok bool
		if s.Parent, ok = roentgen.DecodeSegmentID(e.parent); !ok {
			p.blame("parent_id", roentgen.InvalidID, quote(e.parent)+" is not 16 hex digits")
		}
	}
	if s.Kind == roentgen.KindSubsegment && s.Parent.IsZero() {
		p.blame("parent_id", roentgen.MissingParentID,
			"is missing; an independent subsegment names the segment or subsegment it belongs to")
	}
}

func (p *Parser) settleTrace(s *roentgen.Segment, written string) {
	id, ok := roentgen.DecodeTraceID(written)
	switch {
	case !ok:
		p.blame("trace_id", roentgen.InvalidTraceID,
			quote(written)+" is neither 1-<8 hex digits>-<24 hex digits> nor 32 hex digits")
	case id.IsZero():
		p.blame("trace_id", roentgen.InvalidTraceID, "is the no-op id of requests that are not sampled; do not send those")
	}
	s.Trace = id
}

func (p *Parser) settleName(s *roentgen.Segment, e *essentials) {
	s.Name = e.name
	if !e.hasName {
		p.blame("name", roentgen.MissingName, fmt.Sprintf("is missing; send 1 to %d characters", MaxNameLength))
		return
	}
	if err := CheckName(e.name); err != nil {
		p.blame("name", roentgen.InvalidName, err.Error())
	}
}

// settleTimes also decides whether the entity is in progress. An end time
// ends it, whatever in_progress says; an end time of 0 is no end time. An end
// before the start stays as it came.
func (p *Parser) settleTimes(s *roentgen.Segment, e *essentials) {
	if s.Start = p.time("start_time", e.start); s.Start == 0 {
		p.blame("start_time", startCode(e.start), "is missing or 0; send epoch seconds, for instance 1780165693.125")
	}
	if s.End = p.time("end_time", e.end); s.End != 0 {
		return
	}
	s.InProgress = true
	if !e.inProgress {
		p.blame("end_time", roentgen.MissingEndTime, "is missing; send it, or in_progress: true")
	}
}

func startCode(lit []byte) roentgen.RejectCode {
	if lit == nil {
		return roentgen.MissingStartTime
	}
	return roentgen.InvalidSegment
}

// time reads a literal; 0 when there is none or it is wrong.
func (p *Parser) time(name string, lit []byte) roentgen.Time {
	if lit == nil {
		return 0
	}
	t, why := parseSeconds(lit)
	if why != "" {
		p.blame(name, roentgen.InvalidSegment, clip(string(lit))+" "+why)
	}
	return t
}
