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
// document for each segment, in their order, and then one for each tree of
// independent subsegments that no segment leads to, because a parent has not
// arrived or because documents name each other as parents. Nothing is lost,
// and nothing appears twice that does not stand twice. docs holds one document of each entity, in any
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
	within   map[roentgen.SegmentID]*streamed // of an entity embedded in another's document: that document; nil when it is a segment's
	climbs   int
	out      []byte
}

// streamed is one independent subsegment.
type streamed struct {
	segment *roentgen.Segment
	outline *outline
	used    bool // it is in a document already
	seen    int  // the climb that came by last
}

func newFolder(docs []*roentgen.Segment) *folder {
	f := &folder{
		byID:     map[roentgen.SegmentID]*streamed{},
		byParent: map[roentgen.SegmentID][]*streamed{},
		within:   map[roentgen.SegmentID]*streamed{},
	}
	for _, s := range docs {
		var d *streamed
		if s.Kind == roentgen.KindSubsegment {
			d = f.enter(s)
		}
		s.Walk(func(e *roentgen.Segment) {
			if _, twice := f.within[e.ID]; e.ID != s.ID && !twice {
				f.within[e.ID] = d
			}
		})
	}
	return f
}

func (f *folder) enter(s *roentgen.Segment) *streamed {
	d := &streamed{segment: s}
	f.streams = append(f.streams, d)
	f.byID[s.ID] = d
	f.byParent[s.Parent] = append(f.byParent[s.Parent], d)
	return d
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

// orphans appends what no segment led to, by the topmost documents that can
// be reached from each.
func (f *folder) orphans(out []Folded) ([]Folded, error) {
	for _, d := range f.streams {
		for !d.used {
			top := f.topmost(d)
			top.used = true
			folded, err := f.top(top.segment)
			if err != nil {
				return nil, err
			}
			out = append(out, folded)
		}
	}
	return out, nil
}

// topmost climbs from d until there is nothing above, or what is above has
// been written, or the climb has come round.
func (f *folder) topmost(d *streamed) *streamed {
	f.climbs++
	for d.seen = f.climbs; ; {
		up := f.above(d)
		if up == nil || up.used {
			return d
		}
		if up.seen == f.climbs {
			return f.opening(up)
		}
		up.seen, d = f.climbs, up
	}
}

// opening returns the member of a ring at which to begin: one that stands in
// no other's document, because from there all of the others are reached in
// their places.
func (f *folder) opening(member *streamed) *streamed {
	d := member
	for {
		if _, embedded := f.within[d.segment.ID]; !embedded {
			return d
		}
		if d = f.above(d); d == member {
			return member
		}
	}
}

// above returns the document that d belongs into; nil when it is not there.
func (f *folder) above(d *streamed) *streamed {
	if up, embedded := f.within[d.segment.ID]; embedded {
		return up
	}
	if up := f.byID[d.segment.Parent]; up != nil {
		return up
	}
	return f.within[d.segment.Parent]
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
		if _, embedded := f.within[d.segment.ID]; !d.used && !embedded {
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
