package query_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/tail"
)

// kept files a document as a trace that was kept so.
func (s *shelf) kept(t *testing.T, text string, keep roentgen.Keep) {
	t.Helper()
	d := s.stamped(t, text)
	d.Keep = keep
	s.file(d)
}

func ruleFor(name, path string, priority, reservoir int, rate float64) roentgen.Rule {
	r := roentgen.DefaultRule()
	r.Name, r.Priority, r.ReservoirSize, r.FixedRate, r.URLPath = name, priority, reservoir, rate, path
	return r
}

// requests files n requests of one second, each kept by the head at one in ten,
// and failing ones, each kept by a trigger.
func (s *shelf) requests(t *testing.T, from, n, failing, second int, path string) {
	t.Helper()
	http := fmt.Sprintf(`,"http":{"request":{"method":"POST","url":"http://firs.test%s?x=1"},"response":{"status":%%d}}`, path)
	for i := range n {
		s.kept(t, segment(from+i, 1, second, fmt.Sprintf(http, 200)), roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1})
	}
	for i := range failing {
		s.kept(t, segment(from+n+i, 1, second, fmt.Sprintf(http, 500)+`,"fault":true`), roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1})
	}
}

func near(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Max(1, want) }

// TestASimulationStandsForAllRequests: 20 stored successes stand for 200, and
// 10 failures for themselves.
func TestASimulationStandsForAllRequests(t *testing.T) {
	s := newShelf(t)
	s.requests(t, 0, 20, 10, 100, "/fir/1")
	s.requests(t, 1000, 10, 0, 200, "/health")
	e := query.New(s, nil, query.Config{})
	sim, err := e.Simulate(t.Context(), query.SimulationQuery{
		From: 0, To: 1000e9,
		Rules:    []roentgen.Rule{ruleFor("firs", "/fir/*", 1, 10, 0.05), ruleFor("health", "/health", 2, 0, 0)},
		Triggers: tail.DefaultTriggers(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !sim.Complete || sim.Looked != 40 || !near(sim.Traces, 310) || !near(sim.Failing, 10) {
		t.Errorf("looked at %d that stand for %v, failing %v, complete %v; want 40, 310, 10", sim.Looked, sim.Traces, sim.Failing, sim.Complete)
	}
	// firs: 210 in one second, 10 by the reservoir and a twentieth of 200.
	if !near(sim.ByHead, 20) || !near(sim.KeptFailing, 10) || !near(sim.ByTriggers, 10*(1-20.0/210)) {
		t.Errorf("by the head %v, failing %v, by triggers %v", sim.ByHead, sim.KeptFailing, sim.ByTriggers)
	}
	want := "[{firs 210 10 10 10} {health 100 0 0 0}]"
	if got := fmt.Sprint(sim.Rules); got != want {
		t.Errorf("rules %s, want %s", got, want)
	}
	fault := sim.Triggers[1]
	if fault.Trigger != "fault" || !near(fault.Matched, 10) || !near(fault.Kept, 10) {
		t.Errorf("triggers %+v", sim.Triggers)
	}
}

func TestWithoutTriggersFailuresAreKeptAsOftenAsOthers(t *testing.T) {
	s := newShelf(t)
	s.requests(t, 0, 9, 10, 100, "/")
	sim, err := query.New(s, nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{
		To: 1000e9, Rules: []roentgen.Rule{ruleFor("all", "*", 1, 0, 0.1)},
	})
	if err != nil || !near(sim.Kept, 10) || !near(sim.KeptFailing, 1) {
		t.Errorf("kept %v, failing %v of %v, %v; want 10 and 1", sim.Kept, sim.KeptFailing, sim.Failing, err)
	}
}

func TestAQuotaBoundsWhatATriggerKeeps(t *testing.T) {
	s := newShelf(t)
	s.requests(t, 0, 0, 40, 100, "/")
	fault, err := tail.NewTrigger("fault", "fault", 10, 10)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := query.New(s, nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{
		To: 1000e9, Rules: []roentgen.Rule{ruleFor("none", "*", 1, 0, 0)},
		Triggers: tail.Triggers{Triggers: []tail.Trigger{fault}},
	})
	if err != nil || !near(sim.Kept, 10) || !near(sim.Triggers[0].OverQuota, 30) {
		t.Errorf("%+v, %v", sim.Triggers, err)
	}
}

// TestWhatATriggerDidNotUseIsThereLater: up to its burst, as at an agent.
func TestWhatATriggerDidNotUseIsThereLater(t *testing.T) {
	s := newShelf(t)
	s.requests(t, 0, 0, 8, 100, "/")    // of a burst of 5 five
	s.requests(t, 100, 0, 4, 130, "/")  // after half a minute at 4 a minute two
	s.requests(t, 200, 0, 20, 900, "/") // and after a long time five again
	few, err := tail.ParseTriggers([]byte("version: 1\ntriggers:\n- {name: few, when: fault, quota: 4/m, burst: 5}\n- {name: once, when: error, quota: 1/h}\n"))
	if err != nil {
		t.Fatal(err)
	}
	sim, err := query.New(s, nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{
		To: 1000e9, Rules: []roentgen.Rule{ruleFor("all", "*", 1, 0, 0)}, Triggers: few,
	})
	if err != nil {
		t.Fatal(err)
	}
	if o := sim.Triggers[0]; !near(o.Matched, 32) || !near(o.Kept, 12) || !near(o.OverQuota, 20) {
		t.Errorf("%+v; want 12 kept of 32", o)
	}
}

// TestATraceOfWhichNobodySaidHowProbablyIsNamed: also where its sender said
// that it was sampled.
func TestATraceOfWhichNobodySaidHowProbablyIsNamed(t *testing.T) {
	s := newShelf(t)
	for i, keep := range []roentgen.Keep{{}, {Reason: roentgen.KeepHead}, {Reason: roentgen.KeepHead, Probability: 0.5}, {Reason: roentgen.KeepTrigger, Probability: 1}} {
		s.kept(t, segment(i, 1, 100, ""), keep)
	}
	sim, err := query.New(s, nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{To: 1000e9})
	if err != nil || sim.Unweighted != 2 {
		t.Errorf("%d unweighted, want 2: %v", sim.Unweighted, err)
	}
}

func TestASimulationSaysHowFarItLooked(t *testing.T) {
	s := newShelf(t)
	s.requests(t, 0, 10, 0, 100, "/")
	s.requests(t, 100, 10, 0, 200, "/")
	sim, err := query.New(s, nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{To: 1000e9, MaxTraces: 10})
	if err != nil || sim.Complete || sim.Looked != 10 || sim.From != 200e9 {
		t.Errorf("looked at %d back to %v, complete %v, %v", sim.Looked, sim.From.Time(), sim.Complete, err)
	}
}

func TestASimulationRefusesARuleAndSaysWhy(t *testing.T) {
	_, err := query.New(newShelf(t), nil, query.Config{}).Simulate(t.Context(), query.SimulationQuery{
		Rules: []roentgen.Rule{ruleFor("bad", "*", 1, 0, 2)},
	})
	if roentgen.KindOf(err) != roentgen.Invalid || !strings.Contains(err.Error(), "FixedRate is 2") {
		t.Errorf("got %v", err)
	}
}
