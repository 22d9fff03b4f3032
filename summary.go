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

// folder gathers one Summary. Every trace goes through here when it is written
// and whenever it is listed, so a small one makes no map.
type folder struct {
	s     Summary
	parts []Part
	owner map[SegmentID]*Part // document in which an entity stands; nil: few enough to look for
	above map[SegmentID]climbed
	uses  []use
}

// use is an annotation of a part.
type use struct {
	annotation *Annotation
	service    *ServiceID // nil: unknown
}

// fewEntities is up to how many a search through all is quicker than a map.
const fewEntities = 64

func (f *folder) index() {
	entities, annotations := len(f.parts), 0
	for i := range f.parts {
		entities += len(f.parts[i].Nested)
		annotations += len(f.parts[i].Annotations)
	}
	f.uses = make([]use, 0, annotations)
	if entities <= fewEntities {
		return
	}
	f.owner = make(map[SegmentID]*Part, entities)
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

// find returns the document in which an entity stands: its own before one that
// has it nested. Nil: it has not arrived.
func (f *folder) find(id SegmentID) *Part {
	if f.owner != nil {
		return f.owner[id]
	}
	for i := range f.parts {
		if f.parts[i].ID == id {
			return &f.parts[i]
		}
	}
	for i := range f.parts {
		if slices.Contains(f.parts[i].Nested, id) {
			return &f.parts[i]
		}
	}
	return nil
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
	s.Partial = s.Partial || p.Open || !p.Parent.IsZero() && f.find(p.Parent) == nil
	service := f.service(p)
	if p.Kind == KindSegment {
		if s.Services == nil {
			s.Services = make([]ServiceID, 0, len(f.parts))
		}
		s.Services = append(s.Services, p.Service)
	}
	for i := range p.Annotations {
		f.uses = append(f.uses, use{&p.Annotations[i], service})
	}
	if p.User != "" {
		s.Users = append(s.Users, UserUse{p.User, list(service)})
	}
	s.ResourceARNs = append(appendNonEmpty(s.ResourceARNs, p.ResourceARN), p.RanIn...)
	s.InstanceIDs = appendNonEmpty(s.InstanceIDs, p.InstanceID)
	s.Zones = appendNonEmpty(s.Zones, p.Zone)
}

// service returns that of the segment which p belongs to, nil where there is
// none.
func (f *folder) service(p *Part) *ServiceID {
	seg, _ := f.segment(p)
	if seg == nil {
		return nil
	}
	return &seg.Service
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
		if f.above == nil {
			f.above = map[SegmentID]climbed{}
		}
		f.above[p.ID] = climbed{} // met again on this climb: a ring
		if p = f.find(p.Parent); p == nil {
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
	above := f.find(p.Parent)
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
	if len(f.uses) > 0 {
		f.joinAnnotations()
	}
	slices.SortStableFunc(s.Users, func(a, b UserUse) int { return cmp.Compare(a.Name, b.Name) })
	s.Users = joinUsers(s.Users)
}

// joinAnnotations makes one of those that are the same, with the services of
// all of them, which share one piece of memory.
func (f *folder) joinAnnotations() {
	slices.SortFunc(f.uses, func(a, b use) int { return a.annotation.Compare(*b.annotation) })
	f.s.Annotations = make([]AnnotationUse, 0, countRuns(f.uses))
	services := make([]ServiceID, 0, len(f.uses))
	for rest := f.uses; len(rest) > 0; {
		n := run(rest)
		from := len(services)
		for _, u := range rest[:n] {
			if u.service != nil {
				services = append(services, *u.service)
			}
		}
		of := AnnotationUse{Annotation: *rest[0].annotation}
		if len(services) > from {
			of.Services = slices.Clip(distinct(services[from:]))
			services = services[:from+len(of.Services)]
		}
		f.s.Annotations = append(f.s.Annotations, of)
		rest = rest[n:]
	}
}

// run counts how many at the beginning are the same.
func run(uses []use) int {
	n := 1
	for n < len(uses) && *uses[n].annotation == *uses[0].annotation {
		n++
	}
	return n
}

func countRuns(uses []use) (runs int) {
	for ; len(uses) > 0; runs++ {
		uses = uses[run(uses):]
	}
	return runs
}

// joinUsers folds neighbours of the same name into one with the services of all
// of them.
func joinUsers(in []UserUse) []UserUse {
	out := in[:0]
	for i := range in {
		if n := len(out); n > 0 && out[n-1].Name == in[i].Name {
			out[n-1].Services = append(out[n-1].Services, in[i].Services...)
			continue
		}
		out = append(out, in[i])
	}
	for i := range out {
		out[i].Services = distinct(out[i].Services)
	}
	return out
}

func distinct(in []ServiceID) []ServiceID {
	if len(in) < 2 {
		return in
	}
	slices.SortFunc(in, ServiceID.Compare)
	return slices.Compact(in)
}

func distinctStrings(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

func list(s *ServiceID) []ServiceID {
	if s == nil {
		return nil
	}
	return []ServiceID{*s}
}

func appendNonEmpty(in []string, s string) []string {
	if s == "" {
		return in
	}
	return append(in, s)
}
