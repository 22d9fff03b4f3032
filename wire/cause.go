package wire

import "github.com/roentgen/roentgen"

// cause reads the cause: the id of an exception recorded elsewhere in the
// trace, in a string or (Node) in an object, or exceptions. nil when it says
// neither.
func (p *Parser) cause() *roentgen.Cause {
	if p.buf[p.r] == '"' {
		return p.scratch.causeOf(roentgen.Cause{Ref: reference(p.string())})
	}
	if !p.isObject() {
		return nil
	}
	var c roentgen.Cause
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "id":
			c.Ref = reference(p.string())
		case "exceptions":
			c.Exceptions = p.exceptions()
		default:
			p.skip()
		}
	}
	return p.scratch.causeOf(c)
}

// causeOf returns c; nil where it says nothing.
func (x *scratch) causeOf(c roentgen.Cause) *roentgen.Cause {
	if c.Ref == "" && len(c.Exceptions) == 0 {
		return nil
	}
	at := next(&x.causes)
	*at = c
	return at
}

// reference returns the id of an exception that was recorded elsewhere; nothing
// unless id is one.
func reference(id string) string {
	if _, ok := roentgen.DecodeSegmentID(id); !ok {
		return ""
	}
	return id
}

func (p *Parser) exceptions() []roentgen.Exception {
	if !p.isList() {
		return nil
	}
	all := &p.scratch.exceptions
	from := len(*all)
	a := p.openArray()
	for p.element(&a) {
		if p.isObject() {
			*all = append(*all, p.exception())
		}
	}
	return since(*all, from)
}

func (p *Parser) exception() (x roentgen.Exception) {
	o := p.openObject()
	for p.member(&o) {
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
