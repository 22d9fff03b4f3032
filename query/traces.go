package query

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Trace is one trace as it is given to readers.
type Trace struct {
	ID            roentgen.TraceID
	Duration      time.Duration // first start to last end of all documents
	LimitExceeded bool
	// Segments are in the order of start, then id; subsegments without a
	// segment last, and behind them the inferred segments.
	Segments []Document
}

// Document is the text of one segment with all its subsegments folded in,
// streamed ones among them. A subsegment whose segment has not arrived stands
// as a document of its own, and so does what is inferred of a service that
// sent none: id and parent_id of the call, inferred true, and what the call
// says of it. As X-Ray has it, http.request.traced is left out.
type Document struct {
	ID   roentgen.SegmentID
	Text []byte
}

// Traces returns the traces that exist, in the order of ids, and the ids of
// those that do not. More than Config.MaxTraces ids, or one id twice, is an
// error of kind Invalid.
func (e *Engine) Traces(ctx context.Context, ids []roentgen.TraceID) (found []Trace, missing []roentgen.TraceID, err error) {
	if len(ids) > e.cfg.MaxTraces {
		return nil, nil, roentgen.Invalidf("Exceeding maximum query size: %d", e.cfg.MaxTraces)
	}
	waited := make(map[roentgen.TraceID]bool, len(ids))
	for _, id := range ids {
		if waited[id] {
			return nil, nil, roentgen.Invalidf("trace id %s is asked for twice; name each id once", id)
		}
		waited[id] = true
	}
	for t, err := range e.store.Traces(ctx, ids) {
		if err != nil {
			return nil, nil, fmt.Errorf("read traces: %w", err)
		}
		whole, err := e.assemble(t)
		if err != nil {
			return nil, nil, fmt.Errorf("assemble trace %s: %w", t.ID, err)
		}
		found = append(found, whole)
		delete(waited, t.ID)
	}
	for _, id := range ids {
		if waited[id] {
			missing = append(missing, id)
		}
	}
	return found, missing, nil
}

// assemble folds the independent subsegments of t into its segments, and
// adds what is inferred.
func (e *Engine) assemble(t *roentgen.Trace) (Trace, error) {
	out := Trace{ID: t.ID, LimitExceeded: t.LimitExceeded, Duration: duration(t)}
	docs := slices.Clone(t.Documents)
	slices.SortFunc(docs, func(a, b roentgen.Stored) int {
		return cmp.Or(cmp.Compare(a.Segment.Start, b.Segment.Start), bytes.Compare(a.Segment.ID[:], b.Segment.ID[:]))
	})
	segments := make([]*roentgen.Segment, len(docs))
	for i := range docs {
		segments[i] = docs[i].Segment
	}
	folded, err := wire.Fold(segments)
	if err != nil {
		return Trace{}, err
	}
	for _, f := range folded {
		out.Segments = append(out.Segments, Document{ID: f.Segment.ID, Text: f.Document})
	}
	inferred, err := infer(t, e.rows(t), out.Segments)
	if err != nil {
		return Trace{}, err
	}
	for i := range out.Segments {
		if err := out.Segments[i].untrace(); err != nil {
			return Trace{}, err
		}
	}
	out.Segments = append(out.Segments, inferred...)
	return out, nil
}

// untrace takes out http.request.traced, which is between producer and server.
func (d *Document) untrace() (err error) {
	if bytes.Contains(d.Text, []byte(`"traced"`)) {
		d.Text, err = wire.EditDocument(d.Text, wire.Edit{Drop: []string{"http.request.traced"}, Everywhere: true})
	}
	return err
}

func duration(t *roentgen.Trace) time.Duration {
	if len(t.Documents) == 0 {
		return 0
	}
	start, end := t.Documents[0].Segment.Start, roentgen.Time(0)
	for _, d := range t.Documents {
		start = min(start, d.Segment.Start)
		d.Segment.Walk(func(s *roentgen.Segment) { end = max(end, s.End) })
	}
	return max(0, end.Sub(start))
}
