package roentgen

import "slices"

// Summarizer makes the summaries of many traces in the same memory. It is for
// one goroutine.
type Summarizer struct {
	parts     []Part
	documents []uint64
	lists     lists
	f         folder
}

// largestKept is how many entities a trace may have for its memory to be used
// again.
const largestKept = 1 << 12

// Begin begins a trace: what Summary returned before is over.
func (z *Summarizer) Begin(trace TraceID) {
	if cap(z.parts) > largestKept || cap(z.f.uses.list) > 4*largestKept || cap(z.lists.nested)+cap(z.lists.annotations) > 8*largestKept {
		*z = Summarizer{}
	}
	z.parts, z.documents = z.parts[:0], z.documents[:0]
	z.lists.nested, z.lists.annotations = z.lists.nested[:0], z.lists.annotations[:0]
	z.f.reset(trace)
}

// Add adds an entity of the trace, with all of its documents: at least one. The
// entities come by id.
func (z *Summarizer) Add(copies ...Stored) {
	if len(copies) > 1 {
		p := NewPartial(copies[0])
		for _, d := range copies[1:] {
			p = p.Merge(NewPartial(d))
		}
		z.parts = append(z.parts, p.Parts...)
		return
	}
	n := len(z.documents)
	z.documents = append(z.documents, copies[0].Segment.Hash)
	z.parts = append(z.parts, Part{Documents: z.documents[n : n+1 : n+1]})
	z.parts[len(z.parts)-1].fill(copies[0], &z.lists)
}

// Summary returns that of the entities that were added since Begin: what
// Partial.Summary would return. It lasts until the next Begin.
func (z *Summarizer) Summary() *Summary {
	z.f.fold(z.parts)
	return &z.f.s
}

// reset makes ready for a trace, with the memory of the one before.
func (f *folder) reset(trace TraceID) {
	s := &f.s
	*s = Summary{
		Trace: trace, Annotations: s.Annotations[:0], Users: s.Users[:0], Services: s.Services[:0],
		ResourceARNs: s.ResourceARNs[:0], InstanceIDs: s.InstanceIDs[:0], Zones: s.Zones[:0],
	}
	f.owner, f.again = nil, true
}

// resize returns n elements, of any content, in the memory of s if that is
// enough.
func resize[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
