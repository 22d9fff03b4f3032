package wire

import (
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// Glancer reads of a document what triggers, roll-ups and names need, in one
// pass over the bytes where they stand and into memory of its own: no
// canonical text, no hash, no copies. It is for one goroutine at a time.
//
// It fills everything that a Parser fills but Document and Hash. What is not
// usual (a block or a key of an annotation that stands twice, a key written
// with escapes, bytes that are not UTF-8, anything wrong) it leaves to a
// Parser: what both take they read alike, and a rejection is the Parser's.
//
// It lets through what a Parser refuses only in values that it passes over,
// which are metadata, stacks, members that nobody knows and those of another
// type than the known: there, words, numbers, escape sequences, control
// characters, colons and commas are not looked at, brackets are counted but
// not matched, and Limits.MaxDepth does not hold.
type Glancer struct {
	glanceReader
	lim         Limits
	subsegments int      // so far
	keysSeen    []string // distinct annotation keys of the document
	keys        []string // of the annotations that are being read

	open   []glanced          // as in scratch
	closed []roentgen.Segment // as in scratch
	lists  []span             // of the subsegments of each in closed
	blocks glances
	parser *Parser
}

// glanced is an entity that does not have its subsegments yet.
type glanced struct {
	roentgen.Segment
	list span // of its subsegments, in closed
}

// NewGlancer returns a Glancer with these limits.
func NewGlancer(lim Limits) *Glancer {
	return &Glancer{lim: lim.resolved(), parser: NewParser(lim)}
}

// Read reads one document, which it does not change. The segment and all its
// strings hold until the next Read, and no longer than doc is left as it is.
// The error is always a *roentgen.Rejection.
func (g *Glancer) Read(doc []byte) (*roentgen.Segment, error) {
	if len(doc) <= g.lim.MaxDocumentBytes {
		if s := g.glance(doc); s != nil {
			return s, nil
		}
	}
	s, err := g.parser.Parse(doc)
	if err != nil {
		return nil, err
	}
	s.Document, s.Hash = nil, 0
	return s, nil
}

// glance returns nil where a Parser has to read.
func (g *Glancer) glance(doc []byte) *roentgen.Segment {
	g.reset(doc)
	g.space()
	if g.peek() != '{' {
		return nil
	}
	g.entity(g.push(), 1)
	if g.odd || g.at != len(doc) || g.seen&tops != 0 && !utf8.Valid(doc) {
		return nil
	}
	return g.collect()
}

func (g *Glancer) reset(doc []byte) {
	g.glanceReader = glanceReader{doc: doc, meanings: g.meanings[:0]}
	g.subsegments = 0
	g.keysSeen, g.keys = g.keysSeen[:0], g.keys[:0]
	clear(g.open)
	clear(g.closed)
	g.open, g.closed, g.lists = g.open[:0], g.closed[:0], g.lists[:0]
	g.blocks.reset()
}

// push opens an entity and returns its index.
func (g *Glancer) push() int {
	n := len(g.open)
	if n == cap(g.open) {
		g.open = append(g.open, glanced{})
	}
	g.open = g.open[:n+1] // what is behind the end is zero
	return n
}

// close makes the entities from first on the subsegments of the one at parent.
func (g *Glancer) close(parent, first int) {
	from := len(g.closed)
	for i := first; i < len(g.open); i++ {
		g.closed = append(g.closed, g.open[i].Segment)
		g.lists = append(g.lists, g.open[i].list)
	}
	clear(g.open[first:])
	g.open = g.open[:first]
	g.open[parent].list = span{from, len(g.closed)}
}

// collect hands out the subsegments, which stay where they are from now on.
func (g *Glancer) collect() *roentgen.Segment {
	for i, l := range g.lists {
		if l.to > l.from {
			g.closed[i].Subsegments = g.closed[l.from:l.to:l.to]
		}
	}
	top := &g.open[0]
	if l := top.list; l.to > l.from {
		top.Subsegments = g.closed[l.from:l.to:l.to]
	}
	return &top.Segment
}
