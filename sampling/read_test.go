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
		`[1]`: "rule 1: a JSON number stands where an object should",
		`[{"RuleName":"a","Priority":1.5,"FixedRate":1}]`:                                     "rule 1: Priority is a JSON number 1.5 and has to be a whole number",
		`[{"RuleName":"a","Priority":1,"FixedRate":"1"}]`:                                     "FixedRate is a JSON string and has to be a number",
		`[{"RuleName":"a","Priority":1,"FixedRate":1,"ReservoirSize":4294967296}]`:            "2147483647 are the most",
		`[{"RuleName":"a\nb","Priority":1,"FixedRate":1}]`:                                    "control character",
		`{"version":2,"default":{"fixed_target":1,"raet":0.5}}`:                               `default: json: unknown field "raet"`,
		`{"version":2,"default":{"fixed_target":1}}`:                                          "default: fixed_target (traces a second) and rate (0 to 1) are needed",
		`{"version":2,"default":{"fixed_target":1,"rate":1},"rules":[{"host":"*"}]}`:          "rule 1: fixed_target",
		`{"version":2,"default":{"fixed_target":1,"rate":1},"rules":{"host":"*"}}`:            "rules: a JSON object stands where a list should",
		`{"version":2,"default":{"fixed_target":1,"rate":1},"rules":[{"host":7,"rate":0.1}]}`: "rule 1: host is a JSON number and has to be a string",
		`{"version":1,"default":{"fixed_target":1,"rate":1,"http_method":"GET"}}`:             "fixed_target and rate alone",
		`{"version":1,"default":{"fixed_target":-1,"rate":1}}`:                                "ReservoirSize is -1",
	} {
		if _, err := sampling.ReadRules([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%s: %v, want %q of kind invalid", text, err, want)
		}
	}
}
