package roentgen

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Summary is one trace seen from outside, made by Partial.Summary.
type Summary struct {
	Trace      TraceID
	Start, End Time // earliest start; latest end, zero while nothing has ended
	Updated    Time // when the last document arrived
	Revision   int  // distinct documents
	Keep       Keep

	// Partial is true while an entity has no end, or a parent has not arrived.
	Partial bool
	// Open is true while an entity has no end: Duration is not known yet.
	Open bool

	Root                   *Part // nil when only subsegments have arrived, or their parents form a ring
	Error, Throttle, Fault bool  // Error and Fault of the root; Throttle of any entity

	Annotations                      []AnnotationUse // by key and value
	Users                            []UserUse       // by name
	Services                         []ServiceID     // of all segments, sorted
	ResourceARNs, InstanceIDs, Zones []string
}

// AnnotationUse is a distinct annotation with the services that recorded it.
type AnnotationUse struct {
	Annotation
	Services []ServiceID
}

// UserUse is a distinct user with the services that recorded it.
type UserUse struct {
	Name     string
	Services []ServiceID
}

// Duration is the time from the first start to the last end, and whether it
// is known: it is not while an entity is open.
func (s *Summary) Duration() (time.Duration, bool) {
	return max(0, s.End.Sub(s.Start)), !s.Open && s.End != 0
}

// ResponseTime is the root segment's duration, and whether it is known.
func (s *Summary) ResponseTime() (time.Duration, bool) {
	if s.Root == nil || s.Root.InProgress {
		return 0, false
	}
	return max(0, s.Root.End.Sub(s.Root.Start)), true
}

// Summary folds the parts. The result shares memory with p.
func (p Partial) Summary() Summary {
	f := folder{s: Summary{Trace: p.Trace}, parts: p.Parts}
	f.index()
	for i := range p.Parts {
		f.add(&p.Parts[i])
	}
	f.root()
	f.sort()
	return f.s
}

// folder gathers one Summary.
type folder struct {
	s     Summary
	parts []Part
	owner map[SegmentID]*Part // document in which an entity stands
	above map[SegmentID]climbed
}

func (f *folder) index() {
	f.owner = make(map[SegmentID]*Part, 2*len(f.parts))
	f.above = map[SegmentID]climbed{}
	for i := range f.parts {
		p := &f.parts[i]
		f.owner[p.ID] = p
	}
	for i := range f.parts {
		for _, id := range f.parts[i].Nested {
			if _, taken := f.owner[id]; !taken {
				f.owner[id] = &f.parts[i]
			}
		}
	}
}

func (f *folder) add(p *Part) {
	s := &f.s
	if p == &f.parts[0] || p.Start < s.Start {
		s.Start = p.Start
	}
	s.End = max(s.End, p.Last)
	s.Updated = max(s.Updated, p.Updated)
	s.Revision += len(p.Documents)
	s.Keep = s.Keep.Join(p.Keep)
	s.Open = s.Open || p.Open
	s.Throttle = s.Throttle || p.AnyThrottle
	s.Partial = s.Partial || p.Open || !p.Parent.IsZero() && f.owner[p.Parent] == nil
	svc, known := f.service(p)
	if p.Kind == KindSegment {
		s.Services = append(s.Services, p.Service)
	}
	for _, a := range p.Annotations {
		s.Annotations = append(s.Annotations, AnnotationUse{a, list(svc, known)})
	}
	if p.User != "" {
		s.Users = append(s.Users, UserUse{p.User, list(svc, known)})
	}
	s.ResourceARNs = append(appendNonEmpty(s.ResourceARNs, p.ResourceARN), p.RanIn...)
	s.InstanceIDs = appendNonEmpty(s.InstanceIDs, p.InstanceID)
	s.Zones = appendNonEmpty(s.Zones, p.Zone)
}

// service returns that of the segment which p belongs to.
func (f *folder) service(p *Part) (ServiceID, bool) {
	seg, _ := f.segment(p)
	if seg == nil {
		return ServiceID{}, false
	}
	return seg.Service, true
}

// climbed is where a climb over parents ended.
type climbed struct {
	segment *Part // nil: none
	missing bool  // a parent has not arrived; otherwise, without a segment, the parents form a ring
}

// segment climbs from p to the first segment, p itself included. What was
// climbed once is remembered, so that a long chain costs its length once.
func (f *folder) segment(p *Part) (seg *Part, missing bool) {
	var path []*Part
	end := climbed{}
	for p.Kind != KindSegment {
		if known, ok := f.above[p.ID]; ok {
			end = known
			break
		}
		path = append(path, p)
		f.above[p.ID] = climbed{} // met again on this climb: a ring
		if p = f.owner[p.Parent]; p == nil {
			end.missing = true
			break
		}
	}
	if p != nil && p.Kind == KindSegment {
		end.segment = p
	}
	for _, q := range path {
		f.above[q.ID] = end
	}
	return end.segment, end.missing
}

// root picks the segment without a parent; where there is none, the one whose
// caller has not arrived; of several the earliest, then the smallest id.
func (f *folder) root() {
	var best *Part
	for i := range f.parts {
		p := &f.parts[i]
		if p.Kind == KindSegment && (best == nil || f.rank(p, best) < 0) {
			best = p
		}
	}
	if best == nil || f.depth(best) == 2 {
		return // subsegments only, or parents in a ring
	}
	f.s.Root = best
	f.s.Error, f.s.Fault = best.Error, best.Fault
}

func (f *folder) rank(a, b *Part) int {
	return cmp.Or(cmp.Compare(f.depth(a), f.depth(b)), cmp.Compare(a.Start, b.Start), bytes.Compare(a.ID[:], b.ID[:]))
}

// depth is 0 without a parent, 1 when no segment stands above because one has
// not arrived, 2 below another segment of the trace. Independent subsegments
// do not count: the caller's may be here before the caller.
func (f *folder) depth(p *Part) int {
	if p.Parent.IsZero() {
		return 0
	}
	above := f.owner[p.Parent]
	if above == nil {
		return 1
	}
	if seg, missing := f.segment(above); seg == nil && missing {
		return 1
	}
	return 2
}

func (f *folder) sort() {
	s := &f.s
	s.Services = distinct(s.Services)
	s.ResourceARNs, s.InstanceIDs, s.Zones = distinctStrings(s.ResourceARNs), distinctStrings(s.InstanceIDs), distinctStrings(s.Zones)
	slices.SortStableFunc(s.Annotations, func(a, b AnnotationUse) int { return a.Annotation.Compare(b.Annotation) })
	s.Annotations = joinRuns(s.Annotations,
		func(a, b *AnnotationUse) bool { return a.Annotation == b.Annotation },
		func(a *AnnotationUse) *[]ServiceID { return &a.Services })
	slices.SortStableFunc(s.Users, func(a, b UserUse) int { return cmp.Compare(a.Name, b.Name) })
	s.Users = joinRuns(s.Users,
		func(a, b *UserUse) bool { return a.Name == b.Name },
		func(u *UserUse) *[]ServiceID { return &u.Services })
}

// joinRuns folds neighbours that are the same into one with the services of
// all of them.
func joinRuns[T any](in []T, same func(a, b *T) bool, services func(*T) *[]ServiceID) []T {
	out := in[:0]
	for i := range in {
		if n := len(out); n > 0 && same(&out[n-1], &in[i]) {
			of := services(&out[n-1])
			*of = append(*of, *services(&in[i])...)
			continue
		}
		out = append(out, in[i])
	}
	for i := range out {
		of := services(&out[i])
		*of = distinct(*of)
	}
	return out
}

func distinct(in []ServiceID) []ServiceID {
	slices.SortFunc(in, ServiceID.Compare)
	return slices.Compact(in)
}

func distinctStrings(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

func list(s ServiceID, known bool) []ServiceID {
	if !known {
		return nil
	}
	return []ServiceID{s}
}

func appendNonEmpty(in []string, s string) []string {
	if s == "" {
		return in
	}
	return append(in, s)
}
