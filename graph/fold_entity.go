package graph

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/roentgen/roentgen"
)

// entity is a segment or subsegment, of which one version stands.
type entity struct {
	s       *roentgen.Segment
	flags   roentgen.Flags
	service bool // a segment

	parent int32 // none: it has none, or it has not arrived
	owner  int32 // the nearest segment above, itself included; none: not there
	placed bool  // parent says where it is embedded, which counts more than what it names

	child, next int32 // first of those below it, and the next one below its parent

	at   place // of a segment, and of what a call to an inferred node makes of it
	door place // of a segment: where calls to it arrive, its load balancer if there is one
	// answered is true of a call of which the callee sent a segment.
	answered bool
}

// place is a node and a row of Rows.Segments, by index.
type place struct{ node, row int32 }

var nowhere = place{none, none}

func (e *entity) isCall() bool { return !e.service && e.s.Namespace != roentgen.NamespaceNone }

// inferred reports whether the callee of a call is known from the call alone.
func (e *entity) inferred() bool { return !e.service && e.at.node != none }

// Owners before they are known.
const (
	unknown  int32 = -2
	climbing int32 = -3 // met again on the way up: a ring
)

func key(id roentgen.SegmentID) uint64 { return binary.BigEndian.Uint64(id[:]) }

func compareEntities(a, b *roentgen.Segment) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(key(a.ID), key(b.ID)))
}

// read finds the entities of the documents and ties them together. The order
// of the documents has no part in it.
func (f *folder) read(docs []roentgen.Stored) {
	tops, n := resize(f.tops, len(docs)), 0
	f.tops = tops
	for i := range docs {
		tops[i] = docs[i].Segment
		n += size(tops[i])
	}
	slices.SortFunc(tops, func(a, b *roentgen.Segment) int {
		return cmp.Or(cmp.Compare(key(a.ID), key(b.ID)), cmp.Compare(a.Hash, b.Hash))
	})
	f.entities = resize(f.entities, n)[:0]
	f.index.reset(n + n/2) // and what makeID adds
	for _, s := range tops {
		if _, twice := f.index.find(key(s.ID)); !twice {
			f.enter(s, none).service = s.Kind == roentgen.KindSegment
		}
	}
	for _, s := range tops {
		top, _ := f.index.find(key(s.ID))
		f.embed(top, top, s.Subsegments)
	}
	f.tie()
	f.sort()
}

func size(s *roentgen.Segment) int {
	n := 1
	for i := range s.Subsegments {
		n += size(&s.Subsegments[i])
	}
	return n
}

func (f *folder) enter(s *roentgen.Segment, parent int32) *entity {
	f.index.add(key(s.ID), int32(len(f.entities)))
	f.entities = append(f.entities, entity{
		s: s, parent: parent, placed: parent != none, owner: unknown,
		child: none, next: none, at: nowhere, door: nowhere,
	})
	return &f.entities[len(f.entities)-1]
}

// embed enters what is embedded in parent, within the document of top. Where
// versions of an entity stand in several documents, what is embedded in any of
// them is united.
func (f *folder) embed(top, parent int32, list []roentgen.Segment) {
	for k := range list {
		s := &list[k]
		i, met := f.index.find(key(s.ID))
		if !met {
			i = int32(len(f.entities))
			f.enter(s, parent)
		} else if i != top {
			f.entities[i].meet(s, parent)
		}
		f.embed(top, i, s.Subsegments)
	}
}

// meet takes note of another version of e, which is embedded in parent.
func (e *entity) meet(s *roentgen.Segment, parent int32) {
	if e.service {
		return
	}
	if !e.placed {
		e.parent, e.placed = parent, true
	}
	if e.s.InProgress && !s.InProgress {
		e.s = s
	}
}

// tie finds parents, children and owners.
func (f *folder) tie() {
	for i := range f.entities {
		e := &f.entities[i]
		e.flags.Error, e.flags.Throttle, e.flags.Fault = e.s.Failed()
		f.failed.Error, f.failed.Fault = f.failed.Error || e.flags.Error, f.failed.Fault || e.flags.Fault
		f.referred = f.referred || e.s.Cause != nil && e.s.Cause.Ref != ""
		if e.service {
			e.owner = int32(i)
		}
		if !e.placed && !e.s.Parent.IsZero() {
			if p, ok := f.index.find(key(e.s.Parent)); ok && p != int32(i) {
				e.parent = p
			}
		}
		if e.parent != none {
			e.next, f.entities[e.parent].child = f.entities[e.parent].child, int32(i)
		}
	}
	for i := range f.entities {
		f.own(int32(i))
	}
}

// own climbs from i to its segment. What was climbed once is remembered, so
// that a long chain costs its length once.
func (f *folder) own(i int32) {
	owner := none
	for j := i; j != none; j = f.entities[j].parent {
		if e := &f.entities[j]; e.owner != unknown {
			owner = e.owner
			break
		}
		f.entities[j].owner = climbing
	}
	if owner == climbing {
		owner = none
	}
	for i != none && f.entities[i].owner == climbing {
		f.entities[i].owner = owner
		i = f.entities[i].parent
	}
}

// sort lists segments and calls, and makes room for the rows that come of
// them.
func (f *folder) sort() {
	f.segments, f.calls = resize(f.segments, len(f.entities))[:0], resize(f.calls, len(f.entities))[:0]
	for i := range f.entities {
		switch e := &f.entities[i]; {
		case e.service:
			f.segments = append(f.segments, int32(i))
		case e.isCall():
			f.calls = append(f.calls, int32(i))
		}
	}
	slices.SortFunc(f.segments, f.compare)
	slices.SortFunc(f.calls, f.compare)
	rows := len(f.segments) + len(f.calls)
	f.spots, f.hops = resize(f.spots, rows)[:0], resize(f.hops, rows)[:0]
	f.nodes.rows = resize(f.nodes.rows, min(fewNodes, rows+len(f.segments)))[:0]
	f.nodes.byID = nil
}

func (f *folder) compare(i, j int32) int { return compareEntities(f.entities[i].s, f.entities[j].s) }
