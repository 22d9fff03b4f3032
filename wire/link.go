package wire

import "github.com/roentgen/roentgen"

// links reads the links to segments of other traces. What is not a link, or
// beyond Limits.MaxLinks, stays in the document alone.
func (p *Parser) links() []roentgen.Link {
	if !p.isList() {
		return nil
	}
	var out []roentgen.Link
	for a := p.openArray(); p.element(&a); {
		if !p.isObject() {
			continue
		}
		if l, ok := p.link(); ok && len(out) < p.lim.MaxLinks {
			out = append(out, l)
		}
	}
	return out
}

func (p *Parser) link() (l roentgen.Link, ok bool) {
	var trace, id bool
	for o := p.openObject(); p.member(&o); {
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
