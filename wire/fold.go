package wire

import (
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
)

// Folded is a document with the independent subsegments that belong to it
// folded in.
type Folded struct {
	// Segment is the top entity as it was parsed: a segment, or an
	// independent subsegment whose parent is not there.
	Segment  *roentgen.Segment
	Document []byte // canonical
}

// maxFoldDepth is how many entities may stand in one another after folding.
// Readers refuse documents that are deeper still; what lies below stays a
// document of its own.
const maxFoldDepth = 1000

// Fold folds the independent subsegments of one trace into the entities that
// they name as parents, as X-Ray does when a trace is read. It returns one
// document for each segment, in their order, and then one for each
// independent subsegment that no segment leads to, because its parent has not
// arrived or because documents name each other as parents. Nothing is lost
// and nothing appears twice. docs holds one document of each entity, in any
// order.
//
// A subsegment that was folded in loses type, trace_id and parent_id, which
// nesting says; every other byte stays. Where one entity stands embedded and
// independently, the complete one is taken and otherwise the independent one,
// at the embedded place, and the subsegments embedded in either are united by
// id. The time is linear in the bytes.
func Fold(docs []*roentgen.Segment) ([]Folded, error) {
	f := newFolder(docs)
	var out []Folded
	for _, s := range docs {
		if s.Kind == roentgen.KindSegment {
			folded, err := f.top(s)
			if err != nil {
				return nil, err
			}
			out = append(out, folded)
		}
	}
	return f.orphans(out)
}

// folder holds the independent subsegments of a trace.
type folder struct {
	streams  []*streamed // in the order of the input
	byID     map[roentgen.SegmentID]*streamed
	byParent map[roentgen.SegmentID][]*streamed
	embedded map[roentgen.SegmentID]bool // entities that stand in another's document
	known    map[roentgen.SegmentID]bool // all entities
	out      []byte
}

// streamed is one independent subsegment.
type streamed struct {
	segment *roentgen.Segment
	outline *outline
	used    bool // it is in a document already
}

func newFolder(docs []*roentgen.Segment) *folder {
	f := &folder{
		byID:     map[roentgen.SegmentID]*streamed{},
		byParent: map[roentgen.SegmentID][]*streamed{},
		embedded: map[roentgen.SegmentID]bool{},
		known:    map[roentgen.SegmentID]bool{},
	}
	for _, s := range docs {
		s.Walk(func(e *roentgen.Segment) {
			f.known[e.ID] = true
			if e.ID != s.ID {
				f.embedded[e.ID] = true
			}
		})
		if s.Kind == roentgen.KindSubsegment {
			f.enter(s)
		}
	}
	return f
}

func (f *folder) enter(s *roentgen.Segment) {
	d := &streamed{segment: s}
	f.streams = append(f.streams, d)
	f.byID[s.ID] = d
	f.byParent[s.Parent] = append(f.byParent[s.Parent], d)
}

// top returns s with everything that belongs to it. A document that nothing
// belongs to is not even read.
func (f *folder) top(s *roentgen.Segment) (Folded, error) {
	if !f.concerns(s) {
		return Folded{s, s.Document}, nil
	}
	o, err := readOutline(s)
	if err != nil {
		return Folded{}, err
	}
	f.out = make([]byte, 0, 2*len(s.Document))
	if err := f.write(o, nil, 1); err != nil {
		return Folded{}, err
	}
	return Folded{s, f.out}, nil
}

// concerns reports whether an independent subsegment could belong to s.
func (f *folder) concerns(s *roentgen.Segment) (found bool) {
	s.Walk(func(e *roentgen.Segment) {
		found = found || len(f.byParent[e.ID]) > 0 || e != s && f.byID[e.ID] != nil
	})
	return found
}

// orphans appends what no segment led to: first what has no parent here, then
// what is left of rings.
func (f *folder) orphans(out []Folded) ([]Folded, error) {
	for _, rings := range []bool{false, true} {
		for _, d := range f.streams {
			if d.used || !rings && f.leads(d) {
				continue
			}
			d.used = true
			folded, err := f.top(d.segment)
			if err != nil {
				return nil, err
			}
			out = append(out, folded)
		}
	}
	return out, nil
}

// leads reports whether another document leads to d.
func (f *folder) leads(d *streamed) bool {
	return f.known[d.segment.Parent] || f.embedded[d.segment.ID]
}

// write writes the entity o: its own text, what stands for its embedded
// subsegments, and behind them what is embedded in other documents of the
// entity alone and the independent subsegments that name it as parent.
func (f *folder) write(o *outline, others []*outline, depth int) error {
	adopted, kin := f.adopt(o.id, depth), gather(o, others)
	last := o.from
	open := len(adopted)+len(kin.order) > 0 // something is still to be added
	for _, p := range o.parts {
		f.out = append(f.out, o.text[last:p.from]...)
		last = p.from
		switch {
		case p.child != nil:
			if err := f.place(kin.take(p.child), depth+1); err != nil {
				return err
			}
			last = p.to
		case p.kind == partListEnd:
			if err := f.add(kin, adopted, depth); err != nil {
				return err
			}
			open = false
		case p.kind == partPlace && depth > 1, p.kind == partNoList && open:
			last = f.cut(o.text, p.to)
		}
	}
	f.out = append(f.out, o.text[last:o.to-1]...)
	if open {
		f.comma()
		f.out = append(f.out, `"subsegments":[`...)
		if err := f.add(kin, adopted, depth); err != nil {
			return err
		}
		f.out = append(f.out, ']')
	}
	f.out = append(f.out, '}')
	return nil
}

// cut passes over a member that ends at to, with one comma: the one behind it
// or, at the end of the object, the one before it.
func (f *folder) cut(text []byte, to int) int {
	if text[to] == ',' {
		return to + 1
	}
	if n := len(f.out); f.out[n-1] == ',' {
		f.out = f.out[:n-1]
	}
	return to
}

// adopt takes the independent subsegments that name id as parent and stand
// embedded nowhere.
func (f *folder) adopt(id roentgen.SegmentID, depth int) []*streamed {
	if depth >= maxFoldDepth {
		return nil
	}
	var adopted []*streamed
	for _, d := range f.byParent[id] {
		if !d.used && !f.embedded[d.segment.ID] {
			d.used = true
			adopted = append(adopted, d)
		}
	}
	return adopted
}

// add writes entities to the end of an array.
func (f *folder) add(kin kin, adopted []*streamed, depth int) error {
	for _, id := range kin.order {
		f.comma()
		if err := f.place(kin.byID[id], depth+1); err != nil {
			return err
		}
	}
	for _, d := range adopted {
		f.comma()
		o, err := d.read()
		if err != nil {
			return err
		}
		if err := f.write(o, nil, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// comma separates what follows from what stands before it.
func (f *folder) comma() {
	if c := f.out[len(f.out)-1]; c != '{' && c != '[' {
		f.out = append(f.out, ',')
	}
}

// place writes an embedded entity, of which versions stand in documents, or
// the independent document of the same entity.
func (f *folder) place(versions []*outline, depth int) error {
	if d := f.byID[versions[0].id]; d != nil && !d.used {
		d.used = true
		alone, err := d.read()
		if err != nil {
			return err
		}
		versions = append([]*outline{alone}, versions...)
	}
	best := max(0, slices.IndexFunc(versions, func(o *outline) bool { return o.complete }))
	others := slices.Concat(versions[:best], versions[best+1:])
	return f.write(versions[best], others, depth)
}

// read returns the outline, read once.
func (d *streamed) read() (*outline, error) {
	if d.outline != nil {
		return d.outline, nil
	}
	o, err := readOutline(d.segment)
	d.outline = o
	return o, err
}

// readOutline finds the places in a document that folding may change.
func readOutline(s *roentgen.Segment) (*outline, error) {
	var sc scanner
	if err := sc.load(s.Document); err != nil {
		return nil, fmt.Errorf("fold document of segment %v: %w", s.ID, err)
	}
	o := sc.outline(true)
	if !sc.done() {
		return nil, fmt.Errorf("fold document of segment %v: %w", s.ID, sc.err)
	}
	return o, nil
}
