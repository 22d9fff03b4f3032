package api

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

type getTraceSummariesRequest struct {
	StartTime, EndTime *epoch
	TimeRangeType      string
	Sampling           bool
	SamplingStrategy   *struct {
		Name  string
		Value *float64
	}
	FilterExpression *string
	NextToken        *string
}

type getTraceSummariesResponse struct {
	TraceSummaries       []traceSummary
	ApproximateTime      epoch
	TracesProcessedCount int64
	NextToken            *string `json:",omitempty"`
}

// getTraceSummaries answers one page, newest first.
func (a *API) getTraceSummaries(ctx context.Context, in *getTraceSummariesRequest) (*getTraceSummariesResponse, error) {
	q, err := a.summaryQuery(in)
	if err != nil {
		return nil, err
	}
	if err := continued(&q, deref(in.NextToken)); err != nil {
		return nil, err
	}
	reading := ReadingOf(ctx)
	reading.Filter = deref(in.FilterExpression)
	page, err := a.cfg.Traces.Summaries(ctx, q)
	if err != nil {
		return nil, err
	}
	reading.Found = len(page.Traces)
	out := &getTraceSummariesResponse{
		TraceSummaries:       each(page.Traces, func(r *roentgen.Rows) traceSummary { return a.summaryOf(r, q.Window.Clock) }),
		ApproximateTime:      epoch(page.Reached),
		TracesProcessedCount: int64(page.Examined),
	}
	if !in.partialScan() {
		out.NextToken, err = nextToken(q, page)
	}
	return out, err
}

// partialScan reports whether the caller is content with the first page.
func (in *getTraceSummariesRequest) partialScan() bool {
	return in.Sampling && (in.SamplingStrategy == nil || in.SamplingStrategy.Name == "PartialScan" || in.SamplingStrategy.Name == "")
}

func (a *API) summaryQuery(in *getTraceSummariesRequest) (q query.SummaryQuery, err error) {
	w, err := a.window(in.StartTime, in.EndTime)
	if err != nil {
		return q, err
	}
	if w.Clock, err = clockOf(in.TimeRangeType); err != nil {
		return q, err
	}
	q.Window = w
	if q.Filter, err = filter.Parse(deref(in.FilterExpression)); err != nil {
		return q, err
	}
	q.Share, err = in.share()
	return q, err
}

func clockOf(timeRangeType string) (roentgen.Clock, error) {
	switch timeRangeType {
	case "", "TraceId":
		return roentgen.ClockStart, nil
	case "Event":
		return roentgen.ClockUpdated, nil
	case "Service":
		return roentgen.ClockEnd, nil
	}
	return 0, roentgen.Invalidf("TimeRangeType %q is not one of TraceId, Event, Service", timeRangeType)
}

// share returns the share of traces asked for. SamplingStrategy counts only
// when Sampling is true, as X-Ray has it.
func (in *getTraceSummariesRequest) share() (float64, error) {
	if !in.Sampling || in.partialScan() {
		return 1, nil
	}
	s := in.SamplingStrategy
	switch {
	case s.Name != "FixedRate":
		return 0, roentgen.Invalidf("SamplingStrategy.Name %q is not one of PartialScan, FixedRate", s.Name)
	case s.Value == nil || *s.Value < 0 || *s.Value > 1:
		return 0, roentgen.Invalidf("sampling rate must be specified and its value must be between [0, 1]")
	case in.TimeRangeType != "Event":
		return 0, roentgen.Invalidf("Cannot use FixedRate with input time range type: %s. Please try using time range type: Event", orDefault(in.TimeRangeType, "TraceId"))
	}
	return *s.Value, nil
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
