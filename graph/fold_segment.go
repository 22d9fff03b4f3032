package graph

import (
	"cmp"
	"slices"

	"github.com/roentgen/roentgen"
)

// spot is what one of Rows.Segments will be.
type spot struct {
	id     roentgen.SegmentID
	entity int32
	node   int32
	last   roentgen.Time
	notes  []roentgen.Annotation
	mixed  bool // others contribute to notes
	// borrowed is true of the row of something that sent no segment: its
	// figures are those of a call, or of the segment behind a load balancer.
	borrowed bool
}

// settleSegments gives every segment its node and its row, and load balancers
// theirs.
func (f *folder) settleSegments() {
	for _, i := range f.segments {
		e := &f.entities[i]
		e.at.node = f.nodes.find(f.service(e.s), false)
		e.at.row = f.addSpot(spot{id: e.s.ID, entity: i, node: e.at.node, notes: e.s.Annotations})
		e.door = e.at
		if id, ok := balancer(e.s); ok {
			e.door.node = f.nodes.find(id, true)
			e.door.row = f.addSpot(spot{id: f.makeID(e.s.ID, balancerSalt), entity: i, node: e.door.node, borrowed: true})
		}
	}
	if root := f.root(); root != none {
		f.nodes.rows[f.entities[root].at.node].Root = true
	}
	f.notes = f.notes[:0]
	for i := range f.entities {
		f.contribute(int32(i))
	}
	f.mixNotes()
}

// root returns the trace's root segment.
func (f *folder) root() int32 {
	if f.rows.Summary == nil || f.rows.Summary.Root == nil {
		return none
	}
	if i, ok := f.index.find(key(f.rows.Summary.Root.ID)); ok && i != none && f.entities[i].service {
		return i
	}
	return none
}

func (f *folder) addSpot(s spot) int32 {
	s.last = f.entities[s.entity].s.End
	f.spots = append(f.spots, s)
	return int32(len(f.spots) - 1)
}

// contribute adds a subsegment to what is said of its segment.
func (f *folder) contribute(i int32) {
	e := &f.entities[i]
	if e.service || e.owner == none {
		return
	}
	row := f.entities[e.owner].at.row
	to := &f.spots[row]
	to.last = max(to.last, e.s.End)
	if e.s.Namespace == roentgen.NamespaceNone && len(e.s.Annotations) > 0 {
		f.addNotes(row, i)
		if !to.mixed {
			to.mixed = true
			f.addNotes(row, e.owner)
		}
	}
}

// note is an annotation of an entity, for a row of Rows.Segments.
type note struct {
	prefix             uint64 // of the key
	row, entity, index int32
}

func (f *folder) addNotes(row, entity int32) {
	for i, a := range f.entities[entity].s.Annotations {
		f.notes = append(f.notes, note{roentgen.KeyPrefix(a.Key), row, entity, int32(i)})
	}
}

func (f *folder) annotation(n note) *roentgen.Annotation {
	return &f.entities[n.entity].s.Annotations[n.index]
}

func (f *folder) compareNotes(a, b note) int {
	switch {
	case a.row != b.row:
		return cmp.Compare(a.row, b.row)
	case a.prefix != b.prefix:
		return cmp.Compare(a.prefix, b.prefix)
	}
	return f.annotation(a).Compare(*f.annotation(b))
}

// mixNotes gives the rows to which others contribute all of their distinct
// annotations, sorted.
func (f *folder) mixNotes() {
	slices.SortFunc(f.notes, f.compareNotes)
	f.mixed = resize(f.mixed, len(f.notes))[:0]
	for i := 0; i < len(f.notes); {
		row, from := f.notes[i].row, len(f.mixed)
		for ; i < len(f.notes) && f.notes[i].row == row; i++ {
			if a := f.annotation(f.notes[i]); len(f.mixed) == from || *a != f.mixed[len(f.mixed)-1] {
				f.mixed = append(f.mixed, *a)
			}
		}
		f.spots[row].notes = f.mixed[from:len(f.mixed):len(f.mixed)]
	}
}

// Salts keep what is made up for one entity apart.
const (
	inferredSalt uint64 = 0x726f656e7467656e
	balancerSalt uint64 = 0x62616c616e636572
)

// makeID derives an id that no entity of the trace has, nor any other that was
// made up; the same at every reading.
func (f *folder) makeID(from roentgen.SegmentID, salt uint64) (id roentgen.SegmentID) {
	for n := key(from) ^ salt; ; n++ {
		k := scatter(n)
		if _, taken := f.index.find(k); k == 0 || taken {
			continue // no two n give one k, so this ends
		}
		f.index.add(k, none)
		for i := range id {
			id[i] = byte(k >> (56 - 8*i))
		}
		return id
	}
}

// scatter is the finalizer of splitmix64: it turns neighbours into numbers
// that look unrelated, and different ones into different ones.
func scatter(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

func (f *folder) fillSegments() {
	if len(f.nodes.rows) > 0 {
		f.rows.Nodes = f.nodes.rows
	}
	if len(f.spots) == 0 {
		return
	}
	f.segmentRows = resize(f.segmentRows, len(f.spots))
	f.rows.Segments = f.segmentRows
	for i := range f.spots {
		s := &f.spots[i]
		e := &f.entities[s.entity]
		row := &f.rows.Segments[i]
		*row = roentgen.SegmentRow{
			ID: s.id, Node: &f.nodes.rows[s.node], Flags: e.flags,
			Start: e.s.Start, End: e.s.End, Last: s.last,
			Duration: duration(e.s), HTTP: e.s.HTTP,
		}
		if !s.borrowed {
			describe(row, e.s, s.notes)
		}
	}
}

// describe adds what only a segment of its own says.
func describe(row *roentgen.SegmentRow, s *roentgen.Segment, notes []roentgen.Annotation) {
	row.User = s.User
	if s.ResourceARN != "" {
		row.ResourceARNs = []string{s.ResourceARN}
	}
	if s.AWS != nil {
		row.Zone, row.InstanceID = s.AWS.AvailabilityZone, s.AWS.InstanceID
		row.ResourceARNs = append(row.ResourceARNs, s.AWS.RanIn()...)
	}
	row.Annotations = notes
}

func duration(s *roentgen.Segment) roentgen.Number {
	return roentgen.Seconds(max(0, s.End.Sub(s.Start)), !s.InProgress)
}
