package graph

import "github.com/roentgen/roentgen"

// Alone makes the rows of one document by itself, as if it were a trace: what a
// filter expression over one segment looks at. They last until the next call.
func (r *Folder) Alone(seg *roentgen.Segment, now roentgen.Time) *roentgen.Rows {
	stored := roentgen.Stored{Segment: seg, Received: now}
	z := r.Summarizer()
	z.Begin(seg.Trace)
	z.Add(stored)
	return r.Fold(&roentgen.Trace{ID: seg.Trace, Documents: []roentgen.Stored{stored}, Revision: 1}, z.Summary(), now)
}
