package api

import (
	"context"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

// maxStatistics is how many documents one call may bring, by the API's model.
const maxStatistics = 25

type getSamplingTargetsRequest struct {
	SamplingStatisticsDocuments []samplingStatistics
}

type samplingStatistics struct {
	RuleName, ClientID                      string
	Timestamp                               *epoch
	RequestCount, SampledCount, BorrowCount int
}

type getSamplingTargetsResponse struct {
	SamplingTargetDocuments []samplingTarget
	LastRuleModification    epoch // a number, always: Node checks its type
	UnprocessedStatistics   []unprocessedStatistics
}

type samplingTarget struct {
	RuleName          string
	FixedRate         float64
	ReservoirQuota    *int   `json:",omitempty"`
	ReservoirQuotaTTL *epoch `json:",omitempty"`
	Interval          int
}

type unprocessedStatistics struct {
	RuleName, ErrorCode, Message string
}

func (a *API) getSamplingTargets(ctx context.Context, in *getSamplingTargetsRequest) (*getSamplingTargetsResponse, error) {
	if n := len(in.SamplingStatisticsDocuments); n > maxStatistics {
		return nil, roentgen.Invalidf("%d statistics documents in one call; at most %d are allowed", n, maxStatistics)
	}
	reports := make([]sampling.Statistics, 0, len(in.SamplingStatisticsDocuments))
	for i, d := range in.SamplingStatisticsDocuments {
		if d.RuleName == "" || d.ClientID == "" || d.Timestamp == nil || d.RequestCount < 0 || d.SampledCount < 0 || d.BorrowCount < 0 {
			return nil, roentgen.Invalidf("SamplingStatisticsDocuments[%d] needs RuleName, ClientID, Timestamp and counts of 0 or more", i)
		}
		reports = append(reports, sampling.Statistics{
			Rule: d.RuleName, Client: d.ClientID, At: roentgen.Time(*d.Timestamp),
			Requests: d.RequestCount, Sampled: d.SampledCount, Borrowed: d.BorrowCount,
		})
	}
	answer, err := a.cfg.Sampling.Report(ctx, reports)
	if err != nil {
		return nil, err
	}
	return targetsResponse(answer), nil
}

func targetsResponse(answer sampling.Answer) *getSamplingTargetsResponse {
	out := &getSamplingTargetsResponse{
		SamplingTargetDocuments: []samplingTarget{},
		UnprocessedStatistics:   []unprocessedStatistics{},
		LastRuleModification:    epoch(answer.LastModification),
	}
	for _, t := range answer.Targets {
		target := samplingTarget{RuleName: t.Rule, FixedRate: t.FixedRate, Interval: int(t.Interval / time.Second)}
		if t.QuotaEnds != 0 {
			ends := epoch(t.QuotaEnds)
			target.ReservoirQuota, target.ReservoirQuotaTTL = &t.Quota, &ends
		}
		out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, target)
	}
	for _, u := range answer.Unprocessed {
		out.UnprocessedStatistics = append(out.UnprocessedStatistics, unprocessedStatistics{u.Rule, u.Code, u.Message})
	}
	return out
}
