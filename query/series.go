package query

import (
	"context"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
)

// SeriesQuery asks for figures over time.
type SeriesQuery struct {
	// From and To choose minutes: those that end in [From, To).
	From, To roentgen.Time
	// Period is what one point spans: 1 minute, which 0 stands for, or 5.
	Period time.Duration
	// Selector is a *filter.Service or a *filter.Edge, as
	// filter.ParseEntitySelector returns it; nil: the calls of clients, which
	// is one per trace.
	Selector filter.Term
	Group    string // Group.ID; empty: all traces
}

// Series is a part of the answer, newest first.
type Series struct {
	Points []Point
	// OldGroups is true when a trace was admitted by an earlier version of the
	// group.
	OldGroups bool
	// Next is the To that continues; 0 at the end.
	Next roentgen.Time
}

// Point is the traces that started in the period before End, which is a whole
// number of periods since the epoch. Periods without any trace have no point.
type Point struct {
	End           roentgen.Time
	Stats         *graph.Stats // of all requests; nil: there were some, but nothing that was selected
	ResponseTimes graph.Histogram
	// Kept is how many requests of kept traces are behind Stats, and Counted how
	// many of them agents counted; Source says where most come from.
	Kept, Counted int64
	Source        graph.Source
}

const (
	minute = roentgen.Time(time.Minute)
	hour   = roentgen.Time(time.Hour)
)

// TimeSeries returns one page, of Config.MaxPoints points at most.
func (e *Engine) TimeSeries(ctx context.Context, q SeriesQuery) (Series, error) {
	if q.Period == 0 {
		q.Period = time.Minute
	}
	if q.Period != time.Minute && q.Period != 5*time.Minute {
		return Series{}, roentgen.Invalidf("Time period must be one of [60, 300]")
	}
	s := series{Engine: e, q: q, from: ceil(q.From, minute) - minute, to: ceil(q.To, minute) - minute}
	if err := s.narrow(ctx); err != nil {
		return Series{}, err
	}
	for end := ceil(s.to, hour); end > s.from && s.out.Next == 0; end -= hour {
		if err := s.hour(ctx, end); err != nil {
			return Series{}, err
		}
	}
	return s.out, nil
}

// series is one page in the making.
type series struct {
	*Engine
	q        SeriesQuery
	from, to roentgen.Time // of the minutes chosen
	out      Series
}

// narrow leaves the minutes between the first and the last trace.
func (s *series) narrow(ctx context.Context) error {
	g, err := s.graph(ctx, s.from, s.to)
	if err != nil {
		return err
	}
	first, last := s.to, s.from
	for _, n := range g.Nodes {
		first, last = min(first, n.First), max(last, n.Last+1) // of Last the second alone is known
	}
	s.from, s.to = max(s.from, ceil(first+1, minute)-minute), min(s.to, ceil(last, minute))
	return nil
}

// hour appends the points of the hour before end. Most hours of a long window
// may be empty, which one question tells.
func (s *series) hour(ctx context.Context, end roentgen.Time) error {
	g, err := s.graph(ctx, end-hour, end)
	if err != nil || len(g.Nodes) == 0 {
		return err
	}
	period := roentgen.Time(s.q.Period)
	for at := end; at > end-hour; at -= period {
		if len(s.out.Points) == s.cfg.MaxPoints {
			s.out.Next = at + minute
			return nil
		}
		if err := s.point(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// point appends the period before end, if it has traces.
func (s *series) point(ctx context.Context, end roentgen.Time) error {
	g, err := s.graph(ctx, end-roentgen.Time(s.q.Period), end)
	if err != nil || len(g.Nodes) == 0 {
		return err
	}
	p := Point{End: end}
	s.choose(g, p.add)
	s.out.Points = append(s.out.Points, p)
	s.out.OldGroups = s.out.OldGroups || g.OldGroups
	return nil
}

// add adds the figures of a node or an edge.
func (p *Point) add(c chosen) {
	if c.stats.Count() == 0 {
		return
	}
	if p.Stats == nil {
		p.Stats = new(graph.Stats)
	}
	p.Stats.Add(c.stats)
	p.ResponseTimes.Merge(c.times)
	p.Kept += c.kept
	p.Counted += c.counted
	p.Source = graph.SourceOf(*p.Stats, p.Counted, p.Kept)
}

// chosen is the figures of a node or an edge.
type chosen struct {
	stats         graph.Stats
	times         *graph.Histogram
	kept, counted int64
}

// graph returns that of the chosen minutes in [from, to).
func (s *series) graph(ctx context.Context, from, to roentgen.Time) (*graph.Graph, error) {
	from, to = max(from, s.from), min(to, s.to)
	if from >= to {
		return &graph.Graph{}, nil
	}
	return s.ServiceGraph(ctx, from, to, s.q.Group)
}

// choose calls add with the figures of each node or edge that is selected.
func (s *series) choose(g *graph.Graph, add func(chosen)) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if sel, ok := s.q.Selector.(*filter.Service); ok {
			if s.chosen(sel.Selector, n) {
				add(chosen{n.Stats, &n.ResponseTimes, n.Kept, n.Counted})
			}
			continue
		}
		for j := range n.Edges {
			if edge := &n.Edges[j]; s.edgeChosen(n, &g.Nodes[edge.To]) {
				add(chosen{edge.Stats, &edge.ResponseTimes, edge.Kept, edge.Counted})
			}
		}
	}
}

func (s *series) edgeChosen(from, to *graph.Node) bool {
	sel, ok := s.q.Selector.(*filter.Edge)
	if !ok {
		return from.Type == roentgen.ClientType
	}
	return s.chosen(sel.Source, from) && s.chosen(sel.Destination, to)
}

func (s *series) chosen(sel filter.Selector, n *graph.Node) bool {
	row := roentgen.NodeRow{ServiceID: n.ServiceID, Names: n.Names, Inferred: n.Inferred, Root: n.Root}
	return sel.Match(&row, s.cfg.Fold.Account)
}

// ceil returns the least multiple of unit that is not before t.
func ceil(t, unit roentgen.Time) roentgen.Time {
	rest := t % unit
	if rest < 0 {
		rest += unit
	}
	if rest == 0 {
		return t
	}
	return t - rest + unit
}
