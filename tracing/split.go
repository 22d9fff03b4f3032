package tracing

// part is a (sub)segment on its way into documents: its own bytes, and the
// subsegments that stay nested in it.
type part struct {
	s      *span
	own    []byte // without subsegments and closing brace
	kids   []*part
	total  int // bytes as a document of its own, with kids
	height int // levels of nesting, itself included
	less   shed
}

// placeRoom covers, in bytes, what a document of its own has over a nested
// one: trace_id, type and parent_id.
const placeRoom = 128

// nestRoom covers the key of the subsegments array and the closing brace.
const nestRoom = len(`,"subsegments":[]}`)

// split sends the tree under s in several documents. Working upwards from the
// leaves, the largest subtrees are cut off until what remains fits; each is
// sent as an independent subsegment with its true parent.
func (e *encoder) split(s *span, emit func([]byte)) {
	e.sendPart(e.plan(s, emit), emit)
}

func (e *encoder) plan(s *span, emit func([]byte)) *part {
	p := &part{s: s, height: 1}
	e.fit(p)
	p.total = len(p.own) + nestRoom + placeRoom
	for c := s.first; c != nil; c = c.next {
		k := e.plan(c, emit)
		p.kids = append(p.kids, k)
		p.total += k.total
	}
	for p.total > e.limit {
		e.cutOff(p, largest(p.kids), emit)
	}
	for i := len(p.kids) - 1; i >= 0; i-- {
		if p.kids[i].height >= maxDepth {
			e.cutOff(p, i, emit)
			continue
		}
		p.height = max(p.height, p.kids[i].height+1)
	}
	return p
}

// fit encodes p's own bytes, shedding until they fit a document.
func (e *encoder) fit(p *part) {
	standalone := p.s.parent == nil // a segment is always a document of its own
	for p.less = shedNothing; ; p.less++ {
		p.own = e.appendOwn(nil, p.s, standalone, p.less)
		if p.less == shedDetails || len(p.own)+nestRoom+placeRoom <= e.limit {
			break
		}
	}
	switch c := &e.tr.count; p.less {
	case shedMetadata:
		c.metadataShed.Add(1)
	case shedStacks:
		c.stacksShed.Add(1)
	case shedDetails:
		c.detailsShed.Add(1)
	}
}

// cutOff sends the i-th kid of p, which then no longer counts.
func (e *encoder) cutOff(p *part, i int, emit func([]byte)) {
	k := p.kids[i]
	p.total -= k.total
	p.kids = append(p.kids[:i], p.kids[i+1:]...)
	e.sendPart(k, emit)
}

func largest(kids []*part) (at int) {
	for i, k := range kids {
		if k.total > kids[at].total {
			at = i
		}
	}
	return at
}

func (e *encoder) sendPart(p *part, emit func([]byte)) {
	if p.s.parent != nil {
		p.own = e.appendOwn(nil, p.s, true, p.less)
	}
	e.buf = appendPart(e.buf[:0], p)
	emit(e.buf)
}

func appendPart(b []byte, p *part) []byte {
	b = append(b, p.own...)
	for i, k := range p.kids {
		if i == 0 {
			b = append(b, `,"subsegments":[`...)
		} else {
			b = append(b, ',')
		}
		b = appendPart(b, k)
	}
	if len(p.kids) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}
