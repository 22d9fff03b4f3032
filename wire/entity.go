package wire

import "github.com/roentgen/roentgen"

// essentials are the members that decide whether a document is taken, as
// they came. Absent ones, empty ones and null are the same but for the name.
type essentials struct {
	id, trace, parent, name string
	start, end              []byte // number literals
	hasName                 bool
	inProgress              bool
	traced                  bool // at the top of a subsegment, where Node puts it
}

// entity reads the object at r, a segment or a subsegment, into scratch.open[at].
func (p *Parser) entity(at int) {
	var e essentials
	s := &p.scratch.open[at].Segment
	if p.nested() {
		s.Kind = roentgen.KindSubsegment
	}
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "name":
			e.hasName = p.buf[p.r] == '"'
			e.name = p.essentialText("name")
		case "id":
			e.id = p.idOf()
		case "start_time":
			e.start = p.essentialNumber("start_time")
		case "end_time":
			e.end = p.essentialNumber("end_time")
		case "in_progress":
			e.inProgress = p.essential("in_progress", kindBool) && p.flag()
		case "trace_id", "parent_id", "type":
			p.placeMember(s, &e, o.key)
		case "subsegments":
			p.embedded(at)
			s = &p.scratch.open[at].Segment // it may have moved
		case "error":
			s.Error = p.flag()
		case "throttle":
			s.Throttle = p.flag()
		case "fault":
			s.Fault = p.flag()
		case "namespace":
			s.Namespace = namespace(p.string())
		case "origin":
			s.Origin = p.string()
		case "user":
			s.User = p.string()
		case "resource_arn":
			s.ResourceARN = p.string()
		case "http":
			s.HTTP = p.http()
		case "aws":
			s.AWS = p.aws()
		case "sql":
			s.SQL = p.sql()
		case "cause":
			s.Cause = p.cause()
		case "annotations":
			s.Annotations = p.annotationsOf()
		case "links":
			s.Links = p.links()
		case "traced":
			e.traced = p.flag()
		default:
			p.skip()
		}
	}
	if p.err == nil {
		p.settle(s, &e)
	}
}

// idOf reads an entity's id. The top one goes into rejections.
func (p *Parser) idOf() string {
	id := p.essentialText("id")
	if !p.nested() {
		p.id = id
	}
	return id
}

// placeMember reads a member that says where an independent document belongs.
// Embedded subsegments belong where they stand: SDKs write other trace and
// parent ids into them.
func (p *Parser) placeMember(s *roentgen.Segment, e *essentials, key []byte) {
	if p.nested() {
		p.skip()
		return
	}
	switch string(key) {
	case "trace_id":
		e.trace = p.essentialText("trace_id")
	case "parent_id":
		e.parent = p.essentialText("parent_id")
	case "type":
		if p.essentialText("type") == "subsegment" {
			s.Kind = roentgen.KindSubsegment
		}
	}
}

func (p *Parser) essentialText(name string) string {
	if !p.essential(name, kindString) {
		return ""
	}
	return p.string()
}

func (p *Parser) essentialNumber(name string) []byte {
	if !p.essential(name, kindNumber) {
		return nil
	}
	return p.number()
}

func namespace(s string) roentgen.Namespace {
	switch s {
	case "aws":
		return roentgen.NamespaceAWS
	case "remote":
		return roentgen.NamespaceRemote
	}
	return roentgen.NamespaceNone
}

// embedded reads the subsegments of scratch.open[parent]. null among them is
// passed over.
func (p *Parser) embedded(parent int) {
	if !p.essential("subsegments", kindArray) {
		return
	}
	first := len(p.scratch.open)
	a := p.openArray()
	for p.element(&a) {
		p.path = append(p.path, a.index)
		if p.essential("", kindObject) {
			p.count()
			p.entity(p.scratch.push())
		}
		p.path = p.path[:len(p.path)-1]
	}
	p.scratch.close(parent, first)
}

func (p *Parser) count() {
	if p.subsegments++; p.subsegments == p.lim.MaxSubsegments+1 {
		p.blame("", roentgen.InvalidSegment, "is one embedded subsegment too many; send some as independent subsegments")
	}
}

// settle fills in what depends on several members, and blames what is
// missing or wrong.
func (p *Parser) settle(s *roentgen.Segment, e *essentials) {
	p.settleID(s, e)
	if !p.nested() {
		p.settlePlace(s, e)
	}
	p.settleName(s, e)
	p.settleTimes(s, e)
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
			s.HTTP = next(&p.scratch.https)
		}
		s.HTTP.Traced = true
	}
}
