package api

import (
	"context"

	"github.com/roentgen/roentgen"
)

type putTraceSegmentsRequest struct {
	TraceSegmentDocuments []string
}

type putTraceSegmentsResponse struct {
	UnprocessedTraceSegments []unprocessedTraceSegment
}

type unprocessedTraceSegment struct {
	ID        *string `json:"Id"` // null when it could not be read
	ErrorCode string
	Message   string
}

// putTraceSegments answers when every document that it does not list is
// durable.
func (a *API) putTraceSegments(ctx context.Context, in *putTraceSegmentsRequest) (*putTraceSegmentsResponse, error) {
	if n := len(in.TraceSegmentDocuments); n > a.cfg.MaxDocuments {
		return nil, roentgen.Invalidf("Exceeding maximum segment count: %d", a.cfg.MaxDocuments)
	}
	docs := make([][]byte, len(in.TraceSegmentDocuments))
	for i, d := range in.TraceSegmentDocuments {
		docs[i] = []byte(d)
	}
	verdicts, err := a.cfg.Put.Put(ctx, docs)
	if err != nil {
		return nil, err
	}
	out := &putTraceSegmentsResponse{UnprocessedTraceSegments: []unprocessedTraceSegment{}}
	for _, v := range verdicts {
		if v != nil {
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments,
				unprocessedTraceSegment{optional(v.ID), string(v.Code), v.Message()})
		}
	}
	return out, nil
}

// optional makes null of an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
