package sampling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/roentgen/roentgen"
)

// ReadRules reads rules from JSON as people have them: what GetSamplingRules
// answers (SamplingRuleRecords), a list of rules, one rule, in X-Ray's names of
// members, or the file of local rules of X-Ray's SDKs (version 1 or 2). A
// pattern that is not there is *, and a version that is not there is 1. Each
// rule is checked. Errors are of kind Invalid.
func ReadRules(text []byte) ([]roentgen.Rule, error) {
	rules, err := readRules(text)
	if err != nil {
		return nil, roentgen.Invalidf("read sampling rules: %v", err)
	}
	if len(rules) == 0 {
		return nil, roentgen.Invalidf("read sampling rules: there is none; give what GetSamplingRules answers, a list of rules, or a file of local rules")
	}
	for _, r := range rules {
		if err := Check(r); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

func readRules(text []byte) ([]roentgen.Rule, error) {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '[' {
		return readList(text)
	}
	var doc struct {
		SamplingRuleRecords []json.RawMessage
		SamplingRules       json.RawMessage
		SamplingRule        json.RawMessage
		RuleName            string
		Version             json.Number     `json:"version"`
		Default             json.RawMessage `json:"default"`
		Rules               json.RawMessage `json:"rules"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, inWords(err)
	}
	switch {
	case doc.SamplingRuleRecords != nil:
		return readAll(doc.SamplingRuleRecords)
	case doc.SamplingRules != nil:
		return readList(doc.SamplingRules)
	case doc.SamplingRule != nil:
		return readAll([]json.RawMessage{doc.SamplingRule})
	case doc.Default != nil:
		return readLocal(doc.Version.String(), doc.Default, doc.Rules)
	case doc.RuleName != "":
		return readAll([]json.RawMessage{text})
	}
	return nil, nil
}

func readList(text json.RawMessage) ([]roentgen.Rule, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, inWords(err)
	}
	return readAll(list)
}

// readAll reads rules, each by itself or within a record.
func readAll(list []json.RawMessage) ([]roentgen.Rule, error) {
	var rules []roentgen.Rule
	for i, text := range list {
		var record struct{ SamplingRule json.RawMessage }
		if err := json.Unmarshal(text, &record); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, inWords(err))
		}
		if record.SamplingRule != nil {
			text = record.SamplingRule
		}
		r, err := readRule(text)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func readRule(text json.RawMessage) (roentgen.Rule, error) {
	in := struct {
		RuleName, RuleARN, ResourceARN, ServiceName, ServiceType, Host, HTTPMethod, URLPath string
		Priority                                                                            *int
		FixedRate                                                                           *float64
		ReservoirSize, Version                                                              int
		Attributes                                                                          map[string]string
		SamplingRateBoost                                                                   *struct {
			MaxRate               float64
			CooldownWindowMinutes int
		}
		CreatedAt, ModifiedAt any
	}{ResourceARN: "*", ServiceName: "*", ServiceType: "*", Host: "*", HTTPMethod: "*", URLPath: "*", Version: onlyVersion}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return roentgen.Rule{}, inWords(err)
	}
	if in.Priority == nil || in.FixedRate == nil {
		return roentgen.Rule{}, fmt.Errorf("%q needs Priority and FixedRate", in.RuleName)
	}
	r := roentgen.Rule{
		Name: in.RuleName, ARN: in.RuleARN, Priority: *in.Priority, FixedRate: *in.FixedRate, ReservoirSize: in.ReservoirSize,
		ServiceName: in.ServiceName, ServiceType: in.ServiceType, Host: in.Host, HTTPMethod: in.HTTPMethod, URLPath: in.URLPath,
		ResourceARN: in.ResourceARN, Attributes: in.Attributes, Version: in.Version,
	}
	if b := in.SamplingRateBoost; b != nil {
		r.Boost = &roentgen.RateBoost{MaxRate: b.MaxRate, CooldownMinutes: b.CooldownWindowMinutes}
	}
	return r, nil
}

// localRule is a rule of the file that X-Ray's SDKs read.
type localRule struct {
	Description string   `json:"description"`
	Host        string   `json:"host"`         // version 2
	ServiceName string   `json:"service_name"` // version 1, and matched with the host as well
	HTTPMethod  string   `json:"http_method"`
	URLPath     string   `json:"url_path"`
	FixedTarget *int     `json:"fixed_target"`
	Rate        *float64 `json:"rate"`
}

// readLocal is as strict as the SDKs are, which refuse the whole file: a
// misspelt rate would be a rate of 0.
func readLocal(version string, fallback, list json.RawMessage) ([]roentgen.Rule, error) {
	if version != "1" && version != "2" {
		return nil, fmt.Errorf("a file of local rules has the version 1 or 2, this one %q", version)
	}
	d, err := readLocalRule(fallback)
	if err != nil {
		return nil, fmt.Errorf("default: %w", err)
	}
	var texts []json.RawMessage
	if list != nil {
		if err := json.Unmarshal(list, &texts); err != nil {
			return nil, fmt.Errorf("rules: %w", inWords(err))
		}
	}
	rules := make([]roentgen.Rule, 0, len(texts)+1)
	for i, text := range texts {
		r, err := readLocalRule(text)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		r.Name, r.Priority = fmt.Sprintf("local-%d", i+1), i+1
		rules = append(rules, r)
	}
	if d.Host != "*" || d.HTTPMethod != "*" || d.URLPath != "*" {
		return nil, errors.New("default: it holds for what no rule matches, and has fixed_target and rate alone")
	}
	return append(rules, d), nil
}

// readLocalRule returns the rule under the name and the priority of Default.
func readLocalRule(text json.RawMessage) (roentgen.Rule, error) {
	var l localRule
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return roentgen.Rule{}, inWords(err)
	}
	if l.FixedTarget == nil || l.Rate == nil {
		return roentgen.Rule{}, errors.New("fixed_target (traces a second) and rate (0 to 1) are needed")
	}
	r := roentgen.DefaultRule()
	r.ReservoirSize, r.FixedRate = *l.FixedTarget, *l.Rate
	for to, from := range map[*string]string{&r.Host: l.Host + l.ServiceName, &r.HTTPMethod: l.HTTPMethod, &r.URLPath: l.URLPath} {
		if from != "" {
			*to = from
		}
	}
	return r, nil
}

// inWords tells of a wrong type in the words of JSON instead of Go's.
func inWords(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	want := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Int: "a whole number", reflect.Float64: "a number", reflect.Slice: "a list",
	}[wrong.Type.Kind()]
	if want == "" {
		want = "an object"
	}
	if wrong.Field == "" {
		return fmt.Errorf("a JSON %s stands where %s should", wrong.Value, want)
	}
	return fmt.Errorf("%s is a JSON %s and has to be %s", wrong.Field, wrong.Value, want)
}
