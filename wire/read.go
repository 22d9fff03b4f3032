package wire

import "github.com/roentgen/roentgen"

// The readers of this file take the value at r, whatever its type. A value of
// a type they do not look for is skipped, and counts as absent: X-Ray rejects
// a document for its essential members alone.

// string reads a string.
func (p *Parser) string() string {
	if p.buf[p.r] != '"' {
		p.skip()
		return ""
	}
	content, escaped := p.str()
	if escaped {
		content = unescape(nil, content)
	}
	return share(content)
}

// essentialString reads a string and reports whether there was one.
func (p *Parser) essentialString() (string, bool) {
	if p.buf[p.r] != '"' {
		p.skip()
		return "", false
	}
	return p.string(), true
}

// flag reads a boolean.
func (p *Parser) flag() bool {
	set := p.buf[p.r] == 't'
	p.skip()
	return set
}

// literalOf reads a number, or a number in a string, as some SDKs write
// lengths; nil when it is neither.
func (p *Parser) literalOf() []byte {
	switch c := p.buf[p.r]; {
	case c == '-' || c-'0' <= 9:
		return p.number()
	case c == '"':
		if s := p.string(); isNumber(s) {
			return []byte(s)
		}
		return nil
	}
	p.skip()
	return nil
}

// int reads a whole number; 0 when there is none.
func (p *Parser) int() int64 {
	if lit := p.literalOf(); lit != nil {
		if v, ok := integral(lit); ok {
			return v
		}
	}
	return 0
}

// strings reads an array of strings, or one string.
func (p *Parser) strings() []string {
	all := &p.scratch.names
	from := len(*all)
	if p.buf[p.r] != '[' {
		if s := p.string(); s != "" {
			*all = append(*all, s)
		}
		return since(*all, from)
	}
	a := p.openArray()
	for p.element(&a) {
		if s, ok := p.essentialString(); ok {
			*all = append(*all, s)
		}
	}
	return since(*all, from)
}

// isObject reports whether an object stands at r; anything else it skips.
func (p *Parser) isObject() bool { return p.is('{') }

// isList reports whether an array stands at r; anything else it skips.
func (p *Parser) isList() bool { return p.is('[') }

func (p *Parser) is(bracket byte) bool {
	if p.buf[p.r] == bracket {
		return true
	}
	p.skip()
	return false
}

// essential reads a member that decides whether the document is taken, if it
// is of the kind that opener begins. null counts as absent; any other type
// is blamed.
func (p *Parser) essential(name string, kind valueKind) bool {
	got := kindOf(p.buf[p.r])
	if got == kind {
		return true
	}
	p.skip()
	if got != kindNull && p.err == nil {
		p.blame(name, roentgen.InvalidSegment, "is "+got.String()+"; send "+kind.String())
	}
	return false
}

// valueKind is a type of JSON.
type valueKind uint8

const (
	kindNumber valueKind = iota
	kindString
	kindBool
	kindNull
	kindObject
	kindArray
)

// String returns the type with its article.
func (k valueKind) String() string {
	return [...]string{"a number", "a string", "a boolean", "null", "an object", "an array"}[k]
}

// kindOf tells the type of a value by its first byte.
func kindOf(c byte) valueKind {
	switch c {
	case '"':
		return kindString
	case 't', 'f':
		return kindBool
	case 'n':
		return kindNull
	case '{':
		return kindObject
	case '[':
		return kindArray
	}
	return kindNumber
}
