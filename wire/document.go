package wire

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// ParseDocument reads one segment document. The error is always a
// *roentgen.Rejection. A caller with many documents keeps a Parser.
func ParseDocument(doc []byte, lim Limits) (*roentgen.Segment, error) {
	return NewParser(lim).Parse(doc)
}

// ParseDocuments reads a text that is a document or an array of documents
// (X-Ray's model speaks of arrays; no SDK sends one). Every element is a
// document of its own and gets its own result; a text that cannot be taken
// apart gets one.
func ParseDocuments(text []byte, lim Limits) []Parsed {
	return NewParser(lim).AppendAll(nil, TextOf(text))
}

// Parsed is what became of one document: the segment, or why there is none.
type Parsed struct {
	Segment   *roentgen.Segment
	Rejection *roentgen.Rejection
}

// Parser reads documents one after the other and keeps its scratch memory
// between them. It is for one goroutine at a time.
type Parser struct {
	scanner
	lim Limits

	id          string // the top entity's id as written, for the rejection
	fault       *fault // first in the top entity
	nestedFault *fault // first in an embedded one
	subsegments int    // so far
	path        []int  // indices of the embedded subsegments that stand open

	keysSeen []string // distinct annotation keys of the document
	scratch  scratch

	quick quick
	lent  *scratch // where segments stand until Reclaim; nil: each has memory of its own
}

// NewParser returns a parser with these limits.
func NewParser(lim Limits) *Parser {
	lim = lim.resolved()
	return &Parser{lim: lim, quick: quick{lim: lim}}
}

// Parse is ParseDocument. The segment's strings share memory with its
// Document; strings.Clone what is to outlive it.
func (p *Parser) Parse(doc []byte) (*roentgen.Segment, error) {
	s, rej := p.parse(TextOf(doc))
	if rej != nil {
		return nil, rej
	}
	return s, nil
}

// AppendAll is ParseDocuments. It appends the results to dst.
func (p *Parser) AppendAll(dst []Parsed, text Text) []Parsed {
	if !isArray(text.bytes) {
		return append(dst, p.one(text))
	}
	parts, rej := p.split(text.bytes)
	if rej != nil {
		return append(dst, Parsed{Rejection: rej})
	}
	for _, part := range parts {
		dst = append(dst, p.one(TextOf(part)))
	}
	return dst
}

func (p *Parser) one(doc Text) Parsed {
	s, rej := p.parse(doc)
	return Parsed{s, rej}
}

// isArray looks at the first byte of the value.
func isArray(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == '['
}

// split returns the elements of an array.
func (p *Parser) split(text []byte) ([][]byte, *roentgen.Rejection) {
	if len(text) > p.lim.MaxDocumentBytes {
		return nil, p.oversize(text, len(text))
	}
	p.begin(prepare(text))
	var parts [][]byte
	a := p.openArray()
	for p.element(&a) {
		from := p.w
		p.skip()
		parts = append(parts, p.buf[from:p.w])
	}
	if !p.done() {
		return nil, p.malformed()
	}
	if len(parts) == 0 {
		return nil, p.reject(roentgen.InvalidSegment, "the array holds no document; send at least one")
	}
	return parts, nil
}

func (p *Parser) begin(buf []byte) {
	p.reset()
	p.scan(buf, p.lim.MaxDepth)
}

// release lets go of the document, which others hold on to for as long as they
// like.
func (p *Parser) release() {
	p.reset()
	p.scanner = scanner{keys: p.keys[:0]}
}

func (p *Parser) reset() {
	p.id, p.fault, p.nestedFault, p.subsegments = "", nil, nil, 0
	clear(p.keysSeen)
	p.path, p.keysSeen = p.path[:0], p.keysSeen[:0]
	p.scratch.clear()
}

func (p *Parser) parse(doc Text) (*roentgen.Segment, *roentgen.Rejection) {
	if !loose(doc.bytes) {
		if s := p.parseQuick(doc); s != nil {
			return s, nil
		}
	}
	return p.parseOdd(doc.bytes)
}

// Lend makes the parser lend segments: they hold until Reclaim, but for their
// documents and strings, which last. To find memory for each costs a third as
// much as to read it.
func (p *Parser) Lend() { p.lent = new(scratch) }

// Reclaim takes back the memory of all segments that were lent.
func (p *Parser) Reclaim() {
	if p.lent != nil {
		p.lent.clear()
	}
}

// collect moves what was read to where the segment may stay.
func (p *Parser) collect(x *scratch) *roentgen.Segment {
	if p.lent != nil {
		return x.collect(p.lent)
	}
	return x.collect(new(scratch))
}

// parseQuick reads a document whose text is canonical; nil where it is not, or
// anything else is out of the ordinary.
func (p *Parser) parseQuick(doc Text) *roentgen.Segment {
	if len(doc.bytes) > p.lim.MaxDocumentBytes {
		return nil
	}
	q := &p.quick
	defer q.release()
	text := make([]byte, len(doc.bytes))
	copy(text, doc.bytes)
	if !q.read(text, doc.index) || q.spaced {
		return nil
	}
	s := p.collect(&q.scratch)
	if len(q.meanings) > 0 { // the segment has them now
		q.meanings = nil
	}
	s.Document = text
	s.Hash = xxhash.Sum64(text)
	return s
}

// loose tells by its first member that a producer puts white space between
// tokens, so that a document of its has to be moved together.
func loose(doc []byte) bool {
	i := bytes.IndexByte(doc[:min(len(doc), 64)], ':')
	return i < 1 || i+1 == len(doc) || doc[0] != '{' || doc[1] != '"' || doc[i+1] <= ' '
}

// parseOdd reads any document, and says what is wrong with it.
func (p *Parser) parseOdd(doc []byte) (*roentgen.Segment, *roentgen.Rejection) {
	if len(doc) > p.lim.MaxDocumentBytes {
		return nil, p.oversize(doc, len(doc))
	}
	defer p.release()
	rej := p.read(prepare(doc))
	if rej == nil && p.duplicate {
		// Rare, and only now it is known which member counts: the text is
		// written without the others and read once more.
		rej = p.read(append(dropDuplicates(p.text(), p.lim.MaxDepth), padding...))
	}
	if rej != nil {
		return nil, rej
	}
	s := p.collect(&p.scratch)
	s.Document = p.text()
	s.Hash = xxhash.Sum64(s.Document)
	return s, nil
}

// text returns the canonical text of what was read.
func (p *Parser) text() []byte { return p.buf[:p.w:p.w] }

// read reads the document in buf, which it owns and which ends with padding.
// Where a key stands twice only the syntax has been judged.
func (p *Parser) read(buf []byte) *roentgen.Rejection {
	p.begin(buf)
	p.document()
	switch {
	case !p.done():
		return p.malformed()
	case p.w > p.lim.MaxDocumentBytes:
		return p.oversize(p.buf[:p.w], p.w)
	case p.duplicate:
		return nil
	case p.fault != nil:
		return p.fault.rejection(p, false)
	case p.nestedFault != nil:
		return p.nestedFault.rejection(p, true)
	}
	return nil
}

// document reads the top value into scratch.
func (p *Parser) document() {
	if p.buf[p.r] != '{' {
		p.skip()
		p.blame("", roentgen.InvalidSegment, "the document is not an object; send one JSON object")
		return
	}
	p.entity(p.scratch.push())
}
