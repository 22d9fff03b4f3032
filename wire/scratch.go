package wire

import "github.com/roentgen/roentgen"

// scratch is where a document's entities are put together while nobody knows
// how many there will be. When the document has been read they move to memory
// of their own, one piece for all of a kind: a document is six allocations,
// however many subsegments it has.
//
// The pieces are not larger than one document, though that would save some
// more: a trace that stays in memory would hold on to all the documents that
// came in together with its own.
type scratch struct {
	open        []node // entities that are being read, each behind its parent, and siblings of those
	closed      []node // entities whose siblings have all been read, siblings side by side
	https       []roentgen.HTTP
	awss        []roentgen.AWS
	sqls        []roentgen.SQL
	annotations []roentgen.Annotation
}

// node is an entity that does not have its subsegments yet.
type node struct {
	roentgen.Segment
	list span // of its subsegments, in closed
}

// next adds a zero element to of and returns it. Elements keep their place:
// what was returned before may lie in memory that of has outgrown.
func next[T any](of *[]T) *T {
	n := len(*of)
	if n == cap(*of) {
		*of = make([]T, n, 2*n+4)
	}
	*of = (*of)[:n+1]
	return &(*of)[n]
}

// push opens an entity and returns its index.
func (x *scratch) push() int {
	n := len(x.open)
	if n == cap(x.open) {
		x.open = append(x.open, node{})
	}
	x.open = x.open[:n+1] // what is behind the end is zero
	return n
}

// close makes the entities from first on the subsegments of the one at parent.
func (x *scratch) close(parent, first int) {
	from := len(x.closed)
	x.closed = append(x.closed, x.open[first:]...)
	clear(x.open[first:])
	x.open = x.open[:first]
	x.open[parent].list = span{from, len(x.closed)}
}

// collect moves everything to memory of its own and returns the top entity.
func (x *scratch) collect() *roentgen.Segment {
	all := make([]roentgen.Segment, 1+len(x.closed))
	m := movers{
		https: make([]roentgen.HTTP, 0, len(x.https)), awss: make([]roentgen.AWS, 0, len(x.awss)),
		sqls: make([]roentgen.SQL, 0, len(x.sqls)), annotations: make([]roentgen.Annotation, 0, len(x.annotations)),
	}
	m.move(&all[0], &x.open[0], all[1:])
	for i := range x.closed {
		m.move(&all[1+i], &x.closed[i], all[1:])
	}
	return &all[0]
}

// movers is the memory that things move to, as large as they need.
type movers struct {
	https       []roentgen.HTTP
	awss        []roentgen.AWS
	sqls        []roentgen.SQL
	annotations []roentgen.Annotation
}

// move makes s of n, whose subsegments are in closed.
func (m *movers) move(s *roentgen.Segment, n *node, closed []roentgen.Segment) {
	*s = n.Segment
	s.HTTP, s.AWS, s.SQL = moved(&m.https, s.HTTP), moved(&m.awss, s.AWS), moved(&m.sqls, s.SQL)
	if from := len(m.annotations); len(s.Annotations) > 0 {
		m.annotations = append(m.annotations, s.Annotations...)
		s.Annotations = m.annotations[from:len(m.annotations):len(m.annotations)]
	}
	if l := n.list; l.to > l.from {
		s.Subsegments = closed[l.from:l.to:l.to]
	}
}

func moved[T any](to *[]T, v *T) *T {
	if v == nil {
		return nil
	}
	*to = append(*to, *v)
	return &(*to)[len(*to)-1]
}

// clear forgets everything, so that no document is held by what was read last.
func (x *scratch) clear() {
	clear(x.open)
	clear(x.closed)
	clear(x.https)
	clear(x.awss)
	clear(x.sqls)
	clear(x.annotations)
	x.open, x.closed = x.open[:0], x.closed[:0]
	x.https, x.awss, x.sqls, x.annotations = x.https[:0], x.awss[:0], x.sqls[:0], x.annotations[:0]
}
