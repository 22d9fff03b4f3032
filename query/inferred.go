package query

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// infer returns the documents of the segments that rows infer from calls in
// docs, the texts of t, by start, then id.
func infer(t *roentgen.Trace, rows *roentgen.Rows, docs []Document) ([]Document, error) {
	var callees []*roentgen.SegmentRow
	var what []wire.Inference
	calls := inferences(rows, answered(t))
	for _, c := range calls {
		callees = append(callees, c.Callee)
		what = append(what, wire.Inference{ID: c.Callee.ID, Call: c.ID, Origin: originOf(c.Callee.Node)})
	}
	if len(what) == 0 {
		return nil, nil
	}
	texts := make([][]byte, len(docs))
	for i := range docs {
		texts[i] = docs[i].Text
	}
	found, err := wire.Infer(rows.Summary.Trace, texts, what)
	if err != nil {
		return nil, err
	}
	var out []Document
	for i, text := range found {
		if text != nil {
			out = append(out, Document{ID: callees[i].ID, Text: text})
		}
	}
	return out, nil
}

// answered returns the calls of which the callee sent a segment.
func answered(t *roentgen.Trace) map[roentgen.SegmentID]bool {
	out := map[roentgen.SegmentID]bool{}
	for _, d := range t.Documents {
		if d.Segment.Kind == roentgen.KindSegment {
			out[d.Segment.Parent] = true
		}
	}
	return out
}

// inferences returns the calls of which nobody but the caller knows. Those
// from clients, and those through a load balancer, end in segments.
func inferences(rows *roentgen.Rows, answered map[roentgen.SegmentID]bool) (out []*roentgen.CallRow) {
	for i := range rows.Calls {
		c := &rows.Calls[i]
		if c.Caller != nil && c.Callee != nil && c.Callee.Node != nil && c.Callee.Node.Inferred && !answered[c.ID] {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *roentgen.CallRow) int {
		return cmp.Or(cmp.Compare(a.Callee.Start, b.Callee.Start), bytes.Compare(a.Callee.ID[:], b.Callee.ID[:]))
	})
	return out
}

// originOf returns the origin that X-Ray writes into inferred segments: of
// AWS's services and of databases.
func originOf(n *roentgen.NodeRow) string {
	if strings.HasPrefix(n.Type, "AWS::") || strings.HasPrefix(n.Type, "Database::") {
		return n.Type
	}
	return ""
}
