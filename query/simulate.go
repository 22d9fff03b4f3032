package query

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/tail"
)

// SimulationQuery asks what a set of rules and triggers would have kept of the
// requests of a window.
type SimulationQuery struct {
	From, To roentgen.Time
	Rules    []roentgen.Rule // Default is added where it is not among them
	Triggers tail.Triggers
	// MaxTraces is how many traces are looked at, newest first. Default 200,000.
	MaxTraces int
	// MaxTime is after how long the answer is given with what was looked at.
	// Default 30 s.
	MaxTime time.Duration
}

// Simulation is what would have been kept. Numbers of traces are those of all
// requests, as far as stored traces stand for others; so they need not be whole.
type Simulation struct {
	From, To roentgen.Time // what was looked at; From is later than asked where a bound was reached
	Complete bool          // no bound was reached
	Looked   int           // stored traces

	Traces, Failing         float64
	Kept, KeptFailing       float64
	ByHead, ByTriggers      float64 // Kept by the rules; by a trigger alone
	Unweighted              int     // traces of which nobody said how probably they were kept; each stands for itself
	Rules                   []RuleOutcome
	Triggers                []TriggerOutcome
	KeptPerMonth            float64 // traces, at the pace of the window
	DollarsAtOfficialPrices float64 // a month on AWS X-Ray: 5 $ a million recorded traces beyond 100,000
}

// RuleOutcome is what one rule would have done.
type RuleOutcome struct {
	Rule                    string
	Requests, Failing       float64 // that it matched first
	FromReservoir, FromRate float64 // kept of them
}

// TriggerOutcome is what one trigger would have done.
type TriggerOutcome struct {
	Trigger, When            string
	Matched, Kept, OverQuota float64 // traces
	BesidesHead              float64 // of Kept, those that the head would not have taken
}

// Simulate answers a SimulationQuery. Reservoirs are used as if there were one
// client, which uses them fully in each second, and quotas of triggers as if there
// were one agent, whose buckets are full when the window begins. An
// error of kind Invalid says what is wrong with a rule.
func (e *Engine) Simulate(ctx context.Context, q SimulationQuery) (Simulation, error) {
	sim, err := e.newSimulator(q)
	if err != nil {
		return Simulation{}, err
	}
	began, last := e.cfg.Now(), q.To
	w := roentgen.Window{Clock: roentgen.ClockStart, From: q.From, To: q.To}
	for f, err := range e.store.Find(ctx, w, nil) {
		if err != nil {
			return Simulation{}, fmt.Errorf("read traces to simulate sampling: %w", err)
		}
		if f.Trace == nil {
			continue
		}
		if sim.out.Looked >= sim.q.MaxTraces || e.cfg.Now().Sub(began) >= sim.q.MaxTime {
			sim.out.Complete, sim.out.From = false, last
			break
		}
		sim.add(f.Trace, f.Partial.Summary(), e.cfg.Now())
		last = f.Place.At
	}
	return sim.finish(), nil
}

// simulator counts, by rule and second, because reservoirs are refilled then.
type simulator struct {
	q     SimulationQuery
	folds *graph.Folder
	out   Simulation
	rules map[string]roentgen.Rule
	cells map[cellKey]*cell
	fired map[firedKey]float64 // traces that a trigger matched in a second
	share map[firedKey]float64 // of them that its quota lets through; made by finish
}

type cellKey struct {
	rule   string
	second int64
}

type firedKey struct {
	trigger string
	second  int64
}

// cell is the requests of a second that one rule matched.
type cell struct {
	all, failing float64
	triggered    []triggered
}

type triggered struct {
	trigger string
	weight  float64
	failing bool
}

func (e *Engine) newSimulator(q SimulationQuery) (*simulator, error) {
	q.MaxTraces, q.MaxTime = atMost(q.MaxTraces, 200_000), cmp.Or(q.MaxTime, 30*time.Second)
	if !slices.ContainsFunc(q.Rules, func(r roentgen.Rule) bool { return r.Name == roentgen.DefaultRuleName }) {
		q.Rules = append(slices.Clone(q.Rules), roentgen.DefaultRule())
	}
	sim := &simulator{
		q: q, rules: map[string]roentgen.Rule{}, cells: map[cellKey]*cell{}, fired: map[firedKey]float64{},
		folds: graph.NewFolder(e.cfg.Fold),
	}
	sim.out.From, sim.out.To, sim.out.Complete = q.From, q.To, true
	for _, r := range q.Rules {
		if err := sampling.Check(r); err != nil {
			return nil, err
		}
		if _, twice := sim.rules[r.Name]; twice {
			return nil, roentgen.Invalidf("there are two sampling rules %q", r.Name)
		}
		sim.rules[r.Name] = r
	}
	return sim, nil
}

// add counts one stored trace, which stands for as many as its probability says.
func (sim *simulator) add(t *roentgen.Trace, sum roentgen.Summary, now roentgen.Time) {
	sim.out.Looked++
	weight := sum.Keep.Weight()
	if k := sum.Keep; k.Reason == roentgen.KeepUnknown || k.Reason == roentgen.KeepHead && k.Probability == 0 {
		sim.out.Unweighted++
	}
	rule, _ := sampling.Match(sim.q.Rules, requestOf(&sum))
	second := int64(sum.Start.Time().Unix())
	c := sim.cells[cellKey{rule.Name, second}]
	if c == nil {
		c = &cell{}
		sim.cells[cellKey{rule.Name, second}] = c
	}
	failing := sim.folds.Fold(t, &sum, now).Failing()
	c.all += weight
	if failing {
		c.failing += weight
	}
	if name, ok := sim.first(t, now); ok {
		c.triggered = append(c.triggered, triggered{name, weight, failing})
		sim.fired[firedKey{name, second}] += weight
	}
}

// first returns the first trigger that a document of the trace matches.
func (sim *simulator) first(t *roentgen.Trace, now roentgen.Time) (string, bool) {
	for i := range t.Documents {
		seg := t.Documents[i].Segment
		if name, ok := sim.q.Triggers.First(seg, func() *roentgen.Rows { return sim.folds.Alone(seg, now) }); ok {
			return name, true
		}
	}
	return "", false
}

// requestOf is what was known of the request when the trace began.
func requestOf(sum *roentgen.Summary) sampling.Request {
	if sum.Root == nil {
		return sampling.Request{}
	}
	r := sampling.Request{Service: sum.Root.Service.Name, ServiceType: sum.Root.Service.Type}
	if h := sum.Root.HTTP; h != nil {
		r.Method = h.Method
		if u, err := url.Parse(h.URL); err == nil {
			r.Host, r.Path = u.Host, u.Path
		}
	}
	return r
}

// finish adds up what was counted by the second.
func (sim *simulator) finish() Simulation {
	byRule, byTrigger := map[string]*RuleOutcome{}, map[string]*TriggerOutcome{}
	for _, t := range sim.q.Triggers.Triggers {
		sim.out.Triggers = append(sim.out.Triggers, TriggerOutcome{Trigger: t.Name, When: t.When})
	}
	for i := range sim.out.Triggers {
		byTrigger[sim.out.Triggers[i].Trigger] = &sim.out.Triggers[i]
	}
	sim.spendQuotas()
	for key, c := range sim.cells {
		out := byRule[key.rule]
		if out == nil {
			out = &RuleOutcome{Rule: key.rule}
			byRule[key.rule] = out
		}
		sim.settle(key, c, out, byTrigger)
	}
	for _, r := range byRule {
		sim.out.Rules = append(sim.out.Rules, *r)
	}
	slices.SortFunc(sim.out.Rules, func(a, b RuleOutcome) int {
		return sampling.ByPriority(sim.rules[a.Rule], sim.rules[b.Rule])
	})
	sim.out.Kept = sim.out.ByHead + sim.out.ByTriggers
	if length := sim.out.To.Sub(sim.out.From); length > 0 {
		sim.out.KeptPerMonth = sim.out.Kept * float64(30*24*time.Hour) / float64(length)
	}
	price := sampling.XRayPrices()
	sim.out.DollarsAtOfficialPrices = max(0, sim.out.KeptPerMonth-float64(price.FreeRecorded)) * price.Recorded.Dollars()
	return sim.out
}

// settle decides about the requests of one second that one rule matched. Which
// of them the head takes is chance, so each is taken with the same probability.
func (sim *simulator) settle(key cellKey, c *cell, rule *RuleOutcome, triggers map[string]*TriggerOutcome) {
	r := sim.rules[key.rule]
	reservoir := min(c.all, float64(r.ReservoirSize))
	byRate := (c.all - reservoir) * r.FixedRate
	head := (reservoir + byRate) / c.all
	rule.Requests += c.all
	rule.Failing += c.failing
	rule.FromReservoir += reservoir
	rule.FromRate += byRate
	sim.out.Traces += c.all
	sim.out.Failing += c.failing
	sim.out.ByHead += reservoir + byRate
	sim.out.KeptFailing += c.failing * head
	for _, t := range c.triggered {
		out := triggers[t.trigger]
		share := sim.share[firedKey{t.trigger, key.second}]
		out.Matched += t.weight
		out.Kept += t.weight * share
		out.OverQuota += t.weight * (1 - share)
		besides := t.weight * share * (1 - head)
		out.BesidesHead += besides
		sim.out.ByTriggers += besides
		if t.failing {
			sim.out.KeptFailing += besides
		}
	}
}

// spendQuotas lets the seconds pass, so that what a trigger did not use in one
// is there in another, up to its burst: ten a minute keep ten failures that come
// together.
func (sim *simulator) spendQuotas() {
	sim.share = make(map[firedKey]float64, len(sim.fired))
	for _, t := range sim.q.Triggers.Triggers {
		var seconds []int64
		for key := range sim.fired {
			if key.trigger == t.Name {
				seconds = append(seconds, key.second)
			}
		}
		slices.Sort(seconds)
		tokens, last := t.Burst, int64(0)
		for i, second := range seconds {
			if i > 0 {
				tokens = min(t.Burst, tokens+float64(second-last)*t.Quota)
			}
			last = second
			matched := sim.fired[firedKey{t.Name, second}]
			taken := min(tokens, matched)
			tokens -= taken
			sim.share[firedKey{t.Name, second}] = taken / matched
		}
	}
}
