package api

import (
	"net/http"
	"sync"

	"github.com/google/uuid"

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

// putTraceSegments is the handler of the one action that is called all the
// time: what it needs of memory goes from request to request.
func (a *API) putTraceSegments() http.Handler {
	const name = "PutTraceSegments"
	bodies := sync.Pool{New: func() any { return new(putBody) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		body := bodies.Get().(*putBody)
		verdicts, err := a.put(w, r, body)
		if body.keep() {
			bodies.Put(body)
		}
		if err != nil {
			a.fail(w, name, err)
			return
		}
		a.answer(w, name, unprocessed(verdicts))
	})
}

// put returns when every document that has no verdict is durable.
func (a *API) put(w http.ResponseWriter, r *http.Request, body *putBody) (verdicts []*roentgen.Rejection, err error) {
	if body.raw, err = a.read(w, r, body.raw[:0]); err != nil {
		return nil, err
	}
	if err := body.decode(); err != nil {
		return nil, err
	}
	if n := len(body.docs); n > a.cfg.MaxDocuments {
		return nil, roentgen.Invalidf("Exceeding maximum segment count: %d", a.cfg.MaxDocuments)
	}
	return a.cfg.Put.Put(r.Context(), body.docs)
}

func unprocessed(verdicts []*roentgen.Rejection) *putTraceSegmentsResponse {
	out := &putTraceSegmentsResponse{UnprocessedTraceSegments: []unprocessedTraceSegment{}}
	for _, v := range verdicts {
		if v != nil {
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments,
				unprocessedTraceSegment{optional(v.ID), string(v.Code), v.Message()})
		}
	}
	return out
}

// optional makes null of an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
