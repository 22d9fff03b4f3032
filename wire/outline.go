package wire

import "github.com/roentgen/roentgen"

// outline is an entity within a document: where it stands and which parts of
// its text folding may change.
type outline struct {
	text     []byte
	from, to int // of the object, in text
	id       roentgen.SegmentID
	complete bool
	parts    []part // by place
}

// part is a place within an entity.
type part struct {
	span
	kind  partKind
	child *outline // of an embedded subsegment
}

type partKind uint8

const (
	partChild   partKind = iota
	partPlace            // type, trace_id or parent_id
	partListEnd          // the bracket that ends subsegments
	partNoList           // subsegments that are no array
)

// kin are subsegments that stand in other documents of an entity.
type kin struct {
	order []roentgen.SegmentID // those that the written document does not have
	byID  map[roentgen.SegmentID][]*outline
}

// gather sorts what is embedded in the others of o.
func gather(o *outline, others []*outline) (k kin) {
	if len(others) == 0 {
		return k
	}
	k.byID = map[roentgen.SegmentID][]*outline{}
	own := map[roentgen.SegmentID]bool{}
	for _, p := range o.parts {
		if p.child != nil {
			own[p.child.id] = true
		}
	}
	for _, other := range others {
		for _, p := range other.parts {
			if p.child == nil {
				continue
			}
			id := p.child.id
			if !own[id] && k.byID[id] == nil {
				k.order = append(k.order, id)
			}
			k.byID[id] = append(k.byID[id], p.child)
		}
	}
	return k
}

// take returns all versions of a subsegment that the written document has,
// its own first. The others go to the first that asks.
func (k kin) take(child *outline) []*outline {
	versions := append([]*outline{child}, k.byID[child.id]...)
	delete(k.byID, child.id)
	return versions
}

// outline reads the entity at r.
func (s *scanner) outline(top bool) *outline {
	e := &outline{text: s.buf, from: s.w}
	o := s.openObject()
	for from := s.w; s.member(&o); from = s.w {
		if s.buf[from] == ',' {
			from++
		}
		switch key := string(o.key); {
		case key == "subsegments":
			s.outlineList(e, from)
		case key == "id":
			e.id = s.outlineID()
		case key == "end_time":
			e.complete = s.outlineEnd()
		case top && (key == "type" || key == "trace_id" || key == "parent_id"):
			s.skip()
			e.parts = append(e.parts, part{span: span{from, s.w}, kind: partPlace})
		default:
			s.skip()
		}
	}
	e.to = s.w
	return e
}

// outlineList reads the embedded subsegments; from is where their key stands.
func (s *scanner) outlineList(e *outline, from int) {
	if s.buf[s.r] != '[' {
		s.skip()
		e.parts = append(e.parts, part{span: span{from, s.w}, kind: partNoList})
		return
	}
	a := s.openArray()
	for s.element(&a) {
		if s.buf[s.r] != '{' {
			s.skip()
			continue
		}
		child := s.outline(false)
		e.parts = append(e.parts, part{span: span{child.from, child.to}, child: child})
	}
	e.parts = append(e.parts, part{span: span{s.w - 1, s.w}, kind: partListEnd})
}

func (s *scanner) outlineID() (id roentgen.SegmentID) {
	if s.buf[s.r] != '"' {
		s.skip()
		return id
	}
	content, escaped := s.str()
	if escaped {
		content = unescape(nil, content)
	}
	id, _ = roentgen.DecodeSegmentID(content)
	return id
}

// outlineEnd reports whether the value is an end time, as it is to a Parser.
func (s *scanner) outlineEnd() bool {
	if kindOf(s.buf[s.r]) != kindNumber {
		s.skip()
		return false
	}
	lit := s.number()
	if lit == nil {
		return false
	}
	t, _ := parseSeconds(lit)
	return t != 0
}
