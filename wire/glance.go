package wire

import (
	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/redact/structure"
)

// Glancer reads of a document what triggers, roll-ups and names need, in one
// pass over the bytes where they stand and into memory of its own: no
// canonical text, no hash, no copies. It is for one goroutine at a time.
//
// It fills everything that a Parser fills but Document and Hash. Documents that
// are not of the usual form (a key that stands twice or is written with escapes,
// bytes that are not UTF-8, anything wrong) it leaves to a Parser: what both
// take they read alike, and a rejection is the Parser's.
//
// It lets through what a Parser refuses only in objects and arrays that nobody
// reads, as metadata and stacks are: there brackets are counted but not matched,
// and keys that stand twice, words, numbers, escape sequences, colons, commas
// and Limits.MaxDepth are not looked at.
type Glancer struct {
	quick  quick
	parser *Parser
}

// NewGlancer returns a Glancer with these limits.
func NewGlancer(lim Limits) *Glancer {
	return &Glancer{quick: quick{lim: lim.resolved(), glancing: true}, parser: NewParser(lim)}
}

// LeaveAnnotations says whether annotations are left out, which few need: they
// are passed over then like everything that nobody reads.
func (g *Glancer) LeaveAnnotations(out bool) { g.quick.bare = out }

// Read reads one document, which it does not change. The segment and all its
// strings hold until the next Read, and no longer than doc is left as it is.
// The error is always a *roentgen.Rejection.
func (g *Glancer) Read(doc []byte) (*roentgen.Segment, error) {
	g.quick.release()
	if g.quick.read(doc, index{}) {
		return g.quick.scratch.link(), nil
	}
	return g.fully(doc)
}

// ReadIndexed is Read for those who have made the index of doc. It does not
// change the index.
func (g *Glancer) ReadIndexed(doc []byte, x *structure.Index) (*roentgen.Segment, error) {
	g.quick.release()
	if g.quick.readIndexed(doc, x) {
		return g.quick.scratch.link(), nil
	}
	return g.fully(doc)
}

// fully leaves a document to the Parser.
func (g *Glancer) fully(doc []byte) (*roentgen.Segment, error) {
	s, rej := g.parser.parseOdd(doc)
	if rej != nil {
		return nil, rej
	}
	s.Document, s.Hash = nil, 0
	if g.quick.bare {
		s.Walk(func(e *roentgen.Segment) { e.Annotations = nil })
	}
	return s, nil
}
