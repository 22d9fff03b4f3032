package api

import (
	"context"
	"strconv"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

type getTimeSeriesServiceStatisticsRequest struct {
	StartTime, EndTime *epoch
	groupRef
	EntitySelectorExpression *string
	Period                   *int // seconds
	ForecastStatistics       bool
	NextToken                *string
}

type getTimeSeriesServiceStatisticsResponse struct {
	TimeSeriesServiceStatistics []seriesPoint
	ContainsOldGroupVersions    bool
	NextToken                   *string `json:",omitempty"`
}

// seriesPoint has statistics of an edge or of a service, by what was selected,
// and none where nothing that was selected had traffic.
type seriesPoint struct {
	Timestamp                 epoch       // the end of the period
	EdgeSummaryStatistics     *statistics `json:",omitempty"`
	ServiceSummaryStatistics  *statistics `json:",omitempty"`
	ServiceForecastStatistics struct{}    // this version forecasts nothing
	ResponseTimeHistogram     []histogramEntry
	RoentgenRates             *ratesOf `json:",omitempty"` // our addition
}

// getTimeSeriesServiceStatistics answers a page, newest first.
func (a *API) getTimeSeriesServiceStatistics(ctx context.Context, in *getTimeSeriesServiceStatisticsRequest) (*getTimeSeriesServiceStatisticsResponse, error) {
	q, err := a.seriesQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	asked := hashOf("series", q.From, q.To, q.Period, q.Group, deref(in.EntitySelectorExpression))
	if token := deref(in.NextToken); token != "" {
		if q.To, err = seriesPlace(token, asked); err != nil {
			return nil, err
		}
	}
	s, err := a.cfg.Traces.TimeSeries(ctx, q)
	if err != nil {
		return nil, err
	}
	_, service := q.Selector.(*filter.Service)
	out := &getTimeSeriesServiceStatisticsResponse{
		TimeSeriesServiceStatistics: each(s.Points, func(p query.Point) seriesPoint { return seriesPointOf(p, service) }),
		ContainsOldGroupVersions:    s.OldGroups,
	}
	if s.Next != 0 {
		token := formatToken(strconv.FormatInt(int64(s.Next), 10), asked)
		out.NextToken = &token
	}
	return out, nil
}

func (a *API) seriesQuery(ctx context.Context, in *getTimeSeriesServiceStatisticsRequest) (q query.SeriesQuery, err error) {
	w, err := a.window(in.StartTime, in.EndTime)
	if err != nil {
		return q, err
	}
	q = query.SeriesQuery{From: w.From, To: w.To, Period: time.Minute}
	if in.Period != nil {
		if *in.Period != 60 && *in.Period != 300 {
			return q, roentgen.Invalidf("Time period must be one of [60, 300]")
		}
		q.Period = time.Duration(*in.Period) * time.Second
	}
	if in.EntitySelectorExpression != nil {
		if q.Selector, err = filter.ParseEntitySelector(*in.EntitySelectorExpression); err != nil {
			return q, err
		}
	}
	if in.ForecastStatistics && !byID(q.Selector) {
		return q, roentgen.Invalidf(`ForecastStatistics needs an entity selector by id, such as service(id(name: "shop", type: "AWS::ECS::Container")); add one, or ask without a forecast`)
	}
	q.Group, err = a.optionalGroup(ctx, in.groupRef)
	return q, err
}

// byID says whether the selector names its nodes by more than a name.
func byID(selector filter.Term) bool {
	full := func(s filter.Selector) bool { return s.Name.Asked && (s.Type.Asked || s.Account.Asked) }
	switch s := selector.(type) {
	case *filter.Service:
		return full(s.Selector)
	case *filter.Edge:
		return full(s.Source) && full(s.Destination)
	}
	return false
}

func seriesPlace(token string, asked question) (roentgen.Time, error) {
	place, err := parseToken(token, asked)
	if err != nil {
		return 0, err
	}
	to, err := strconv.ParseInt(place, 10, 64)
	if err != nil {
		return 0, roentgen.Invalidf("Invalid token: it is not one that this server gave; start without NextToken")
	}
	return roentgen.Time(to), nil
}

func seriesPointOf(p query.Point, service bool) seriesPoint {
	out := seriesPoint{Timestamp: epoch(p.End), ResponseTimeHistogram: entriesOf(&p.ResponseTimes)}
	if p.Stats == nil {
		return out
	}
	stats := statisticsOf(*p.Stats)
	out.RoentgenRates = ratesFrom(p.Source, ratesOf{Counted: p.Counted, Kept: p.Kept})
	if service {
		out.ServiceSummaryStatistics = &stats
	} else {
		out.EdgeSummaryStatistics = &stats
	}
	return out
}
