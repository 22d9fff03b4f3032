package wire

import "github.com/roentgen/roentgen"

// cause reads the cause: the id of an exception recorded elsewhere in the
// trace, in a string or (Node) in an object, or exceptions. nil when it says
// neither.
func (p *Parser) cause() *roentgen.Cause {
	if p.buf[p.r] == '"' {
		return reference(p.string())
	}
	if !p.isObject() {
		return nil
	}
	c := new(roentgen.Cause)
	for o := p.openObject(); p.member(&o); {
		switch string(o.key) {
		case "id":
			if ref := reference(p.string()); ref != nil {
				c.Ref = ref.Ref
			}
		case "exceptions":
			c.Exceptions = p.exceptions()
		default:
			p.skip()
		}
	}
	if c.Ref == "" && len(c.Exceptions) == 0 {
		return nil
	}
	return c
}

// reference returns a cause that points elsewhere; nil unless id is one.
func reference(id string) *roentgen.Cause {
	if _, ok := roentgen.DecodeSegmentID(id); !ok {
		return nil
	}
	return &roentgen.Cause{Ref: id}
}

func (p *Parser) exceptions() []roentgen.Exception {
	if !p.isList() {
		return nil
	}
	var out []roentgen.Exception
	for a := p.openArray(); p.element(&a); {
		if p.isObject() {
			out = append(out, p.exception())
		}
	}
	return out
}

func (p *Parser) exception() (x roentgen.Exception) {
	for o := p.openObject(); p.member(&o); {
		switch string(o.key) {
		case "id":
			x.ID = p.string()
		case "type":
			x.Type = p.string()
		case "message":
			x.Message = p.string()
		case "cause":
			x.Cause = p.string()
		case "remote":
			x.Remote = p.flag()
		default:
			p.skip()
		}
	}
	return x
}
