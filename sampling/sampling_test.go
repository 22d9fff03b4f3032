package sampling_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

var start = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// shelf keeps records in memory, by the rules of a state store.
type shelf struct{ records []sampling.Record }

func (s *shelf) at(name string) int {
	return slices.IndexFunc(s.records, func(r sampling.Record) bool { return r.Name == name })
}

func (s *shelf) List(context.Context) ([]sampling.Record, error) { return slices.Clone(s.records), nil }

func (s *shelf) Put(_ context.Context, name string, value []byte, version uint64) error {
	i := s.at(name)
	switch {
	case i < 0 && version == 0:
		s.records = append(s.records, sampling.Record{Name: name, Value: value, Version: 1})
	case i < 0 || s.records[i].Version != version:
		return roentgen.Conflictf("version of %s is another", name)
	default:
		s.records[i] = sampling.Record{Name: name, Value: value, Version: version + 1}
	}
	return nil
}

func (s *shelf) Delete(_ context.Context, name string, version uint64) error {
	i := s.at(name)
	if i < 0 || s.records[i].Version != version {
		return roentgen.Conflictf("version of %s is another", name)
	}
	s.records = slices.Delete(s.records, i, i+1)
	return nil
}

// book returns a rulebook with these rules, and its clock.
func book(t *testing.T, rules ...roentgen.Rule) (*sampling.Rulebook, *roentgen.Time) {
	t.Helper()
	now := roentgen.At(start)
	b := sampling.NewRulebook(&shelf{}, 0, func() roentgen.Time { return now })
	for _, r := range rules {
		if _, err := b.Create(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return b, &now
}

func rule(name string, priority, reservoir int) roentgen.Rule {
	r := roentgen.DefaultRule()
	r.Name, r.Priority, r.ReservoirSize = name, priority, reservoir
	return r
}

func names(rules []roentgen.Rule) string {
	var out []string
	for _, r := range rules {
		out = append(out, r.Name)
	}
	return strings.Join(out, " ")
}

func TestRulesComeByPriorityThenNameWithDefaultLast(t *testing.T) {
	b, now := book(t)
	*now = roentgen.At(start.Add(time.Hour))
	for _, r := range []roentgen.Rule{rule("b", 5, 1), rule("z", 1, 1), rule("a", 5, 1)} {
		if _, err := b.Create(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	rules, modified, err := b.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := names(rules); got != "z a b Default" {
		t.Errorf("rules %s", got)
	}
	if modified != roentgen.At(start.Add(time.Hour)) {
		t.Errorf("last modification %v", modified.Time())
	}
}

func TestNobodyHasEditedUntilARuleIsMadeOrDefaultChanged(t *testing.T) {
	edited := func(b *sampling.Rulebook) bool {
		yes, err := b.Edited(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	b, _ := book(t)
	if edited(b) {
		t.Error("edited, though nobody did anything")
	}
	rate := 0.5
	r, err := b.Update(t.Context(), sampling.Ref{Name: "Default"}, sampling.Change{FixedRate: &rate})
	if err != nil || r.FixedRate != 0.5 || r.ReservoirSize != 1 || !edited(b) {
		t.Errorf("%+v, %v, edited %v", r, err, edited(b))
	}
	if b, _ := book(t, rule("own", 1, 0)); !edited(b) {
		t.Error("not edited, though there is a rule")
	}
}

func TestUpdateChangesWhatIsNamedAndDeletionIsAModification(t *testing.T) {
	b, now := book(t, rule("own", 7, 3))
	*now = roentgen.At(start.Add(time.Minute))
	method := "POST"
	arn := "arn:aws:xray:ap-south-1:000000000000:sampling-rule/own"
	r, err := b.Update(t.Context(), sampling.Ref{ARN: arn}, sampling.Change{HTTPMethod: &method})
	if err != nil || r.HTTPMethod != "POST" || r.Priority != 7 || r.CreatedAt != roentgen.At(start) || r.ModifiedAt != *now {
		t.Errorf("%+v, %v", r, err)
	}
	*now = roentgen.At(start.Add(time.Hour))
	if gone, err := b.Delete(t.Context(), sampling.Ref{Name: "own"}); err != nil || gone.HTTPMethod != "POST" {
		t.Errorf("%+v, %v", gone, err)
	}
	rules, modified, err := b.Rules(t.Context())
	if err != nil || names(rules) != "Default" || modified != *now {
		t.Errorf("%s, modified %v, %v", names(rules), modified.Time(), err)
	}
}

func TestAChangeIsRefusedWithItsReason(t *testing.T) {
	b, _ := book(t, rule("own", 7, 3))
	bad, method, priority := 1.5, "POST", 5
	for want, err := range map[string]error{
		"FixedRate is 1.5":           second(b.Update(t.Context(), sampling.Ref{Name: "own"}, sampling.Change{FixedRate: &bad})),
		"HTTPMethod of Default is *": second(b.Update(t.Context(), sampling.Ref{Name: "Default"}, sampling.Change{HTTPMethod: &method})),
		"Default has the priority":   second(b.Update(t.Context(), sampling.Ref{Name: "Default"}, sampling.Change{Priority: &priority})),
		"Default cannot be deleted":  second(b.Delete(t.Context(), sampling.Ref{Name: "Default"})),
		"no sampling rule \"gone\"":  second(b.Delete(t.Context(), sampling.Ref{Name: "gone"})),
		"both given":                 second(b.Delete(t.Context(), sampling.Ref{Name: "own", ARN: "x"})),
		"already":                    second(b.Create(t.Context(), rule("own", 1, 1))),
		"Default is there already":   second(b.Create(t.Context(), roentgen.DefaultRule())),
		"Priority is 0":              second(b.Create(t.Context(), rule("new", 0, 1))),
		"another name":               second(b.Create(t.Context(), rule("Forced", 1, 1))),
		"33 characters":              second(b.Create(t.Context(), rule(strings.Repeat("n", 33), 1, 1))),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("want %q of kind invalid, got %v", want, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestThereAreNoMoreRulesThanAllowed(t *testing.T) {
	b, _ := book(t)
	for i := range 25 {
		if _, err := b.Create(t.Context(), rule(fmt.Sprint("r", i), 1, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Create(t.Context(), rule("one-more", 1, 1)); !errors.Is(err, sampling.ErrTooManyRules) {
		t.Errorf("the 26th: %v", err)
	}
}

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	post := rule("post", 2, 0)
	post.HTTPMethod, post.URLPath = "POST", "/fir/*"
	tenant := rule("tenant", 1, 0)
	tenant.Attributes = map[string]string{"tenant": "gold-?"}
	rules := []roentgen.Rule{roentgen.DefaultRule(), post, tenant}
	for want, r := range map[string]sampling.Request{
		"post":    {Service: "a", Method: "post", Path: "/FIR/7"},
		"tenant":  {Method: "GET", Path: "/", Attributes: map[string]string{"tenant": "Gold-1"}},
		"Default": {Method: "POST", Path: "/firs", Attributes: map[string]string{"tenant": "gold-12"}},
	} {
		if got, ok := sampling.Match(rules, r); !ok || got.Name != want {
			t.Errorf("%+v: %s, want %s", r, got.Name, want)
		}
	}
	if got, _ := sampling.Match(rules, sampling.Request{Service: "what is not known matches"}); got.Name != "post" {
		t.Errorf("a request of which only the service is known: %s", got.Name)
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"?", "", false}, {"?", "ह", true}, {"a*c", "abcbc", true},
		{"a*c", "abcb", false}, {"*a*b*", "xxaxxbxx", true}, {"*.gov.in", "Police.GOV.in", true}, {"a?c*", "abc", true}, {"**", "x", true},
	} {
		if got := sampling.Wildcard(c.pattern, c.text); got != c.want {
			t.Errorf("Wildcard(%q, %q) = %v", c.pattern, c.text, got)
		}
	}
}

func TestAReportIsRefusedAndSaysWhy(t *testing.T) {
	b, _ := book(t)
	s := sampling.New(b, sampling.Config{Now: func() time.Time { return start }})
	a, err := s.Report(t.Context(), []sampling.Statistics{
		{Rule: "gone", Client: "a", At: roentgen.At(start)},
		{Rule: "Default", Client: "a", At: roentgen.At(start.Add(-time.Hour))},
	}, []sampling.BoostStatistics{{Rule: "Default", Service: "s", At: roentgen.At(start), Anomalies: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Unprocessed) != 2 || a.Unprocessed[0].Code != "404" || a.Unprocessed[1].Code != "400" || len(a.Targets) != 0 || len(a.UnprocessedBoost) != 1 {
		t.Errorf("answer %+v", a)
	}
}

func TestMoreClientsThanRememberedGetNoLease(t *testing.T) {
	b, _ := book(t)
	s := sampling.New(b, sampling.Config{MaxClients: 1, Now: func() time.Time { return start }})
	for _, client := range []string{"a", "b"} {
		a, err := s.Report(t.Context(), []sampling.Statistics{{Rule: "Default", Client: client, At: roentgen.At(start), Requests: 5}}, nil)
		if err != nil || len(a.Targets) != 1 || a.Targets[0].FixedRate != 0.05 || (a.Targets[0].QuotaEnds == 0) != (client == "b") {
			t.Errorf("client %s: answer %+v, %v", client, a, err)
		}
	}
}

func TestStatisticsAreSummedInTensOfSeconds(t *testing.T) {
	b, _ := book(t)
	now := start
	s := sampling.New(b, sampling.Config{Now: func() time.Time { return now }})
	for i := range 4 {
		now = start.Add(time.Duration(i) * 5 * time.Second)
		_, err := s.Report(t.Context(), []sampling.Statistics{{Rule: "Default", Client: fmt.Sprint(i), At: roentgen.At(now), Requests: 10, Sampled: 2, Borrowed: 1}}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	want := fmt.Sprint([]sampling.Summary{
		{Rule: "Default", At: roentgen.At(start), Requests: 20, Sampled: 4, Borrowed: 2},
		{Rule: "Default", At: roentgen.At(start.Add(10 * time.Second)), Requests: 20, Sampled: 4, Borrowed: 2},
	})
	if got := fmt.Sprint(s.Counted()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	now = start.Add(2 * time.Hour)
	if got := s.Counted(); len(got) != 0 {
		t.Errorf("an hour later there are still %v", got)
	}
}

func TestABoostLastsAMinuteAndCools(t *testing.T) {
	r := rule("own", 1, 0)
	r.FixedRate, r.Boost = 0.01, &roentgen.RateBoost{MaxRate: 0.25, CooldownMinutes: 5}
	b, _ := book(t, r)
	now := start
	s := sampling.New(b, sampling.Config{Now: func() time.Time { return now }})
	boosted := func(anomalies, sampled int) float64 {
		a, err := s.Report(t.Context(), []sampling.Statistics{{Rule: "own", Client: "c", At: roentgen.At(now), Requests: 1}},
			[]sampling.BoostStatistics{{Rule: "own", Service: "s", At: roentgen.At(now), Anomalies: anomalies, SampledAmong: sampled}})
		if err != nil {
			t.Fatal(err)
		}
		return a.Targets[0].BoostRate
	}
	for _, step := range []struct {
		after              time.Duration
		anomalies, sampled int
		want               float64
	}{
		{0, 3, 3, 0}, // all were recorded
		{10 * time.Second, 8, 0, 0.125},
		{30 * time.Second, 1, 0, 0.125},  // the first one stands
		{90 * time.Second, 1, 0, 0},      // over, and cooling
		{6 * time.Minute, 1, 0, 0.25},    // no more than the rule allows
		{20 * time.Minute, 1000, 0, 0},   // below the rule's own rate
		{30 * time.Minute, 100, 50, .02}, // of those that were missed
	} {
		now = start.Add(step.after)
		if got := boosted(step.anomalies, step.sampled); got != step.want {
			t.Errorf("after %s: boost %v, want %v", step.after, got, step.want)
		}
	}
}
