package wire

import "github.com/roentgen/roentgen"

// quickEntity is what is settled at an entity's end.
type quickEntity struct {
	id, trace, parent []byte // as they came; nil: none
	name              string
	hasName           bool
	inProgress        bool
	traced            bool // at the top of a subsegment, where Node puts it
}

// entity reads the object at q.at, a segment or a subsegment, into q.scratch.open[at].
func (q *quick) entity(at int, nested bool) {
	var e quickEntity
	s := &q.scratch.open[at].Segment
	if nested {
		s.Kind = roentgen.KindSubsegment
	}
	o := q.enter()
	for q.member(&o) {
		switch string(o.key) {
		case "name":
			e.hasName = q.essential('"')
			e.name = q.string()
		case "id":
			e.id = q.essentialText()
		case "start_time":
			s.Start = q.seconds()
		case "end_time":
			s.End = q.seconds()
		case "in_progress":
			e.inProgress = q.essentialFlag()
		case "trace_id":
			e.trace = q.placeText(e.trace, nested)
		case "parent_id":
			e.parent = q.placeText(e.parent, nested)
		case "type":
			q.kind(s, nested)
		case "subsegments":
			q.embedded(at)
			s = &q.scratch.open[at].Segment // it may have moved
		case "error":
			s.Error = q.flag()
		case "throttle":
			s.Throttle = q.flag()
		case "fault":
			s.Fault = q.flag()
		case "namespace":
			s.Namespace = namespace(q.string())
		case "origin":
			s.Origin = q.string()
		case "user":
			s.User = q.string()
		case "resource_arn":
			s.ResourceARN = q.string()
		case "http":
			s.HTTP = q.http()
		case "aws":
			s.AWS = q.aws()
		case "sql":
			s.SQL = q.sql()
		case "cause":
			s.Cause = q.cause()
		case "annotations":
			s.Annotations = q.annotations()
		case "links":
			s.Links = q.links()
		case "traced":
			e.traced = q.flag()
		default:
			q.ignore()
		}
	}
	q.settle(s, &e, nested)
}

// placeText reads a member that says where an independent document belongs;
// those of embedded subsegments do not count.
func (q *quick) placeText(before []byte, nested bool) []byte {
	if nested {
		q.skip()
		return before
	}
	return q.essentialText()
}

func (q *quick) kind(s *roentgen.Segment, nested bool) {
	if nested {
		q.skip()
		return
	}
	s.Kind = roentgen.KindSegment
	if string(q.essentialText()) == "subsegment" {
		s.Kind = roentgen.KindSubsegment
	}
}

// embedded reads the subsegments of q.scratch.open[parent]. null among them is passed
// over.
func (q *quick) embedded(parent int) {
	if !q.essential('[') {
		q.skip()
		return
	}
	first := len(q.scratch.open)
	a := q.enter()
	for q.element(&a) {
		if !q.essential('{') {
			q.skip()
			continue
		}
		if q.subsegments++; q.subsegments > q.lim.MaxSubsegments {
			q.giveUp()
			break
		}
		q.entity(q.scratch.push(), true)
	}
	q.scratch.close(parent, first)
}

// settle fills in what depends on several members, as Parser.settle does, and
// gives up where that would blame somebody.
func (q *quick) settle(s *roentgen.Segment, e *quickEntity, nested bool) {
	var known bool
	if s.ID, known = roentgen.DecodeSegmentID(e.id); !known || s.ID.IsZero() || !e.hasName {
		q.giveUp()
		return
	}
	s.Name, s.InProgress = e.name, s.End == 0
	if s.Start == 0 || s.InProgress && !e.inProgress || CheckName(e.name) != nil || !nested && !q.settlePlace(s, e) {
		q.giveUp()
		return
	}
	if s.Kind == roentgen.KindSegment {
		s.Namespace = roentgen.NamespaceNone
		if s.HTTP != nil {
			s.HTTP.Traced = false
		}
		return
	}
	s.Origin, s.User = "", ""
	if s.HTTP != nil {
		s.HTTP.XForwardedFor = false
	}
	if e.traced {
		if s.HTTP == nil {
			s.HTTP = next(&q.scratch.https)
		}
		s.HTTP.Traced = true
	}
}

// settlePlace reads the trace and the parent of a document; false when one is
// missing or wrong.
func (q *quick) settlePlace(s *roentgen.Segment, e *quickEntity) (ok bool) {
	if s.Trace, ok = roentgen.DecodeTraceID(e.trace); !ok || s.Trace.IsZero() {
		return false
	}
	if len(e.parent) > 0 {
		if s.Parent, ok = roentgen.DecodeSegmentID(e.parent); !ok {
			return false
		}
	}
	return s.Kind == roentgen.KindSegment || !s.Parent.IsZero()
}
