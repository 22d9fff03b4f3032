package blockfile

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
	"github.com/roentgen/roentgen/wire"
)

// Reading says how documents are read and folded again. The zero Reading does
// it as a store does by default.
type Reading struct {
	// Limits of the doors. Those of sizes are lifted: what was accepted once is
	// read.
	Limits wire.Limits
	Graph  graph.Options
}

// rebuilder makes of documents what Write was given for them.
type rebuilder struct {
	parser *wire.Parser
	graph  graph.Options
	now    roentgen.Time
}

func (o Reading) rebuilder(now roentgen.Time) *rebuilder {
	o.Limits.MaxDocumentBytes, o.Limits.MaxDepth, o.Limits.MaxSubsegments = -1, -1, -1
	return &rebuilder{wire.NewParser(o.Limits), o.Graph, now}
}

// trace makes the row of a trace. What documents do not say, that is, groups,
// the limit and when it is due, is left out of the Row.
func (r *rebuilder) trace(id roentgen.TraceID, docs []chunk.Doc) (Trace, error) {
	partial := roentgen.Partial{Trace: id}
	stored := make([]roentgen.Stored, len(docs))
	row := index.Row{ID: id, Revision: len(docs), First: math.MaxInt64}
	for i, d := range docs {
		seg, err := r.parser.Parse(d.Text)
		if err != nil {
			return Trace{}, fmt.Errorf("document %d: %w", i, err)
		}
		if seg.Trace != id {
			return Trace{}, fmt.Errorf("document %d is of trace %s", i, seg.Trace)
		}
		stored[i] = roentgen.Stored{Segment: seg, Received: d.Received, Keep: d.Keep}
		partial = partial.Merge(roentgen.NewPartial(stored[i]))
		row.AllBytes += len(d.Text)
		row.First = min(row.First, d.Received)
	}
	whole := &roentgen.Trace{ID: id, Documents: standing(stored), Revision: len(docs)}
	summary := partial.Summary()
	rows := graph.Fold(whole, &summary, r.now, r.graph)
	for _, d := range whole.Documents {
		row.Bytes += len(d.Segment.Document)
	}
	row.Documents = len(whole.Documents)
	row.Start, row.End, row.Updated = summary.Start, summary.End, summary.Updated
	row.Due, row.Failing = rows.Due, rows.Failing()
	return Trace{Row: row, Rows: rows, Docs: docs}, nil
}

// standing returns the documents that no other supersedes, by id.
func standing(docs []roentgen.Stored) []roentgen.Stored {
	best := map[roentgen.SegmentID]roentgen.Stored{}
	for _, d := range docs {
		old, ok := best[d.Segment.ID]
		if !ok || d.Segment.Supersedes(old.Segment, d.Received, old.Received) {
			best[d.Segment.ID] = d
		}
	}
	out := slices.Collect(maps.Values(best))
	slices.SortFunc(out, func(a, b roentgen.Stored) int { return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]) })
	return out
}
