package api

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

type getServiceGraphRequest struct {
	StartTime, EndTime *epoch
	groupRef
	NextToken *string
}

type getServiceGraphResponse struct {
	StartTime, EndTime       epoch
	Services                 []graphService
	ContainsOldGroupVersions bool
}

// getServiceGraph answers the graph of the traces that start in the window.
func (a *API) getServiceGraph(ctx context.Context, in *getServiceGraphRequest) (*getServiceGraphResponse, error) {
	if err := onePage(in.NextToken, "NextToken is currently not supported"); err != nil {
		return nil, err
	}
	w, err := a.window(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	group, err := a.optionalGroup(ctx, in.groupRef)
	if err != nil {
		return nil, err
	}
	g, err := a.cfg.Traces.ServiceGraph(ctx, w.From, w.To, group)
	if err != nil {
		return nil, err
	}
	first, last := bounds(g, w)
	return &getServiceGraphResponse{epoch(first), epoch(last), a.servicesOf(g, true), g.OldGroups}, nil
}

// bounds returns the first and the last second of g, as X-Ray does instead of
// the window that was asked for; of an empty graph it is the window.
func bounds(g *graph.Graph, w roentgen.Window) (first, last roentgen.Time) {
	if len(g.Nodes) == 0 {
		return w.From, w.To
	}
	first, last = g.Nodes[0].First, g.Nodes[0].Last
	for _, n := range g.Nodes {
		first, last = min(first, n.First), max(last, n.Last)
	}
	return first, last
}
