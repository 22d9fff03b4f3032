package query

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// ServiceGraph returns the graph of the traces that start in [from, to): of
// all of them, or of the members of a group, given by Group.ID. A group that
// does not exist, any more or yet, is an error of kind Invalid, as X-Ray has it.
//
// Its figures are those of all requests: where agents counted them, what they
// counted, and elsewhere, and of the members of a group, what the kept traces
// stand for. Node.Source and Edge.Source tell which.
func (e *Engine) ServiceGraph(ctx context.Context, from, to roentgen.Time, group string) (*graph.Graph, error) {
	if group != "" || e.cfg.Rates == nil {
		return e.keptGraph(ctx, from, to, group)
	}
	w := e.cfg.Rates.Window(from, to)
	defer w.Release()
	if w.Empty() {
		return e.keptGraph(ctx, from, to, group)
	}
	// Before agents counted, and after what has come of them, estimates stand.
	var parts []*graph.Graph
	for _, part := range [...][2]roentgen.Time{{w.From, w.To}, {from, w.From}, {w.To, to}} {
		if part[0] >= part[1] {
			continue
		}
		g, err := e.keptGraph(ctx, part[0], part[1], group)
		if err != nil {
			return nil, err
		}
		if part[0] == w.From {
			g.Overlay(w.Sums, w.From, w.To)
		}
		parts = append(parts, g)
	}
	return graph.Join(parts...), nil
}

// keptGraph is the graph of kept traces, and of what they stand for.
func (e *Engine) keptGraph(ctx context.Context, from, to roentgen.Time, group string) (*graph.Graph, error) {
	g, err := e.store.Graph(ctx, store.GraphWindow{From: from, To: to, Group: group})
	if group != "" && roentgen.KindOf(err) == roentgen.NotFound {
		return nil, errNoGroup()
	}
	if err != nil {
		return nil, fmt.Errorf("read the service graph: %w", err)
	}
	return g, nil
}

// TraceGraph returns the graph of the traces of ids that exist, what is in
// progress included, and the ids of those that do not. No id, and more than
// Config.MaxGraphTraces, are errors of kind Invalid.
func (e *Engine) TraceGraph(ctx context.Context, ids []roentgen.TraceID) (g *graph.Graph, missing []roentgen.TraceID, err error) {
	if len(ids) == 0 {
		return nil, nil, roentgen.Invalidf("Zero trace ids provided")
	}
	if len(ids) > e.cfg.MaxGraphTraces {
		return nil, nil, roentgen.Invalidf("Exceeding maximum query size: %d", e.cfg.MaxGraphTraces)
	}
	waited := make(map[roentgen.TraceID]bool, len(ids))
	for _, id := range ids {
		waited[id] = true
	}
	var rows []*roentgen.Rows
	for t, err := range e.store.Traces(ctx, ids) {
		if err != nil {
			return nil, nil, fmt.Errorf("read traces: %w", err)
		}
		r := e.rows(t)
		r.Summary.Keep = roentgen.Keep{} // here a trace stands for itself
		rows = append(rows, r)
		delete(waited, t.ID)
	}
	for _, id := range ids {
		if waited[id] {
			missing = append(missing, id)
			delete(waited, id)
		}
	}
	return graph.Of(rows...), missing, nil
}

// rows folds one trace that was read by its id. What superseded documents
// said of times of arrival is not in it.
func (e *Engine) rows(t *roentgen.Trace) *roentgen.Rows {
	p := roentgen.Partial{Trace: t.ID}
	for _, d := range t.Documents {
		p.Parts = append(p.Parts, roentgen.NewPartial(d).Parts...)
	}
	slices.SortFunc(p.Parts, func(a, b roentgen.Part) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	s := p.Summary()
	s.Revision = t.Revision
	return graph.Fold(t, &s, e.cfg.Now(), e.cfg.Fold)
}
