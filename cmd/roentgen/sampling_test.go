package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPercentAndAmount(t *testing.T) {
	for got, want := range map[string]string{
		percent(1, 3): "33.33 %", percent(0, 0): "–", percent(0.05, 1): "5 %",
		amount(4.75): "4.8", amount(1234.5678): "1235", amount(3): "3", amount(0): "0", amount(0.003): "< 0.1",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestAMistakeIsFoundBeforeTheServerIsAsked: no server runs at this address.
func TestAMistakeIsFoundBeforeTheServerIsAsked(t *testing.T) {
	dir := t.TempDir()
	rules, triggers := dir+"/rules.json", dir+"/triggers.yaml"
	write(t, rules, `[{"RuleName":"a","Priority":1,"FixedRate":7}]`)
	write(t, triggers, "version: 1\ntriggers:\n- name: slow\n  when: slower then 2s\n")
	for want, args := range map[string][]string{
		"FixedRate is 7": {rules},
		"slower then 2s": {"--triggers", triggers},
		"no such file":   {dir + "/none.json"},
	} {
		c := newSamplingCommand(around{time.Now, func(string) string { return "" }})
		c.SetArgs(append([]string{"simulate", "--server", "127.0.0.1:1"}, args...))
		c.SilenceErrors, c.SilenceUsage = true, true
		err := c.ExecuteContext(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}

// TestWhatElseARuleAsksForIsShown: without it a rule with attributes looks like
// one that matches everything.
func TestWhatElseARuleAsksForIsShown(t *testing.T) {
	rule := func(name, more string) string {
		return `{"SamplingRule":{"RuleName":"` + name + `","Priority":1,"FixedRate":0.5,"ReservoirSize":1,"Version":1` + more + `}}`
	}
	show := func(rules ...string) string {
		t.Helper()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"SamplingRuleRecords":[%s]}`, strings.Join(rules, ","))
		}))
		defer s.Close()
		var out bytes.Buffer
		c := newSamplingCommand(around{time.Now, func(string) string { return "" }})
		c.SetArgs([]string{"rules", "--server", s.URL, "--output", "table"})
		c.SetOut(&out)
		if err := c.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got := show(rule("plain", "")); strings.Contains(got, "ONLY") || !strings.Contains(got, "plain") {
		t.Errorf("a rule that asks for nothing else:\n%s", got)
	}
	got := show(rule("plain", ""), rule("more", `,"ServiceType":"AWS::EC2::Instance","Attributes":{"tier":"gold"},"SamplingRateBoost":{"MaxRate":0.8,"CooldownWindowMinutes":1}`))
	if !strings.Contains(got, "tier=gold, type AWS::EC2::Instance, boost to 80 %") {
		t.Errorf("%s", got)
	}
}
