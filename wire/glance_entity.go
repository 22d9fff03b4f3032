package wire

import "github.com/roentgen/roentgen"

// glancedEntity is what of an entity's members is settled at its end.
type glancedEntity struct {
	id, trace, parent []byte // as they came; nil: none
	name              string
	hasName           bool
	inProgress        bool
	traced            bool // at the top of a subsegment, where Node puts it
	blocks            glancedBlock
}

// glancedBlock is a set of members that may stand once: of two a Parser drops
// the first as a whole.
type glancedBlock uint16

const (
	blockHTTP glancedBlock = 1 << iota
	blockAWS
	blockSQL
	blockCause
	blockAnnotations
	blockLinks
	blockSubsegments
	blockRequest
	blockResponse
	blockHost
	blockContainer
	blockXRay
	blockExceptions
)

// once notes that a block was reached, and gives up on the second.
func (g *Glancer) once(had *glancedBlock, b glancedBlock) {
	if *had&b != 0 {
		g.giveUp()
	}
	*had |= b
}

// entity reads the object at g.at, a segment or a subsegment, into g.open[at];
// depth is how many objects and arrays are open in it.
func (g *Glancer) entity(at, depth int) {
	var e glancedEntity
	s := &g.open[at].Segment
	nested := depth > 1
	if nested {
		s.Kind = roentgen.KindSubsegment
	}
	for o := g.enter(); g.member(&o); {
		switch string(o.key) {
		case "name":
			e.hasName = g.essential('"')
			e.name = g.text()
		case "id":
			e.id = g.essentialText()
		case "start_time":
			s.Start = g.seconds()
		case "end_time":
			s.End = g.seconds()
		case "in_progress":
			e.inProgress = g.progress()
		case "trace_id":
			e.trace = g.placeText(e.trace, nested)
		case "parent_id":
			e.parent = g.placeText(e.parent, nested)
		case "type":
			g.kind(s, nested)
		case "subsegments":
			g.once(&e.blocks, blockSubsegments)
			g.embedded(at, depth+1)
			s = &g.open[at].Segment // it may have moved
		case "metadata", "service":
			g.skip()
		case "error":
			s.Error = g.flag()
		case "throttle":
			s.Throttle = g.flag()
		case "fault":
			s.Fault = g.flag()
		case "namespace":
			s.Namespace = namespace(g.text())
		case "origin":
			s.Origin = g.text()
		case "user":
			s.User = g.text()
		case "resource_arn":
			s.ResourceARN = g.text()
		case "http":
			g.once(&e.blocks, blockHTTP)
			s.HTTP = g.http()
		case "aws":
			g.once(&e.blocks, blockAWS)
			s.AWS = g.aws()
		case "sql":
			g.once(&e.blocks, blockSQL)
			s.SQL = g.sql()
		case "cause":
			g.once(&e.blocks, blockCause)
			s.Cause = g.cause()
		case "annotations":
			g.once(&e.blocks, blockAnnotations)
			s.Annotations = g.annotations()
		case "links":
			g.once(&e.blocks, blockLinks)
			s.Links = g.links()
		case "traced":
			e.traced = g.flag()
		default:
			g.skip()
		}
	}
	g.settle(s, &e, nested)
}

// placeText reads a member that says where an independent document belongs;
// those of embedded subsegments do not count.
func (g *Glancer) placeText(before []byte, nested bool) []byte {
	if nested {
		g.skip()
		return before
	}
	return g.essentialText()
}

func (g *Glancer) kind(s *roentgen.Segment, nested bool) {
	if nested {
		g.skip()
		return
	}
	s.Kind = roentgen.KindSegment
	if string(g.essentialText()) == "subsegment" {
		s.Kind = roentgen.KindSubsegment
	}
}

// embedded reads the subsegments of g.open[parent]; depth is that of the array.
// null among them is passed over.
func (g *Glancer) embedded(parent, depth int) {
	if !g.essential('[') {
		g.skip()
		return
	}
	first := len(g.open)
	for a := g.enter(); g.element(&a); {
		if !g.essential('{') {
			g.skip()
			continue
		}
		if g.subsegments++; g.subsegments > g.lim.MaxSubsegments || depth >= g.lim.MaxDepth {
			g.giveUp()
			return
		}
		g.entity(g.push(), depth+1)
	}
	g.close(parent, first)
}

// settle fills in what depends on several members, as Parser.settle does, and
// gives up where that would blame somebody.
func (g *Glancer) settle(s *roentgen.Segment, e *glancedEntity, nested bool) {
	var known bool
	if s.ID, known = roentgen.DecodeSegmentID(e.id); !known || s.ID.IsZero() || !e.hasName {
		g.giveUp()
		return
	}
	s.Name, s.InProgress = e.name, s.End == 0
	if s.Start == 0 || s.InProgress && !e.inProgress || CheckName(e.name) != nil || !nested && !g.settlePlace(s, e) {
		g.giveUp()
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
			s.HTTP = next(&g.blocks.https)
		}
		s.HTTP.Traced = true
	}
}

// settlePlace reads the trace and the parent of a document; false when one is
// missing or wrong.
func (g *Glancer) settlePlace(s *roentgen.Segment, e *glancedEntity) (ok bool) {
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
