package sampling_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

var start = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// stored serves rules as a state store holds them.
func stored(t *testing.T, rules ...roentgen.Rule) *sampling.StoredRules {
	t.Helper()
	return sampling.NewStoredRules(roentgen.At(start), func(context.Context) (values [][]byte, err error) {
		for _, r := range rules {
			v, err := sampling.MarshalRule(r)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		return values, nil
	})
}

func rule(name string, priority, reservoir int) roentgen.Rule {
	r := roentgen.DefaultRule()
	r.Name, r.Priority, r.ReservoirSize = name, priority, reservoir
	r.ModifiedAt = roentgen.At(start.Add(time.Hour))
	return r
}

func TestRulesComeByPriorityThenNameWithDefaultLast(t *testing.T) {
	rules, modified, err := stored(t, rule("b", 5, 1), rule("z", 1, 1), rule("a", 5, 1)).Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	if got := fmt.Sprint(names); got != "[z a b Default]" {
		t.Errorf("rules %s", got)
	}
	if modified != roentgen.At(start.Add(time.Hour)) {
		t.Errorf("last modification %v", modified.Time())
	}
}

func TestAStoredDefaultReplacesTheBuiltInOne(t *testing.T) {
	edited := rule("Default", 10000, 7)
	rules, _, err := stored(t, edited).Rules(t.Context())
	if err != nil || len(rules) != 1 || rules[0].ReservoirSize != 7 {
		t.Errorf("rules %+v, %v", rules, err)
	}
}

// report polls once for each client and returns the quotas.
func report(t *testing.T, s *sampling.Service, now time.Time, rule string, clients ...string) []int {
	t.Helper()
	var quotas []int
	for _, c := range clients {
		a, err := s.Report(t.Context(), []sampling.Statistics{{Rule: rule, Client: c, At: roentgen.At(now)}})
		if err != nil {
			t.Fatal(err)
		}
		quotas = append(quotas, a.Targets[0].Quota)
	}
	return quotas
}

func TestReservoirIsSharedOverActiveClients(t *testing.T) {
	now := start
	s := sampling.New(stored(t, rule("r", 1, 10)), sampling.Config{Now: func() time.Time { return now }})
	clients := []string{"a", "b", "c", "d"}
	report(t, s, now, "r", clients...) // now all four are known
	sum := 0
	for _, q := range report(t, s, now, "r", clients...) {
		if q < 2 || q > 3 {
			t.Errorf("a quota of %d; 10 over 4 clients are 2 or 3", q)
		}
		sum += q
	}
	if sum != 10 {
		t.Errorf("quotas add up to %d, want the reservoir of 10", sum)
	}
	now = now.Add(31 * time.Second)
	if q := report(t, s, now, "r", "a"); q[0] != 10 {
		t.Errorf("alone after the others fell silent a client gets %d, want 10", q[0])
	}
}

func TestASmallReservoirServesEveryClientInTurn(t *testing.T) {
	now := start
	s := sampling.New(stored(t, rule("r", 1, 1)), sampling.Config{Now: func() time.Time { return now }})
	clients := []string{"a", "b", "c"}
	served := map[string]int{}
	for range 9 {
		report(t, s, now, "r", clients...)
		for i, q := range report(t, s, now, "r", clients...) {
			served[clients[i]] += q
		}
		now = now.Add(time.Minute)
		report(t, s, now, "r", clients...)
	}
	for _, c := range clients {
		if served[c] != 3 {
			t.Errorf("client %s was served %d times in 9 leases, want 3", c, served[c])
		}
	}
}

func TestAReportIsRefusedWithItsReason(t *testing.T) {
	s := sampling.New(stored(t), sampling.Config{Now: func() time.Time { return start }})
	a, err := s.Report(t.Context(), []sampling.Statistics{
		{Rule: "gone", Client: "a", At: roentgen.At(start)},
		{Rule: "Default", Client: "a", At: roentgen.At(start.Add(-time.Hour))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Unprocessed) != 2 || a.Unprocessed[0].Code != "404" || a.Unprocessed[1].Code != "400" || len(a.Targets) != 0 {
		t.Errorf("answer %+v", a)
	}
}

func TestMoreClientsThanRememberedGetNoLease(t *testing.T) {
	s := sampling.New(stored(t), sampling.Config{MaxClients: 1, Now: func() time.Time { return start }})
	report(t, s, start, "Default", "a")
	a, err := s.Report(t.Context(), []sampling.Statistics{{Rule: "Default", Client: "b", At: roentgen.At(start)}})
	if err != nil || len(a.Targets) != 1 || a.Targets[0].QuotaEnds != 0 || a.Targets[0].FixedRate != 0.05 {
		t.Errorf("answer %+v, %v", a, err)
	}
}
