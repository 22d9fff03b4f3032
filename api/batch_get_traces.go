package api

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
)

type batchGetTracesRequest struct {
	TraceIDs  []string `json:"TraceIds"`
	NextToken *string
}

type batchGetTracesResponse struct {
	Traces              []trace
	UnprocessedTraceIDs []string `json:"UnprocessedTraceIds"`
}

type trace struct {
	ID            string `json:"Id"`
	Duration      float64
	LimitExceeded bool
	Segments      []segment
}

type segment struct {
	ID       string `json:"Id"`
	Document string
}

// batchGetTraces answers whole traces. Ids that name no stored trace come
// back in UnprocessedTraceIds.
func (a *API) batchGetTraces(ctx context.Context, in *batchGetTracesRequest) (*batchGetTracesResponse, error) {
	if err := onePage(in.NextToken, "NextToken is currently not supported"); err != nil {
		return nil, err
	}
	if len(in.TraceIDs) == 0 {
		return nil, roentgen.Invalidf("TraceIds is missing or empty; name the traces to get")
	}
	ids, err := traceIDs(in.TraceIDs)
	if err != nil {
		return nil, err
	}
	reading := ReadingOf(ctx)
	reading.Traces = ids
	found, missing, err := a.cfg.Traces.Traces(ctx, ids)
	if err != nil {
		return nil, err
	}
	reading.Found = len(found)
	return &batchGetTracesResponse{each(found, traceOf), each(missing, roentgen.TraceID.String)}, nil
}

func traceOf(t query.Trace) trace {
	out := trace{ID: t.ID.String(), Duration: t.Duration.Seconds(), LimitExceeded: t.LimitExceeded, Segments: []segment{}}
	for _, d := range t.Segments {
		out.Segments = append(out.Segments, segment{ID: d.ID.String(), Document: string(d.Text)})
	}
	return out
}
