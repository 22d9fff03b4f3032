package api

import (
	"context"

	"github.com/roentgen/roentgen"
)

type getSamplingStatisticSummariesRequest struct {
	NextToken *string
}

type getSamplingStatisticSummariesResponse struct {
	SamplingStatisticSummaries []samplingStatisticSummary
}

type samplingStatisticSummary struct {
	RuleName                                string
	Timestamp                               epoch
	RequestCount, BorrowCount, SampledCount int
}

// getSamplingStatisticSummaries answers the last hour in one page: 360 entries a
// rule at most.
func (a *API) getSamplingStatisticSummaries(_ context.Context, in *getSamplingStatisticSummariesRequest) (*getSamplingStatisticSummariesResponse, error) {
	if in.NextToken != nil && *in.NextToken != "" {
		return nil, roentgen.Invalidf("NextToken is not one that this action gave: everything comes in one page")
	}
	out := &getSamplingStatisticSummariesResponse{SamplingStatisticSummaries: []samplingStatisticSummary{}}
	for _, s := range a.cfg.Sampling.Counted() {
		out.SamplingStatisticSummaries = append(out.SamplingStatisticSummaries,
			samplingStatisticSummary{s.Rule, epoch(s.At), s.Requests, s.Borrowed, s.Sampled})
	}
	return out, nil
}
