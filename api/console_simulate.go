package api

import (
	"context"
	"encoding/json"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/tail"
)

// Simulator says what rules and triggers would have kept; query.Engine does.
type Simulator interface {
	Simulate(ctx context.Context, q query.SimulationQuery) (query.Simulation, error)
}

type simulateRequest struct {
	StartTime, EndTime *epoch
	// Rules is JSON in any form that sampling.ReadRules takes; absent: the rules
	// that hold now.
	Rules json.RawMessage
	// Triggers is the text of a triggers file; absent: those that hold where
	// nobody configured any; "none": none.
	Triggers *string
	// MaxTraces bounds how many stored traces are looked at. 0: the server's.
	MaxTraces int
}

type simulateResponse struct {
	StartTime, EndTime epoch // what was looked at
	Complete           bool
	TracesLookedAt     int
	Unweighted         int

	Traces, FailingTraces, KeptTraces, KeptFailingTraces float64
	KeptByRules, KeptByTriggers                          float64
	KeptTracesPerMonth, DollarsPerMonthOnXRay            float64
	Rules                                                []simulatedRule
	Triggers                                             []simulatedTrigger
}

type simulatedRule struct {
	RuleName                                         string
	Requests, Failing, KeptFromReservoir, KeptByRate float64
}

type simulatedTrigger struct {
	Name, When                              string
	Matched, Kept, OverQuota, KeptByItAlone float64
}

// simulate answers POST /api/sampling/simulate.
func (s *consoleServer) simulate(ctx context.Context, in *simulateRequest) (*simulateResponse, error) {
	w, err := s.consoleWindow(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	q := query.SimulationQuery{From: w.From, To: w.To, MaxTraces: in.MaxTraces}
	if in.MaxTraces < 0 {
		return nil, roentgen.Invalidf("MaxTraces is %d; it has to be 0 or more", in.MaxTraces)
	}
	if len(in.Rules) == 0 || string(in.Rules) == "null" {
		q.Rules, err = s.cfg.Sampling.Rules(ctx)
	} else {
		q.Rules, err = sampling.ReadRules(in.Rules)
	}
	if err != nil {
		return nil, err
	}
	if q.Triggers, err = triggersOf(in.Triggers); err != nil {
		return nil, err
	}
	sim, err := s.cfg.Simulator.Simulate(ctx, q)
	if err != nil {
		return nil, err
	}
	return simulated(sim), nil
}

func triggersOf(text *string) (tail.Triggers, error) {
	switch {
	case text == nil:
		return tail.DefaultTriggers(), nil
	case *text == "none":
		return tail.Triggers{}, nil
	}
	triggers, err := tail.ParseTriggers([]byte(*text))
	if err != nil {
		return triggers, roentgen.Invalidf("Triggers: %v", err)
	}
	return triggers, nil
}

func simulated(sim query.Simulation) *simulateResponse {
	out := &simulateResponse{
		StartTime: epoch(sim.From), EndTime: epoch(sim.To), Complete: sim.Complete, TracesLookedAt: sim.Looked, Unweighted: sim.Unweighted,
		Traces: sim.Traces, FailingTraces: sim.Failing, KeptTraces: sim.Kept, KeptFailingTraces: sim.KeptFailing,
		KeptByRules: sim.ByHead, KeptByTriggers: sim.ByTriggers,
		KeptTracesPerMonth: sim.KeptPerMonth, DollarsPerMonthOnXRay: sim.DollarsAtOfficialPrices,
		Rules: []simulatedRule{}, Triggers: []simulatedTrigger{},
	}
	for _, r := range sim.Rules {
		out.Rules = append(out.Rules, simulatedRule{r.Rule, r.Requests, r.Failing, r.FromReservoir, r.FromRate})
	}
	for _, t := range sim.Triggers {
		out.Triggers = append(out.Triggers, simulatedTrigger{t.Trigger, t.When, t.Matched, t.Kept, t.OverQuota, t.BesidesHead})
	}
	return out
}
