package graph

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// Member says that a trace is in a group, admitted by that version of it.
type Member struct {
	Group   string
	Version uint64
}

// Tally is what one trace contributes to graphs, small enough to be kept with
// each, so that it can be taken out again. Rollups makes and keeps it; the
// numbers in it are theirs.
type Tally struct {
	start   roentgen.Time
	weight  int64 // how many requests the trace stands for, at least 1
	marks   [kinds][]mark
	counts  [kinds][]count
	also    []also
	members []Member
	place   int // in its minute
}

// Nodes and edges are counted alike.
const (
	nodeKind = iota
	edgeKind
	kinds
)

// mark says that a node or an edge is in the trace.
type mark struct {
	number               uint32
	root, inferred, link bool
}

// count is one completed segment or call.
type count struct {
	number uint32 // of its node or edge
	class  roentgen.Class
	took   time.Duration // absent: of a link
	other  time.Duration // of a segment with what trails it; of a link its age, or absent
}

// absent is a duration that is not there.
const absent time.Duration = -1

// also is another name of a node, or an alias of an edge.
type also struct {
	kind       int
	of, number uint32
}

// pair is the numbers of an edge's nodes.
type pair struct{ from, to uint32 }

// pen writes a Tally.
type pen struct {
	words *words
	t     *Tally
	nodes index[*roentgen.NodeRow] // numbers
	edges index[pair]              // where an edge's mark is
}

// tally writes down what is in rows. The numbers in it are held until release.
func (p *pen) tally(w *words, rows *roentgen.Rows) *Tally {
	t := &Tally{}
	t.makeRoom(rows)
	p.write(t, w, rows)
	return t
}

// write writes down in t, an empty tally, what is in rows.
func (p *pen) write(t *Tally, w *words, rows *roentgen.Rows) {
	p.words, p.t = w, t
	p.nodes.reset(len(rows.Nodes))
	p.edges.reset(len(rows.Edges))
	t.start, t.weight = rows.Summary.Start, weightOf(rows.Summary)
	for i := range rows.Nodes {
		p.node(&rows.Nodes[i])
	}
	for _, e := range rows.Edges {
		p.edge(e)
	}
	for i := range rows.Segments {
		p.segment(&rows.Segments[i])
	}
	for i := range rows.Calls {
		p.call(&rows.Calls[i])
	}
	p.aliases()
	p.t = nil
}

// makeRoom makes room for all at once.
func (t *Tally) makeRoom(rows *roentgen.Rows) {
	marks := make([]mark, 0, len(rows.Nodes)+len(rows.Edges))
	counts := make([]count, 0, len(rows.Segments)+len(rows.Calls))
	n, s := len(rows.Nodes), len(rows.Segments)
	t.marks = [kinds][]mark{marks[:0:n], marks[n:n]}
	t.counts = [kinds][]count{counts[:0:s], counts[s:s]}
}

// empty makes t a tally that may be written to.
func (t *Tally) empty() {
	for kind := range kinds {
		t.marks[kind], t.counts[kind] = t.marks[kind][:0], t.counts[kind][:0]
	}
	t.also = t.also[:0]
}

func (p *pen) node(row *roentgen.NodeRow) uint32 {
	if n, ok := p.nodes.find(row); ok {
		return uint32(n)
	}
	n := p.words.services.hold(row.ServiceID)
	p.nodes.add(row, int32(n))
	p.t.marks[nodeKind] = append(p.t.marks[nodeKind], mark{number: n, root: row.Root, inferred: row.Inferred})
	for _, name := range row.Names {
		p.t.also = append(p.t.also, also{nodeKind, n, p.words.names.hold(name)})
	}
	return n
}

// edge returns where the mark of an edge is, and false where one of its ends
// is not known.
func (p *pen) edge(row roentgen.EdgeRow) (int, bool) {
	if row.Source == nil || row.Destination == nil {
		return 0, false
	}
	ends := pair{p.node(row.Source), p.node(row.Destination)}
	if at, ok := p.edges.find(ends); ok {
		return int(at), true
	}
	n, at := p.words.pairs.hold(ends), len(p.t.marks[edgeKind])
	p.edges.add(ends, int32(at))
	p.t.marks[edgeKind] = append(p.t.marks[edgeKind], mark{number: n})
	return at, true
}

func (p *pen) segment(row *roentgen.SegmentRow) {
	if row.Node == nil || !row.Duration.Known {
		return
	}
	took := durationOf(row.Duration)
	whole := took
	if row.Last != 0 {
		whole = max(took, bound(row.Last.Sub(row.Start)))
	}
	p.t.counts[nodeKind] = append(p.t.counts[nodeKind], count{p.node(row.Node), row.Class(), took, whole})
}

func (p *pen) call(row *roentgen.CallRow) {
	at, ok := p.edge(row.EdgeRow)
	if !ok {
		return
	}
	m := &p.t.marks[edgeKind][at]
	m.link = m.link || row.Link
	if row.Alias != (roentgen.ServiceID{}) {
		p.t.also = append(p.t.also, also{edgeKind, m.number, p.words.services.hold(row.Alias)})
	}
	c := count{number: m.number, class: row.Class(), took: durationOf(row.Duration), other: absent}
	if row.Link {
		c.took, c.other = absent, durationOf(row.Age)
	}
	if row.Duration.Known || row.Link && row.Age.Known {
		p.t.counts[edgeKind] = append(p.t.counts[edgeKind], c)
	}
}

// aliases leaves each alias of an edge in the tally once, however many calls
// have it.
func (p *pen) aliases() {
	if len(p.t.also) < 2 {
		return
	}
	slices.SortFunc(p.t.also, also.compare)
	once := p.t.also[:1]
	for _, a := range p.t.also[1:] {
		if a != once[len(once)-1] {
			once = append(once, a)
		} else {
			p.words.services.release(a.number)
		}
	}
	p.t.also = once
}

func (a also) compare(b also) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.of, b.of), cmp.Compare(a.number, b.number))
}

// durationOf is a number of seconds to the nanosecond, absent where it is not
// known.
func durationOf(n roentgen.Number) time.Duration {
	switch {
	case !n.Known:
		return absent
	case n.Value >= longest.Seconds():
		return longest
	case n.Value > 0:
		return time.Duration(math.Round(n.Value * 1e9))
	}
	return 0
}

// release gives the numbers of t back.
func (w *words) release(t *Tally) {
	for _, a := range t.also {
		if a.kind == nodeKind {
			w.names.release(a.number)
		} else {
			w.services.release(a.number)
		}
	}
	for _, m := range t.marks[edgeKind] {
		w.pairs.release(m.number)
	}
	for _, m := range t.marks[nodeKind] {
		w.services.release(m.number)
	}
}

// in reports whether the trace is in the group, and admitted by which version
// of it. Every trace is in the group without a name.
func (t *Tally) in(group string) (version uint64, ok bool) {
	if group == "" {
		return 0, true
	}
	for _, m := range t.members {
		if m.Group == group {
			return m.Version, true
		}
	}
	return 0, false
}
