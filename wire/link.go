package wire

import "github.com/roentgen/roentgen"

// links reads the links to segments of other traces. What is not a link, or
// beyond Limits.MaxLinks, stays in the document alone.
func (p *Parser) links() []roentgen.Link {
	if !p.isList() {
		return nil
	}
	all := &p.scratch.links
	from := len(*all)
	a := p.openArray()
	for p.element(&a) {
		if !p.isObject() {
			continue
		}
		if l, ok := p.link(); ok && len(*all)-from < p.lim.MaxLinks {
			*all = append(*all, l)
		}
	}
	return since(*all, from)
}

func (p *Parser) link() (l roentgen.Link, ok bool) {
	var trace, id bool
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "trace_id":
			l.Trace, trace = roentgen.DecodeTraceID(p.string())
		case "id":
			l.ID, id = roentgen.DecodeSegmentID(p.string())
		default:
			p.skip()
		}
	}
	return l, trace && id && !l.Trace.IsZero() && !l.ID.IsZero()
}
