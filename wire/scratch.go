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
	open        []node             // entities that are being read, each behind its parent, and siblings of those
	closed      []roentgen.Segment // entities whose siblings have all been read, siblings side by side
	lists       []span             // of the subsegments of each of closed, in closed
	https       []roentgen.HTTP
	awss        []roentgen.AWS
	sqls        []roentgen.SQL
	causes      []roentgen.Cause
	exceptions  []roentgen.Exception
	annotations []roentgen.Annotation
	links       []roentgen.Link
	names       []string // of resources
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
	for i := first; i < len(x.open); i++ {
		x.closed = append(x.closed, x.open[i].Segment)
		x.lists = append(x.lists, x.open[i].list)
	}
	clear(x.open[first:])
	x.open = x.open[:first]
	x.open[parent].list = span{from, len(x.closed)}
}

// link makes the entities in closed subsegments of each other and returns the
// top entity. From then on nothing may be added.
func (x *scratch) link() *roentgen.Segment {
	for i, l := range x.lists {
		x.closed[i].Subsegments = l.of(x.closed)
	}
	top := &x.open[0]
	top.Subsegments = top.list.of(x.closed)
	return &top.Segment
}

// of returns the part of list that l stands for; nil where that is empty.
func (l span) of(list []roentgen.Segment) []roentgen.Segment {
	if l.to == l.from {
		return nil
	}
	return list[l.from:l.to:l.to]
}

// since returns what was added to list when it was from long; nil if nothing
// was.
func since[T any](list []T, from int) []T {
	if len(list) == from {
		return nil
	}
	return list[from:len(list):len(list)]
}

// collect moves everything to m, which has it from then on, and returns the top
// entity.
func (x *scratch) collect(m *scratch) *roentgen.Segment {
	from := len(reserve(&m.closed, 1+len(x.closed)))
	reserve(&m.https, len(x.https))
	reserve(&m.awss, len(x.awss))
	reserve(&m.sqls, len(x.sqls))
	reserve(&m.causes, len(x.causes))
	reserve(&m.exceptions, len(x.exceptions))
	reserve(&m.annotations, len(x.annotations))
	reserve(&m.links, len(x.links))
	reserve(&m.names, len(x.names))
	m.closed = append(append(m.closed, x.open[0].Segment), x.closed...)
	all := m.closed[from:]
	for i := range all {
		m.take(&all[i])
	}
	for i, l := range x.lists {
		all[1+i].Subsegments = l.of(all[1:])
	}
	all[0].Subsegments = x.open[0].list.of(all[1:])
	return &all[0]
}

// reserve makes room for n more in list, where need be in other memory: what is
// there stays with those who have it.
func reserve[T any](list *[]T, n int) []T {
	if cap(*list)-len(*list) < n {
		*list = make([]T, 0, max(n, min(2*cap(*list), mostReserved)))
	}
	return *list
}

// mostReserved is how many of a kind there is room for at once, unless one
// document has more.
const mostReserved = 1 << 10

// take moves what s points to into m, which has room for it.
func (m *scratch) take(s *roentgen.Segment) {
	s.HTTP, s.SQL, s.Cause = moved(&m.https, s.HTTP), moved(&m.sqls, s.SQL), moved(&m.causes, s.Cause)
	s.Annotations, s.Links = movedList(&m.annotations, s.Annotations), movedList(&m.links, s.Links)
	if s.AWS != nil && s.AWS != &silentAWS {
		s.AWS = moved(&m.awss, s.AWS)
		s.AWS.ResourceNames = movedList(&m.names, s.AWS.ResourceNames)
	}
	if s.Cause != nil {
		s.Cause.Exceptions = movedList(&m.exceptions, s.Cause.Exceptions)
	}
}

func moved[T any](to *[]T, v *T) *T {
	if v == nil {
		return nil
	}
	*to = append(*to, *v)
	return &(*to)[len(*to)-1]
}

func movedList[T any](to *[]T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	from := len(*to)
	*to = append(*to, list...)
	return since(*to, from)
}

// clear forgets everything, so that no document is held by what was read last.
func (x *scratch) clear() {
	empty(&x.open)
	empty(&x.closed)
	empty(&x.https)
	empty(&x.awss)
	empty(&x.sqls)
	empty(&x.causes)
	empty(&x.exceptions)
	empty(&x.annotations)
	empty(&x.links)
	empty(&x.names)
	x.lists = x.lists[:0]
}

func empty[T any](list *[]T) {
	clear(*list)
	*list = (*list)[:0]
}
