package query_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/rates"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// traffic is the requests to a shop: all of them, and what is kept of them by
// chance and because they fail.
type traffic struct {
	*rand.Rand
	t        *testing.T
	at       roentgen.Time
	since    roentgen.Time // agents count
	agents   []*agent
	all      []*roentgen.Rows
	gold     int64 // traces with this plan
	kept     *memory.Store
	batch    []roentgen.Stored
	triggers tail.Triggers
}

// agent is as much of one as counts.
type agent struct {
	name    string
	glancer *wire.Glancer
	minutes *graph.Minutes
	seq     uint64
}

const (
	headRate = 0.1
	requests = 6000
	window   = 12 * time.Minute
)

// began is when the traffic did.
var began = roentgen.At(time.Date(2026, 2, 25, 12, 0, 0, 0, time.UTC))

func newTraffic(t *testing.T, seed uint64) *traffic {
	tr := &traffic{Rand: rand.New(rand.NewPCG(seed, 7)), t: t, kept: memory.New(memory.Options{Now: func() time.Time { return began.Time().Add(window) }}), triggers: tail.DefaultTriggers()}
	for _, name := range []string{"host-a", "host-b"} {
		tr.agents = append(tr.agents, &agent{name: name, glancer: wire.NewGlancer(wire.Limits{}), minutes: graph.NewMinutes(graph.Options{})})
	}
	t.Cleanup(func() { tr.kept.Close() })
	return tr
}

// doc is a document of a trace, and the agent that reads it.
type doc struct {
	agent int
	text  string
}

func (tr *traffic) latency(median time.Duration) roentgen.Time {
	return roentgen.Time(float64(median) * math.Exp(tr.NormFloat64()*0.6))
}

// outcome is a member that says how it went: a few go wrong.
func (tr *traffic) outcome(rate float64) string {
	if tr.Float64() > rate {
		return ""
	}
	return []string{`,"fault":true`, `,"error":true`, `,"error":true,"throttle":true`}[tr.IntN(3)]
}

func entity(id int, name string, start, end roentgen.Time, more string) string {
	return fmt.Sprintf(`"id":"%016x","name":%q,"start_time":%.6f,"end_time":%.6f%s`, id, name, start.Seconds(), end.Seconds(), more)
}

// request makes one: the shop asks its database, and payments and stock, which
// it calls by one name. Stock sends its call to a table apart from its segment.
func (tr *traffic) request(n int) {
	trace := fmt.Sprintf("1-%08x-%024x", int64(tr.at.Seconds()), n+1)
	plan := "free"
	if n%5 == 0 {
		plan = "gold"
		tr.gold++
	}
	start := tr.at
	payments, stock := start+2e6, start+2e6+tr.latency(5*time.Millisecond)
	paid, found := payments+tr.latency(30*time.Millisecond), stock+tr.latency(10*time.Millisecond)
	end := max(paid, found) + tr.latency(3*time.Millisecond)
	head := fmt.Sprintf(`"trace_id":%q,`, trace)
	remote := `,"namespace":"remote","http":{"request":{"url":"http://api.internal/","traced":true}}`
	var docs []doc
	subs := "{" + entity(2, "api.internal", payments, paid, remote+tr.outcome(0.02)) + "},{" +
		entity(3, "orders@db.internal", start, start+tr.latency(2*time.Millisecond), `,"namespace":"remote","sql":{"url":"postgres://db.internal/orders"}`+tr.outcome(0.01)) + "}"
	docs = append(docs, doc{1, "{" + head + entity(0x10, "payments", payments, paid, `,"parent_id":"0000000000000002"`+tr.outcome(0.03)) + "}"})
	if n%3 == 0 {
		subs += ",{" + entity(4, "api.internal", stock, found, remote) + "}"
		docs = append(docs,
			doc{1, "{" + head + entity(0x20, "stock", stock, found, `,"parent_id":"0000000000000004"`+tr.outcome(0.01)) + "}"},
			doc{1, "{" + head + entity(0x21, "DynamoDB", stock, found, `,"type":"subsegment","parent_id":"0000000000000020","namespace":"aws","aws":{"table_name":"stock-items"}`) + "}"})
	}
	docs = append(docs, doc{0, "{" + head + entity(1, "shop", start, end, tr.outcome(0.01)+`,"annotations":{"plan":"`+plan+`"},"subsegments":[`+subs+"]") + "}"})
	tr.send(docs, tr.Float64() < headRate)
}

// send has agents count the documents of a trace, and decide whether it is kept.
func (tr *traffic) send(docs []doc, sampled bool) {
	trace := &roentgen.Trace{}
	var partial roentgen.Partial
	var keeps []roentgen.Keep
	triggered := false
	for _, d := range docs {
		a := tr.agents[d.agent]
		seg, err := a.glancer.Read([]byte(d.text))
		if err != nil {
			tr.t.Fatalf("%v in %s", err, d.text)
		}
		if tr.at >= tr.since {
			a.minutes.Add(seg)
		}
		keep := roentgen.Keep{}
		if sampled {
			keep = roentgen.Keep{Reason: roentgen.KeepHead, Probability: headRate}
		}
		if _, ok := tr.triggers.First(seg, nil); ok {
			keep, triggered = roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, true
		}
		keeps = append(keeps, keep)
		whole, err := wire.ParseDocument([]byte(d.text), wire.Limits{})
		if err != nil {
			tr.t.Fatal(err)
		}
		trace.ID = whole.Trace
		trace.Documents = append(trace.Documents, roentgen.Stored{Segment: whole, Received: tr.at})
		partial.Trace = whole.Trace
		partial = partial.Merge(roentgen.NewPartial(trace.Documents[len(trace.Documents)-1]))
	}
	sum := partial.Summary()
	tr.all = append(tr.all, graph.Fold(trace, &sum, tr.at+roentgen.Time(time.Hour), graph.Options{}))
	if !sampled && !triggered {
		return
	}
	for i, d := range trace.Documents {
		if d.Keep = keeps[i]; d.Keep == (roentgen.Keep{}) { // a notice brought it
			d.Keep = roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}
		}
		tr.batch = append(tr.batch, d)
	}
}

// run makes all requests, and ships what agents counted, twice.
func (tr *traffic) run(book *rates.Book) {
	for n := range requests {
		tr.at = began + roentgen.Time(n)*roentgen.Time(window/requests)
		tr.request(n)
		if n%700 == 699 || n == requests-1 {
			tr.ship(book)
		}
	}
}

func (tr *traffic) ship(book *rates.Book) {
	for _, a := range tr.agents {
		if rollup := a.minutes.Take(tr.at + roentgen.Time(time.Hour)); book != nil && rollup != nil {
			a.seq++
			for range 2 {
				if err := book.Add(a.name, 1, a.seq, rollup); err != nil {
					tr.t.Fatal(err)
				}
			}
		}
	}
	outcomes, err := tr.kept.Append(tr.t.Context(), tr.batch)
	if err != nil || slices.ContainsFunc(outcomes, func(o roentgen.Outcome) bool { return o != roentgen.StoredNew }) {
		tr.t.Fatalf("%v, %v", err, outcomes)
	}
	tr.batch = nil
}

func (tr *traffic) engine(book query.Rates) *query.Engine {
	now := func() roentgen.Time { return began + roentgen.Time(window) + roentgen.Time(time.Hour) }
	return query.New(tr.kept, nil, query.Config{Rates: book, Now: now})
}

func newBook() *rates.Book {
	return rates.New(rates.Options{Now: func() roentgen.Time { return began + roentgen.Time(window) + 1 }})
}

func serviceGraph(t *testing.T, e *query.Engine, from, to roentgen.Time, group string) *graph.Graph {
	t.Helper()
	g, err := e.ServiceGraph(t.Context(), from, to, group)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// figures are those of a node or of an edge, by name.
type figures struct {
	graph.Stats
	times   graph.Histogram
	source  graph.Source
	divided bool
	kept    int64
	counted int64
}

func figuresOf(g *graph.Graph) map[string]figures {
	out := map[string]figures{}
	for _, n := range g.Nodes {
		if n.Type != roentgen.ClientType {
			out[n.Name] = figures{n.Stats, n.ResponseTimes, n.Source(), false, n.Kept, n.Counted}
		}
		for _, e := range n.Edges {
			out[n.Name+"("+n.Type+") > "+g.Nodes[e.To].Name] = figures{e.Stats, e.ResponseTimes, e.Source(), e.Divided, e.Kept, e.Counted}
		}
	}
	return out
}

// within reports whether n is no further than a share from the truth.
func within(n, truth int64, share float64) bool {
	return math.Abs(float64(n-truth)) <= share*float64(truth)
}

// Counted rates are those of all requests: at nodes and edges, over the window
// and its minutes.
func TestCountedRatesAreTheTruth(t *testing.T) {
	tr, book := newTraffic(t, 1), newBook()
	tr.run(book)
	e, end := tr.engine(book), began+roentgen.Time(window)
	truth, got := figuresOf(graph.Of(tr.all...)), figuresOf(serviceGraph(t, e, began, end, ""))
	if len(got) != len(truth) || len(truth) < 10 {
		t.Errorf("%d nodes and edges of %d", len(got), len(truth))
	}
	divided := 0
	for name, want := range truth {
		f := got[name]
		if f.source != graph.SourceCounted || f.kept*4 > want.Count() {
			t.Errorf("%s: %v, %d kept of %d", name, f.source, f.kept, want.Count())
		}
		share := 0.0
		if f.divided {
			divided++
			share = 0.02
		}
		for _, n := range [][2]int64{{f.OK, want.OK}, {f.Error, want.Error}, {f.Throttle, want.Throttle}, {f.Fault, want.Fault}} {
			if !within(n[0], n[1], share) {
				t.Errorf("%s: %+v, and it was %+v", name, f.Stats, want.Stats)
			}
		}
		if !f.divided {
			sameTimes(t, name, &f.times, &want.times)
		}
	}
	if divided != 2 {
		t.Errorf("%d edges are divided", divided)
	}
	tr.checkSeries(e, `service("payments")`, "payments")
	tr.checkWindow(e, began+roentgen.Time(190*time.Second), began+roentgen.Time(605*time.Second))
}

func sameTimes(t *testing.T, name string, got, want *graph.Histogram) {
	t.Helper()
	for _, q := range []float64{0.5, 0.9, 0.99} {
		if g, w := got.Quantile(q), want.Quantile(q); !within(int64(g), int64(w), 0.02) {
			t.Errorf("%s: quantile %v is %v, and was %v", name, q, g, w)
		}
	}
}

// checkSeries compares every minute with the truth.
func (tr *traffic) checkSeries(e *query.Engine, selector, service string) {
	term, err := filter.ParseEntitySelector(selector)
	if err != nil {
		tr.t.Fatal(err)
	}
	s, err := e.TimeSeries(tr.t.Context(), query.SeriesQuery{From: began + 1, To: began + roentgen.Time(window) + 1, Selector: term})
	if err != nil || len(s.Points) != int(window/time.Minute) {
		tr.t.Fatalf("%d points, %v", len(s.Points), err)
	}
	truth := map[roentgen.Time]int64{}
	for _, rows := range tr.all {
		for _, seg := range rows.Segments {
			if seg.Node.Name == service {
				truth[rows.Summary.Start/roentgen.Time(time.Minute)]++
			}
		}
	}
	for _, p := range s.Points {
		want := truth[p.End/roentgen.Time(time.Minute)-1]
		if p.Stats == nil || !within(p.Stats.Count(), want, 0.02) || p.Source != graph.SourceCounted {
			tr.t.Errorf("minute until %s: %+v %v, and there were %d", p.End.Time().UTC().Format(time.TimeOnly), p.Stats, p.Source, want)
		}
	}
}

// checkWindow compares a window that cuts minutes.
func (tr *traffic) checkWindow(e *query.Engine, from, to roentgen.Time) {
	var in []*roentgen.Rows
	for _, rows := range tr.all {
		if rows.Summary.Start >= from && rows.Summary.Start < to {
			in = append(in, rows)
		}
	}
	truth, got := figuresOf(graph.Of(in...)), figuresOf(serviceGraph(tr.t, e, from, to, ""))
	for name, want := range truth {
		if f := got[name]; !f.divided && !within(f.Count(), want.Count(), 0.02) {
			tr.t.Errorf("%s: %d, and there were %d", name, f.Count(), want.Count())
		}
	}
}

// Agents began to count after five minutes: before that, kept traces tell.
func TestBeforeAgentsCountedEstimatesStand(t *testing.T) {
	tr, book := newTraffic(t, 4), newBook()
	late := began + roentgen.Time(5*time.Minute)
	tr.since = late
	tr.run(book)
	truth, got := figuresOf(graph.Of(tr.all...)), figuresOf(serviceGraph(t, tr.engine(book), began, began+roentgen.Time(window), ""))
	want, f := truth["shop"], got["shop"]
	counted := int64(0)
	for _, rows := range tr.all {
		if rows.Summary.Start >= late {
			counted++
		}
	}
	if f.counted != counted || f.source != graph.SourceCounted {
		t.Errorf("%d are counted of %d, %v", f.counted, counted, f.source)
	}
	estimated(t, "shop", f.OK, want.OK, counted)
	if f.Fault != want.Fault {
		t.Errorf("%d faults of %d", f.Fault, want.Fault)
	}
}

// estimated checks an estimate against the truth, by the interval that chance
// leaves: of those that were kept with a chance of a tenth, each kept one
// stands for ten.
func estimated(t *testing.T, what string, got, truth, sure int64) {
	t.Helper()
	deviation := math.Sqrt(float64(truth-sure) * (1 - headRate) / headRate)
	if math.Abs(float64(got-truth)) > 4*deviation+1 {
		t.Errorf("%s: %d, and it was %d ± %.0f", what, got, truth, deviation)
	}
}

// Where nobody counted, kept traces tell within their interval: the map, its
// groups, and lists.
func TestEstimatedRatesAreWithinTheirInterval(t *testing.T) {
	tr := newTraffic(t, 3)
	x, err := filter.Parse(`annotation.plan = "gold"`)
	if err != nil {
		t.Fatal(err)
	}
	match, err := x.Matcher(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.kept.SetGroups(t.Context(), []store.Group{{ID: "gold", Match: match}}); err != nil {
		t.Fatal(err)
	}
	tr.run(nil)
	e, end := tr.engine(nil), began+roentgen.Time(window)
	truth, got := figuresOf(graph.Of(tr.all...)), figuresOf(serviceGraph(t, e, began, end, ""))
	for name, want := range truth {
		f := got[name]
		if f.source != graph.SourceEstimated {
			t.Errorf("%s is %v", name, f.source)
		}
		estimated(t, name, f.OK, want.OK, 0)
		if !strings.Contains(name, "db.internal") && f.Fault != want.Fault { // what fails is kept
			t.Errorf("%s: %d faults of %d", name, f.Fault, want.Fault)
		}
	}
	gold := figuresOf(serviceGraph(t, e, began, end, "gold"))["shop"]
	if gold.source != graph.SourceEstimated {
		t.Errorf("a group is %v", gold.source)
	}
	estimated(t, "requests of gold", gold.Count(), tr.gold, 0)
	tr.checkGold(e, x)
}

func (tr *traffic) checkGold(e *query.Engine, x *filter.Expr) {
	end, weight := began+roentgen.Time(window), 0.0
	for q := (query.SummaryQuery{Window: roentgen.Window{From: began, To: end}, Filter: x, Share: 1}); ; {
		page, err := e.Summaries(context.Background(), q)
		if err != nil {
			tr.t.Fatal(err)
		}
		for _, r := range page.Traces {
			weight += r.Summary.Keep.Weight()
		}
		if q.After = page.Next; page.Next == nil {
			break
		}
	}
	estimated(tr.t, "traces of gold", int64(weight), tr.gold, 0)
}
