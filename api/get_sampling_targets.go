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
	SamplingStatisticsDocuments      []samplingStatistics
	SamplingBoostStatisticsDocuments []boostStatistics
}

type boostStatistics struct {
	RuleName, ServiceName                         string
	Timestamp                                     *epoch
	AnomalyCount, TotalCount, SampledAnomalyCount int
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

	UnprocessedBoostStatistics []unprocessedStatistics
}

type samplingTarget struct {
	RuleName          string
	FixedRate         float64
	ReservoirQuota    *int   `json:",omitempty"`
	ReservoirQuotaTTL *epoch `json:",omitempty"`
	Interval          int
	SamplingBoost     *samplingBoost `json:",omitempty"`
}

type samplingBoost struct {
	BoostRate    float64
	BoostRateTTL epoch
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
	boosts, err := boostReports(in.SamplingBoostStatisticsDocuments)
	if err != nil {
		return nil, err
	}
	answer, err := a.cfg.Sampling.Report(ctx, reports, boosts)
	if err != nil {
		return nil, err
	}
	return targetsResponse(answer), nil
}

func boostReports(docs []boostStatistics) ([]sampling.BoostStatistics, error) {
	if n := len(docs); n > maxStatistics {
		return nil, roentgen.Invalidf("%d boost statistics documents in one call; at most %d are allowed", n, maxStatistics)
	}
	reports := make([]sampling.BoostStatistics, 0, len(docs))
	for i, d := range docs {
		if d.RuleName == "" || d.ServiceName == "" || d.Timestamp == nil || d.AnomalyCount < 0 || d.TotalCount < 0 || d.SampledAnomalyCount < 0 {
			return nil, roentgen.Invalidf("SamplingBoostStatisticsDocuments[%d] needs RuleName, ServiceName, Timestamp and counts of 0 or more", i)
		}
		reports = append(reports, sampling.BoostStatistics{
			Rule: d.RuleName, Service: d.ServiceName, At: roentgen.Time(*d.Timestamp),
			Anomalies: d.AnomalyCount, Total: d.TotalCount, SampledAmong: d.SampledAnomalyCount,
		})
	}
	return reports, nil
}

func targetsResponse(answer sampling.Answer) *getSamplingTargetsResponse {
	out := &getSamplingTargetsResponse{
		SamplingTargetDocuments: []samplingTarget{},
		UnprocessedStatistics:   unprocessedReports(answer.Unprocessed),
		LastRuleModification:    epoch(answer.LastModification),
	}
	for _, t := range answer.Targets {
		target := samplingTarget{RuleName: t.Rule, FixedRate: t.FixedRate, Interval: int(t.Interval / time.Second)}
		if t.QuotaEnds != 0 {
			ends := epoch(t.QuotaEnds)
			target.ReservoirQuota, target.ReservoirQuotaTTL = &t.Quota, &ends
		}
		if t.BoostEnds != 0 {
			target.SamplingBoost = &samplingBoost{t.BoostRate, epoch(t.BoostEnds)}
		}
		out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, target)
	}
	out.UnprocessedBoostStatistics = unprocessedReports(answer.UnprocessedBoost)
	return out
}

func unprocessedReports(list []sampling.Unprocessed) []unprocessedStatistics {
	out := []unprocessedStatistics{}
	for _, u := range list {
		out = append(out, unprocessedStatistics{u.Rule, u.Code, u.Message})
	}
	return out
}
