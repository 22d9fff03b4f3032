package roentgen

import (
	"bytes"
	"slices"
)

// Partial is what is known of one trace's summary from some of its documents.
// Partials of one trace are joined with Merge in any order and any grouping,
// on one server or many, and give the same Summary: each holds one Part per
// entity, and of two parts for one entity the superseding one stands.
type Partial struct {
	Trace TraceID
	Parts []Part // by ID
}

// Part is the row of one document: what summaries and filters read of it.
type Part struct {
	ID, Parent SegmentID
	Kind       Kind
	Service    ServiceID // of a segment; zero for an independent subsegment

	Received   Time // server clock; the later of two documents supersedes
	Updated    Time // when the last distinct document of this entity arrived, superseded ones too
	Hash       uint64
	Documents  []uint64 // hashes of all distinct documents seen of this entity, ascending
	InProgress bool     // this entity has no end
	Open       bool     // this entity or one nested in it has no end
	Start, End Time     // End is zero while InProgress
	Last       Time     // latest end of this entity and everything nested in it; zero: none

	Error, Throttle, Fault bool // by flag or status, Segment.Failed
	AnyThrottle            bool // this entity or one nested in it was throttled

	HTTP        *HTTP // of a segment
	User        string
	ResourceARN string
	RanIn       []string // AWS.RanIn
	InstanceID  string
	Zone        string
	Annotations []Annotation // of the entity and everything nested, in the order of the document; may repeat
	Nested      []SegmentID  // ids embedded in this document
	Keep        Keep
}

// NewPartial returns the partial of one stored document.
// It shares memory with the segment.
func NewPartial(d Stored) Partial {
	own := &struct {
		parts     [1]Part
		documents [1]uint64
	}{documents: [1]uint64{d.Segment.Hash}}
	own.parts[0].Documents = own.documents[:]
	own.parts[0].fill(d, &lists{})
	return Partial{Trace: d.Segment.Trace, Parts: own.parts[:]}
}

// lists is memory for what parts list. The zero lists makes room for one part
// and no more.
type lists struct {
	nested      []SegmentID
	annotations []Annotation
}

// cut makes room for n more behind those of s, which is grown if need be.
func cut[T any](s []T, n int) (rest, room []T) {
	if cap(s)-len(s) < n {
		s = make([]T, 0, max(n, min(2*cap(s), largestKept))) // parts before keep theirs
	}
	end := len(s) + n
	return s[:end], s[len(s):len(s):end]
}

// fill takes all but Documents from d; p is otherwise zero. What p lists stands
// in the memory of l.
func (p *Part) fill(d Stored, l *lists) {
	s := d.Segment
	p.ID, p.Parent, p.Kind = s.ID, s.Parent, s.Kind
	p.Received, p.Updated, p.Hash, p.Keep = d.Received, d.Received, s.Hash, d.Keep
	p.InProgress, p.Start, p.End = s.InProgress, s.Start, s.End
	p.User, p.ResourceARN = s.User, s.ResourceARN
	p.Error, p.Throttle, p.Fault = s.Failed()
	if s.Kind == KindSegment {
		p.Service = s.Service()
		p.HTTP = s.HTTP
	}
	if s.AWS != nil {
		p.InstanceID, p.Zone = s.AWS.InstanceID, s.AWS.AvailabilityZone
		p.RanIn = s.AWS.RanIn()
	}
	nested, annotations := s.extent()
	if nested > 0 {
		l.nested, p.Nested = cut(l.nested, nested)
	}
	switch annotations {
	case 0:
	case len(s.Annotations):
		p.Annotations = slices.Clip(s.Annotations)
	default:
		l.annotations, p.Annotations = cut(l.annotations, annotations)
		p.Annotations = append(p.Annotations, s.Annotations...)
	}
	p.add(s)
}

// extent counts what is nested in s, and the annotations of all of it.
func (s *Segment) extent() (nested, annotations int) {
	annotations = len(s.Annotations)
	for i := range s.Subsegments {
		n, a := s.Subsegments[i].extent()
		nested, annotations = nested+n+1, annotations+a
	}
	return nested, annotations
}

// add takes what an entity and everything nested in it contribute to the row of
// its document.
func (p *Part) add(s *Segment) {
	_, throttled, _ := s.Failed()
	p.AnyThrottle = p.AnyThrottle || throttled
	p.Open = p.Open || s.InProgress
	p.Last = max(p.Last, s.End)
	if s.ID != p.ID {
		p.Nested = append(p.Nested, s.ID)
	}
	for i := range s.Subsegments {
		n := &s.Subsegments[i]
		p.Annotations = append(p.Annotations, n.Annotations...)
		p.add(n)
	}
}

// Service returns the node that s belongs to. An origin that is the type of
// clients is none: clients send no segments.
func (s *Segment) Service() ServiceID {
	id := ServiceID{Name: s.Name, Type: s.Origin}
	if id.Type == ClientType {
		id.Type = ""
	}
	if s.AWS != nil {
		id.AccountID = s.AWS.AccountID
	}
	return id
}

// Merge joins two partials of one trace. Neither is changed.
func (p Partial) Merge(q Partial) Partial {
	out := Partial{Trace: p.Trace, Parts: make([]Part, 0, len(p.Parts)+len(q.Parts))}
	a, b := p.Parts, q.Parts
	for len(a) > 0 && len(b) > 0 {
		switch bytes.Compare(a[0].ID[:], b[0].ID[:]) {
		case -1:
			out.Parts, a = append(out.Parts, a[0]), a[1:]
		case 1:
			out.Parts, b = append(out.Parts, b[0]), b[1:]
		default:
			out.Parts = append(out.Parts, joinParts(a[0], b[0]))
			a, b = a[1:], b[1:]
		}
	}
	out.Parts = append(append(out.Parts, a...), b...)
	return out
}

// joinParts returns the superseding part of one entity with the documents, the
// keep and the last arrival of both.
func joinParts(a, b Part) Part {
	docs := slices.Concat(a.Documents, b.Documents)
	slices.Sort(docs)
	keep, updated := a.Keep.Join(b.Keep), max(a.Updated, b.Updated)
	if b.supersedes(a) {
		a = b
	}
	a.Documents, a.Keep, a.Updated = slices.Compact(docs), keep, updated
	return a
}

// supersedes follows Segment.Supersedes; a part has the hash alone to break
// the last tie. The order is total and a maximum is taken, so joining is
// commutative, associative and idempotent.
func (p Part) supersedes(old Part) bool {
	switch {
	case p.InProgress != old.InProgress:
		return old.InProgress
	case p.Received != old.Received:
		return p.Received > old.Received
	}
	return p.Hash > old.Hash
}
