package api

import (
	"context"

	"github.com/roentgen/roentgen"
)

type getTraceGraphRequest struct {
	TraceIDs  []string `json:"TraceIds"`
	NextToken *string
}

type getTraceGraphResponse struct {
	Services []graphService
	// UnprocessedTraceIDs is our addition, as BatchGetTraces has it.
	UnprocessedTraceIDs []string `json:"UnprocessedTraceIds"`
}

// getTraceGraph answers one graph of all the traces; X-Ray takes one trace
// alone, and only when its root has ended.
func (a *API) getTraceGraph(ctx context.Context, in *getTraceGraphRequest) (*getTraceGraphResponse, error) {
	if err := onePage(in.NextToken, "NextToken is currently not supported"); err != nil {
		return nil, err
	}
	if len(in.TraceIDs) == 0 {
		return nil, roentgen.Invalidf("Zero trace ids provided")
	}
	ids, err := traceIDs(in.TraceIDs)
	if err != nil {
		return nil, err
	}
	reading := ReadingOf(ctx)
	reading.Traces = ids
	g, missing, err := a.cfg.Traces.TraceGraph(ctx, ids)
	if err != nil {
		return nil, err
	}
	reading.Found = len(ids) - len(missing)
	if len(g.Nodes) == 0 && len(missing) > 0 {
		return nil, roentgen.Invalidf("Trace id not found: %s", missing[0])
	}
	return &getTraceGraphResponse{a.servicesOf(g, false), each(missing, roentgen.TraceID.String)}, nil
}

func traceIDs(texts []string) ([]roentgen.TraceID, error) {
	ids := make([]roentgen.TraceID, len(texts))
	for i, text := range texts {
		id, err := roentgen.ParseTraceID(text)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}
