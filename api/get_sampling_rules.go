package api

import (
	"context"
	"fmt"

	"github.com/roentgen/roentgen"
)

type getSamplingRulesRequest struct {
	NextToken *string
}

type getSamplingRulesResponse struct {
	SamplingRuleRecords []samplingRuleRecord
}

type samplingRuleRecord struct {
	SamplingRule          samplingRule
	CreatedAt, ModifiedAt epoch
}

// samplingRule has every member always: official SDKs drop a rule that lacks
// one, Node also one without the empty Attributes.
type samplingRule struct {
	RuleName, RuleARN, ResourceARN                      string
	Priority                                            int
	FixedRate                                           float64
	ReservoirSize                                       int
	ServiceName, ServiceType, Host, HTTPMethod, URLPath string
	Version                                             int
	Attributes                                          map[string]string
	SamplingRateBoost                                   *samplingRateBoost `json:",omitempty"`
}

type samplingRateBoost struct {
	MaxRate               *float64
	CooldownWindowMinutes *int
}

func boostOf(b *roentgen.RateBoost) *samplingRateBoost {
	if b == nil {
		return nil
	}
	return &samplingRateBoost{&b.MaxRate, &b.CooldownMinutes}
}

// rate returns what a request says; an error where it says half.
func (b *samplingRateBoost) rate() (*roentgen.RateBoost, error) {
	if b == nil {
		return nil, nil
	}
	if b.MaxRate == nil || b.CooldownWindowMinutes == nil {
		return nil, roentgen.Invalidf("SamplingRateBoost needs MaxRate and CooldownWindowMinutes")
	}
	return &roentgen.RateBoost{MaxRate: *b.MaxRate, CooldownMinutes: *b.CooldownWindowMinutes}, nil
}

// getSamplingRules answers all rules in one page: no SDK follows a token.
func (a *API) getSamplingRules(ctx context.Context, in *getSamplingRulesRequest) (*getSamplingRulesResponse, error) {
	if in.NextToken != nil && *in.NextToken != "" {
		return nil, roentgen.Invalidf("NextToken is not one that this action gave: all rules come in one page")
	}
	rules, err := a.cfg.Sampling.Rules(ctx)
	if err != nil {
		return nil, fmt.Errorf("read sampling rules: %w", err)
	}
	out := &getSamplingRulesResponse{SamplingRuleRecords: []samplingRuleRecord{}}
	for _, r := range rules {
		out.SamplingRuleRecords = append(out.SamplingRuleRecords, a.ruleRecord(r))
	}
	return out, nil
}

func (a *API) ruleRecord(r roentgen.Rule) samplingRuleRecord {
	arn := r.ARN
	if arn == "" {
		arn = fmt.Sprintf("arn:aws:xray:%s:%s:sampling-rule/%s", a.cfg.Region, a.cfg.Account, r.Name)
	}
	attributes := r.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	return samplingRuleRecord{
		SamplingRule: samplingRule{
			RuleName: r.Name, RuleARN: arn, ResourceARN: r.ResourceARN,
			Priority: r.Priority, FixedRate: r.FixedRate, ReservoirSize: r.ReservoirSize,
			ServiceName: r.ServiceName, ServiceType: r.ServiceType, Host: r.Host,
			HTTPMethod: r.HTTPMethod, URLPath: r.URLPath, Version: r.Version, Attributes: attributes, SamplingRateBoost: boostOf(r.Boost),
		},
		CreatedAt: epoch(r.CreatedAt), ModifiedAt: epoch(r.ModifiedAt),
	}
}
