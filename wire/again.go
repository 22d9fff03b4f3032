package wire

import "github.com/roentgen/roentgen"

// Again reads documents once more that a Parser has taken, in one pass over the
// bytes where they stand and into memory of its own. Of what nobody reads, as
// metadata is, it counts the brackets alone. It is for one goroutine at a time.
type Again struct {
	quick  quick
	parser *Parser
}

// NewAgain returns an Again with the limits of that Parser.
func NewAgain(lim Limits) *Again {
	a := &Again{quick: quick{lim: lim.resolved(), glancing: true}, parser: NewParser(lim)}
	a.quick.once = true
	return a
}

// Read returns the segment that the Parser made of doc, whose hash is known. It
// holds until the next Read; its strings share memory with doc, which must not be
// changed, and last. An error, always a *roentgen.Rejection, means that no Parser
// has taken doc.
func (a *Again) Read(doc []byte, hash uint64) (*roentgen.Segment, error) {
	q := &a.quick
	q.release()
	if !q.read(doc, index{}) {
		s, rej := a.parser.parseOdd(doc)
		if rej != nil {
			return nil, rej
		}
		return s, nil
	}
	if len(q.meanings) > 0 { // the segment has them now
		q.meanings = nil
	}
	s := q.scratch.link()
	s.Document, s.Hash = doc, hash
	return s, nil
}
