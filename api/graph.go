package api

import (
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// graphService is X-Ray's Service: a node of a graph.
type graphService struct {
	ReferenceID           int `json:"ReferenceId"` // good within one answer
	Name                  string
	Names                 []string
	Root                  bool              `json:",omitempty"`
	AccountID             *string           `json:"AccountId,omitempty"`
	Type                  *string           `json:",omitempty"`
	State                 string            // of knowledge, not of health
	StartTime             *epoch            `json:",omitempty"`
	EndTime               *epoch            `json:",omitempty"`
	Edges                 []graphEdge       // never null: readers look into them
	SummaryStatistics     *statistics       `json:",omitempty"`
	DurationHistogram     *[]histogramEntry `json:",omitempty"`
	ResponseTimeHistogram *[]histogramEntry `json:",omitempty"`
	RoentgenRates         *ratesOf          `json:",omitempty"` // our addition
}

// graphEdge stands within the node that calls.
type graphEdge struct {
	ReferenceID               int    `json:"ReferenceId"` // of the node that is called
	StartTime                 *epoch `json:",omitempty"`
	EndTime                   *epoch `json:",omitempty"`
	SummaryStatistics         statistics
	ResponseTimeHistogram     []histogramEntry
	Aliases                   []alias
	EdgeType                  string            `json:",omitempty"` // link: nobody waited for the callee
	ReceivedEventAgeHistogram *[]histogramEntry `json:",omitempty"` // of links alone
	RoentgenRates             *ratesOf          `json:",omitempty"` // our addition
}

// ratesOf says of whom the statistics beside it speak. X-Ray's are those of the
// traces that it has, and so are ours where there is nothing else: then there is
// no ratesOf. Otherwise they are those of all requests.
type ratesOf struct {
	Source     string // counted: by agents; estimated: by kept traces that stand for others
	Counted    int64  // requests that agents counted; the others of TotalCount are estimated
	Kept       int64  // requests of kept traces
	KeptTraces int64  `json:",omitempty"`
	// Divided: what was counted is that of several edges, between which the kept
	// traces divide it.
	Divided bool `json:",omitempty"`
}

type alias struct {
	Name  string
	Names []string
	Type  string
}

// statistics is X-Ray's ServiceStatistics and EdgeStatistics. Each request
// counts in one of OkCount, ThrottleCount, ErrorStatistics.OtherCount and
// FaultStatistics.OtherCount.
type statistics struct {
	OKCount         int64 `json:"OkCount"`
	ErrorStatistics struct {
		ThrottleCount, OtherCount, TotalCount int64
	}
	FaultStatistics struct {
		OtherCount, TotalCount int64
	}
	TotalCount        int64
	TotalResponseTime float64 // seconds
}

// ratesFrom returns r with its source, nil where that is the kept traces.
func ratesFrom(source graph.Source, r ratesOf) *ratesOf {
	if source == graph.SourceKept {
		return nil
	}
	r.Source = source.String()
	return &r
}

// lastSecond is what a node's last second lasts beyond its beginning.
const lastSecond = roentgen.Time(time.Second)

// servicesOf encodes the nodes of g. timed says whether they have bounds.
func (a *API) servicesOf(g *graph.Graph, timed bool) []graphService {
	out := make([]graphService, len(g.Nodes))
	for i := range g.Nodes {
		out[i] = a.graphService(g, i, timed)
	}
	return out
}

func (a *API) graphService(g *graph.Graph, i int, timed bool) graphService {
	n := &g.Nodes[i]
	out := graphService{
		ReferenceID: i, Name: n.Name, Names: namesOf(n.Name, n.Names), Root: n.Root,
		AccountID: a.foreign(n.AccountID), Type: optional(n.Type), State: stateOf(n),
		Edges: make([]graphEdge, 0, len(n.Edges)),
	}
	if timed {
		first, end := epoch(n.First), epoch(n.Last+lastSecond)
		out.StartTime, out.EndTime = &first, &end
	}
	if n.Type != roentgen.ClientType { // nobody has measured a client
		stats, durations, times := statisticsOf(n.Stats), entriesOf(&n.Durations), entriesOf(&n.ResponseTimes)
		out.SummaryStatistics, out.DurationHistogram, out.ResponseTimeHistogram = &stats, &durations, &times
		out.RoentgenRates = ratesFrom(n.Source(), ratesOf{Counted: n.Counted, Kept: n.Kept, KeptTraces: n.Traces})
	}
	for j := range n.Edges {
		edge := graphEdgeOf(&n.Edges[j])
		edge.StartTime, edge.EndTime = out.StartTime, out.EndTime // those of its source, as X-Ray has it
		out.Edges = append(out.Edges, edge)
	}
	return out
}

func graphEdgeOf(e *graph.Edge) graphEdge {
	out := graphEdge{
		ReferenceID: e.To, SummaryStatistics: statisticsOf(e.Stats), ResponseTimeHistogram: entriesOf(&e.ResponseTimes),
		Aliases: each(e.Aliases, func(s roentgen.ServiceID) alias { return alias{s.Name, []string{s.Name}, s.Type} }),
	}
	out.RoentgenRates = ratesFrom(e.Source(), ratesOf{Counted: e.Counted, Kept: e.Kept, KeptTraces: e.Traces, Divided: e.Divided})
	if e.Link {
		ages := entriesOf(&e.Ages)
		out.EdgeType, out.ReceivedEventAgeHistogram = "link", &ages
		out.ResponseTimeHistogram = []histogramEntry{}
	}
	return out
}

// stateOf returns X-Ray's State: from whom the node is known.
func stateOf(n *graph.Node) string {
	switch {
	case n.Type == roentgen.ClientType:
		return "unknown"
	case n.Inferred && n.Type == "remote":
		return "passive"
	case n.Inferred:
		return "unknown"
	}
	return "active"
}

func statisticsOf(s graph.Stats) (out statistics) {
	out.OKCount = s.OK
	out.ErrorStatistics.ThrottleCount, out.ErrorStatistics.OtherCount, out.ErrorStatistics.TotalCount = s.Throttle, s.Error, s.Throttle+s.Error
	out.FaultStatistics.OtherCount, out.FaultStatistics.TotalCount = s.Fault, s.Fault
	out.TotalCount = s.Count()
	out.TotalResponseTime = *seconds(s.Total, true)
	return out
}
