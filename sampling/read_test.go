package sampling_test

import (
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

const one = `{"RuleName":"firs","Priority":3,"FixedRate":0.1,"ReservoirSize":0,"URLPath":"/fir/*"}`

func TestRulesAreReadInEveryFormThatPeopleHave(t *testing.T) {
	for name, text := range map[string]string{
		"what GetSamplingRules answers": `{"SamplingRuleRecords":[{"SamplingRule":` + one + `,"CreatedAt":1}]}`,
		"a list":                        `[` + one + `]`,
		"one rule":                      one,
		"what CreateSamplingRule takes": `{"SamplingRule":` + one + `}`,
		"SamplingRules":                 `{"SamplingRules":[` + one + `]}`,
	} {
		rules, err := sampling.ReadRules([]byte(text))
		if err != nil || len(rules) != 1 || rules[0].Name != "firs" || rules[0].URLPath != "/fir/*" || rules[0].Host != "*" || rules[0].FixedRate != 0.1 {
			t.Errorf("%s: %+v, %v", name, rules, err)
		}
	}
}

func TestTheFileOfLocalRulesIsRead(t *testing.T) {
	rules, err := sampling.ReadRules([]byte(`{"version":2,"default":{"fixed_target":1,"rate":0.05},
		"rules":[{"description":"checkout","host":"*.shop.test","http_method":"POST","url_path":"/checkout/*","fixed_target":5,"rate":0.5}]}`))
	if err != nil || names(rules) != "local-1 Default" {
		t.Fatalf("%s, %v", names(rules), err)
	}
	got, _ := sampling.Match(rules, sampling.Request{Host: "a.shop.test", Method: "POST", Path: "/checkout/1"})
	if got.Name != "local-1" || got.ReservoirSize != 5 || got.FixedRate != 0.5 {
		t.Errorf("%+v", got)
	}
}

func TestRulesThatCannotBeReadAreRefusedAndSayWhy(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                        "unexpected end",
		`{}`:                       "there is none",
		`[{"RuleName":"a"}]`:       "needs Priority and FixedRate",
		`[{"RuleName":"a","X":1}]`: `unknown field "X"`,
		`{"version":3,"default":{"fixed_target":1,"rate":1}}`:    "version 1 or 2",
		`{"RuleName":"a","Priority":1,"FixedRate":7,"Host":"*"}`: "FixedRate is 7",
	} {
		if _, err := sampling.ReadRules([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%s: %v, want %q of kind invalid", text, err, want)
		}
	}
}
