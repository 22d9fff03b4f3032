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
	f := folder{s: Summary{Trace: p.Trace}}
	f.fold(p.Parts)
	return f.s
}

// fold fills the summary from parts, which are the trace's.
func (f *folder) fold(parts []Part) {
	f.parts = parts
	f.index()
	for i := range parts {
		f.add(i)
	}
	f.root()
	f.sort()
}

// folder gathers one Summary. Every trace goes through here when it is written
// and whenever it is listed, so a small one makes no map.
type folder struct {
	s     Summary
	parts []Part
	owner map[SegmentID]int // part in which an entity stands; nil: few enough to look for
	kin   []kin             // of each part
	uses  uses
	again bool // the memory of s is used again
}

// none is the index of no part and no service.
const none = -1

// fewEntities is up to how many a search through all is quicker than a map.
const fewEntities = 64

// index finds the part in which each one's parent stands.
func (f *folder) index() {
	entities := len(f.parts)
	for i := range f.parts {
		entities += len(f.parts[i].Nested)
	}
	if entities > fewEntities {
		f.own(entities)
	}
	f.kin = resize(f.kin, len(f.parts))
	for i := range f.parts {
		f.kin[i] = kin{up: none, segment: none}
		if p := &f.parts[i]; !p.Parent.IsZero() {
			f.kin[i].up = int32(f.find(p.Parent))
		}
	}
}

// own makes the map of owners.
func (f *folder) own(entities int) {
	f.owner = make(map[SegmentID]int, entities)
	for i := range f.parts {
		f.owner[f.parts[i].ID] = i
	}
	for i := range f.parts {
		for _, id := range f.parts[i].Nested {
			if _, taken := f.owner[id]; !taken {
				f.owner[id] = i
			}
		}
	}
}

// find returns the part in which an entity stands: its own before one that has
// it nested; none where it has not arrived.
func (f *folder) find(id SegmentID) int {
	if f.owner != nil {
		if i, ok := f.owner[id]; ok {
			return i
		}
		return none
	}
	for i := range f.parts {
		if f.parts[i].ID == id {
			return i
		}
	}
	for i := range f.parts {
		if slices.Contains(f.parts[i].Nested, id) {
			return i
		}
	}
	return none
}

func (f *folder) add(i int) {
	s, p := &f.s, &f.parts[i]
	if i == 0 || p.Start < s.Start {
		s.Start = p.Start
	}
	s.End = max(s.End, p.Last)
	s.Updated = max(s.Updated, p.Updated)
	s.Revision += len(p.Documents)
	s.Keep = s.Keep.Join(p.Keep)
	s.Open = s.Open || p.Open
	s.Throttle = s.Throttle || p.AnyThrottle
	s.Partial = s.Partial || p.Open || !p.Parent.IsZero() && f.kin[i].up == none
	if p.Kind == KindSegment {
		if s.Services == nil {
			s.Services = make([]ServiceID, 0, len(f.parts))
		}
		s.Services = append(s.Services, p.Service)
	}
	if p.User != "" {
		s.Users = append(s.Users, UserUse{p.User, f.service(i)})
	}
	s.ResourceARNs = append(appendNonEmpty(s.ResourceARNs, p.ResourceARN), p.RanIn...)
	s.InstanceIDs = appendNonEmpty(s.InstanceIDs, p.InstanceID)
	s.Zones = appendNonEmpty(s.Zones, p.Zone)
}

// service returns that of the segment which part i belongs to, nil where there
// is none.
func (f *folder) service(i int) []ServiceID {
	if k := f.climb(i); k.segment != none {
		return []ServiceID{f.parts[k.segment].Service}
	}
	return nil
}

// kin is where a part stands.
type kin struct {
	up      int32 // part in which its parent stands
	segment int32 // the first segment on the way up, itself included
	missing bool  // a parent has not arrived; otherwise, without a segment, the parents form a ring
	state   climbState
}

type climbState uint8

const (
	unknown climbState = iota
	climbing
	known
)

// climb goes up from part i to the first segment. What was climbed once is
// remembered, so that a long chain costs its length once.
func (f *folder) climb(i int) kin {
	end, at := kin{segment: none}, int32(i)
	for {
		k := &f.kin[at]
		if k.state != unknown { // climbing: met again, a ring
			end = *k
			break
		}
		if k.state = climbing; f.parts[at].Kind == KindSegment {
			end.segment = at
			break
		}
		if k.up == none {
			end.missing = true
			break
		}
		at = k.up
	}
	for at = int32(i); at != none && f.kin[at].state == climbing; at = f.kin[at].up {
		k := &f.kin[at]
		k.segment, k.missing, k.state = end.segment, end.missing, known
	}
	return f.kin[i]
}

// root picks the segment without a parent; where there is none, the one whose
// caller has not arrived; of several the earliest, then the smallest id.
func (f *folder) root() {
	best := none
	for i := range f.parts {
		if f.parts[i].Kind == KindSegment && (best == none || f.rank(i, best) < 0) {
			best = i
		}
	}
	if best == none || f.depth(best) == 2 {
		return // subsegments only, or parents in a ring
	}
	f.s.Root = &f.parts[best]
	f.s.Error, f.s.Fault = f.s.Root.Error, f.s.Root.Fault
}

func (f *folder) rank(i, j int) int {
	a, b := &f.parts[i], &f.parts[j]
	return cmp.Or(cmp.Compare(f.depth(i), f.depth(j)), cmp.Compare(a.Start, b.Start), bytes.Compare(a.ID[:], b.ID[:]))
}

// depth is 0 without a parent, 1 when no segment stands above because one has
// not arrived, 2 below another segment of the trace. Independent subsegments
// do not count: the caller's may be here before the caller.
func (f *folder) depth(i int) int {
	up := f.kin[i].up
	switch {
	case f.parts[i].Parent.IsZero():
		return 0
	case up == none:
		return 1
	}
	if k := f.climb(int(up)); k.segment == none && k.missing {
		return 1
	}
	return 2
}

func (f *folder) sort() {
	s := &f.s
	s.Services = distinct(s.Services)
	s.ResourceARNs, s.InstanceIDs, s.Zones = distinctStrings(s.ResourceARNs), distinctStrings(s.InstanceIDs), distinctStrings(s.Zones)
	f.joinAnnotations()
	slices.SortStableFunc(s.Users, func(a, b UserUse) int { return cmp.Compare(a.Name, b.Name) })
	s.Users = joinUsers(s.Users)
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

func appendNonEmpty(in []string, s string) []string {
	if s == "" {
		return in
	}
	return append(in, s)
}
