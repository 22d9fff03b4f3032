package test

import (
	"slices"
	"testing"
	"time"
)

// ruleNames are the rules that the page lists, in its order.
func (b *tab) ruleNames() []string {
	b.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('[data-testid=rules] [data-rule]')].map(e => e.dataset.rule)`)
}

// overwrite puts text into a field in the place of what is there.
func (b *tab) overwrite(field, text string) {
	b.Helper()
	b.click(field, "")
	b.selectAll()
	b.write(text)
}

// step is a part of a test that goes on in the same tab.
func (b *tab) step(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(inner *testing.T) {
		b.T = inner
		defer func() { b.T = t }()
		f(inner)
	})
}

// TestConsoleSampling makes a rule by the form, changes it, tries another in
// the simulator and deletes it.
func TestConsoleSampling(t *testing.T) {
	s := startServer(t, t.TempDir())
	sendSampled(t, s, time.Now().Add(-30*time.Second), 200)
	b := openTab(t, s, 1280, 900)
	b.open("#/sampling")
	b.see("[data-rule=Default]", "every request")
	b.see("[data-testid=no-reports]", "No SDK has reported")

	b.step(t, "a rule is made", func(t *testing.T) { testMakeRule(t, s, b) })
	b.step(t, "and changed", func(t *testing.T) { testChangeRule(t, s, b) })
	b.step(t, "what it did is shown", func(t *testing.T) { testRuleHour(t, s, b) })
	b.step(t, "other rules and triggers are tried on what is stored", func(t *testing.T) { testSimulator(t, s, b) })
	b.step(t, "the triggers of the agent are shown", func(t *testing.T) {
		b.click("[data-testid=view-triggers]", "")
		for _, want := range []string{"error", "fault", "throttle", "told", "1000/s"} {
			b.see("[data-testid=agent-triggers]", want)
		}
		checkAccessible(b, "triggers")
	})
	b.step(t, "a rule is deleted after a question", func(t *testing.T) { testDeleteRule(t, s, b) })
}

func testMakeRule(t *testing.T, s *server, b *tab) {
	b.press("n")
	b.see("dialog[open]", "New rule")
	b.wait("the name has the focus", `document.activeElement.id === 'rule-RuleName'`)
	b.click("[data-testid=save-rule]", "")
	b.see("#rule-RuleName-note", "1 to 32 characters")
	b.overwrite("#rule-RuleName", "payments")
	b.overwrite("#rule-Rate", "130")
	b.see("#rule-Rate-note", "from 0 to 100")
	b.overwrite("#rule-Rate", "12.5")
	b.overwrite("#rule-Reservoir", "3")
	b.overwrite("#rule-ServiceName", "shop*")
	checkAccessible(b, "the form of a rule")
	b.press("Enter") // as in any form
	b.see("[data-rule=payments]", "12.5 %")
	b.see("[data-rule=payments]", "shop*")
	b.gone("dialog", "")
	if got := b.ruleNames(); !slices.Equal(got, []string{"payments", "Default"}) {
		t.Errorf("the page lists %v", got)
	}
	if r := s.rule(t, "payments"); r.FixedRate != 0.125 || r.ReservoirSize != 3 || r.ServiceName != "shop*" || r.URLPath != "*" || r.Priority != 100 {
		t.Errorf("the server has %+v", r)
	}
	if deletable := eval[int](b, `document.querySelectorAll('[data-rule=Default] button').length`); deletable != 1 {
		t.Errorf("Default has %d buttons, want Edit alone", deletable)
	}
}

func testChangeRule(t *testing.T, s *server, b *tab) {
	b.click("[data-rule=payments] button", "Edit")
	b.see("dialog[open]", "Rule payments")
	b.overwrite("#rule-Rate", "50")
	b.click("button", "Add an attribute")
	b.click("[aria-label='Key 1']", "")
	b.write("tier")
	b.click("[data-testid=save-rule]", "")
	b.see("#rule-Attributes-note", "1 to 32 characters")
	b.click("[aria-label='Value 1']", "")
	b.write("gold")
	b.click("[data-testid=save-rule]", "")
	b.gone("dialog", "")
	b.see("[data-rule=payments]", "50 %")
	b.see("[data-rule=payments]", "gold")
	if r := s.rule(t, "payments"); r.FixedRate != 0.5 || r.ReservoirSize != 3 || r.Attributes["tier"] != "gold" {
		t.Errorf("the server has %+v", r)
	}
	b.step(t, "of Default rate and reservoir alone", func(t *testing.T) {
		b.click("[data-rule=Default] button", "Edit")
		b.see("dialog[open]", "Rule Default")
		if fields := eval[int](b, `document.querySelectorAll('dialog input').length`); fields != 2 {
			t.Errorf("the form of Default has %d fields", fields)
		}
		b.overwrite("#rule-Reservoir", "2")
		b.click("[data-testid=save-rule]", "")
		b.see("[data-rule=Default]", "2/s")
		if r := s.rule(t, "Default"); r.ReservoirSize != 2 || r.FixedRate != 0.05 {
			t.Errorf("the server has %+v", r)
		}
	})
	b.step(t, "what the server refuses is said as it says it", func(t *testing.T) {
		b.forgive("status of 400")
		b.click("[data-testid=new-rule]", "")
		b.overwrite("#rule-RuleName", "Forced")
		b.click("[data-testid=save-rule]", "")
		b.see("dialog [role=alert]", "stands for requests that a caller had recorded")
		b.press("Escape")
		b.gone("dialog", "")
	})
}

func testRuleHour(t *testing.T, s *server, b *tab) {
	var answer map[string]any
	s.post(t, "/SamplingTargets", map[string]any{"SamplingStatisticsDocuments": []map[string]any{{
		"RuleName": "payments", "ClientID": "0123456789abcdef01234567", "Timestamp": time.Now().Unix(), "RequestCount": 200, "SampledCount": 60, "BorrowCount": 5,
	}}}, &answer)
	b.click("button[aria-label=Refresh]", "")
	b.see("[data-rule=payments] .hour", "60 of 200 sampled (30 %), 5 borrowed")
	b.gone("[data-testid=no-reports]", "")
}

// testSimulator takes the triggers away and Default's rate to nothing: of the
// failing traces, which are all kept as it is, less would have been.
func testSimulator(t *testing.T, s *server, b *tab) {
	b.click("[data-testid=view-simulator]", "")
	b.see("[data-testid=draft-rules] [data-rule=payments]", "50 %")
	b.click("[data-testid=draft-rules] [data-rule=payments] button", "Take out")
	b.gone("[data-testid=draft-rules] [data-rule=payments]", "")
	b.click("[data-testid=draft-rules] [data-rule=Default] button", "Edit")
	b.overwrite("#rule-Rate", "0")
	b.overwrite("#rule-Reservoir", "0")
	b.click("[data-testid=save-rule]", "")
	b.gone("dialog", "")

	b.forgive("status of 400")
	b.overwrite("[data-testid=draft-triggers]", "version: 1\ntrigers: []\n")
	b.click("[data-testid=simulate]", "")
	b.see("[role=alert]", `line 2: the file has no key "trigers"`)

	b.overwrite("[data-testid=draft-triggers]", "version: 1\ntriggers: []\n")
	b.click("[data-testid=simulate]", "")
	b.see("[data-testid=simulation]", "What would have been kept")
	failing := eval[[]string](b, `[...document.querySelectorAll('[data-line="Failing traces kept"] td')].map(e => e.firstChild.textContent)`)
	if len(failing) != 2 || failing[0] != "4 (100 %)" || failing[1] != "0 (0 %)" {
		t.Errorf("failing traces kept: %q, want all four of them as it is, and none without triggers and rates", failing)
	}
	checkAccessible(b, "the simulator")
	if r := s.rule(t, "payments"); r.FixedRate != 0.5 {
		t.Errorf("after the simulation the server has %+v", r)
	}
}

func testDeleteRule(t *testing.T, s *server, b *tab) {
	b.click("[data-testid=view-rules]", "")
	b.click("[data-rule=payments] button", "Delete…")
	b.see("dialog[open]", "Delete this rule?")
	b.click("dialog button", "Keep it")
	b.gone("dialog", "")
	b.click("[data-rule=payments] button", "Delete…")
	b.click("[data-testid=really-delete]", "")
	b.gone("[data-rule=payments]", "")
	if got := b.ruleNames(); slices.Contains(got, "payments") {
		t.Errorf("the page lists %v", got)
	}
	if s.rule(t, "payments") != nil {
		t.Error("the server still has the rule")
	}
}

// listedRule is a rule as GetSamplingRules answers it.
type listedRule struct {
	RuleName, ServiceName, URLPath string
	Priority, ReservoirSize        int
	FixedRate                      float64
	Attributes                     map[string]string
}

// rule asks the server for a rule; nil: there is none.
func (s *server) rule(t *testing.T, name string) *listedRule {
	t.Helper()
	var answer struct {
		SamplingRuleRecords []struct{ SamplingRule listedRule }
	}
	s.post(t, "/GetSamplingRules", map[string]any{}, &answer)
	for _, r := range answer.SamplingRuleRecords {
		if r.SamplingRule.RuleName == name {
			return &r.SamplingRule
		}
	}
	return nil
}
