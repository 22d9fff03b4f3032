package api

import (
	"context"
	"encoding/json"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

type createSamplingRuleRequest struct {
	SamplingRule *newSamplingRule
	Tags         []json.RawMessage
}

// newSamplingRule has pointers where X-Ray demands the member, and 0 is legal.
type newSamplingRule struct {
	RuleName, RuleARN string
	samplingRuleChange
	Version *int
}

type samplingRuleRecordResponse struct {
	SamplingRuleRecord samplingRuleRecord
}

// createSamplingRule refuses tags instead of forgetting them.
func (a *API) createSamplingRule(ctx context.Context, in *createSamplingRuleRequest) (*samplingRuleRecordResponse, error) {
	switch r := in.SamplingRule; {
	case len(in.Tags) > 0:
		return nil, roentgen.Invalidf("this version of Roentgen keeps no tags; create the rule without Tags")
	case r == nil:
		return nil, roentgen.Invalidf("SamplingRule is needed")
	case r.RuleName == "" || r.RuleARN != "":
		return nil, roentgen.Invalidf("RuleName is needed, and no RuleARN: a new rule gets its ARN from its name")
	case r.Version == nil || r.Priority == nil || r.FixedRate == nil || r.ReservoirSize == nil:
		return nil, roentgen.Invalidf("Version, Priority, FixedRate and ReservoirSize are needed")
	case r.ServiceName == nil || r.ServiceType == nil || r.Host == nil || r.HTTPMethod == nil || r.URLPath == nil || r.ResourceARN == nil:
		return nil, roentgen.Invalidf("ServiceName, ServiceType, Host, HTTPMethod, URLPath and ResourceARN are needed; * matches everything")
	}
	change, err := in.SamplingRule.change()
	if err != nil {
		return nil, err
	}
	rule := roentgen.Rule{
		Name: in.SamplingRule.RuleName, Version: *in.SamplingRule.Version,
		Priority: *change.Priority, FixedRate: *change.FixedRate, ReservoirSize: *change.ReservoirSize,
		ServiceName: *change.ServiceName, ServiceType: *change.ServiceType, Host: *change.Host,
		HTTPMethod: *change.HTTPMethod, URLPath: *change.URLPath, ResourceARN: *change.ResourceARN,
		Attributes: change.Attributes, Boost: change.Boost,
	}
	return a.answerRule(a.cfg.Rules.Create(ctx, rule))
}

func (a *API) answerRule(rule roentgen.Rule, err error) (*samplingRuleRecordResponse, error) {
	if err != nil {
		return nil, err
	}
	return &samplingRuleRecordResponse{a.ruleRecord(rule)}, nil
}

// samplingRuleChange is the members that can change; nil: not named.
type samplingRuleChange struct {
	Priority, ReservoirSize *int
	FixedRate               *float64

	ServiceName, ServiceType, Host, HTTPMethod, URLPath, ResourceARN *string

	Attributes        map[string]string
	SamplingRateBoost *samplingRateBoost
}

func (c samplingRuleChange) change() (sampling.Change, error) {
	boost, err := c.SamplingRateBoost.rate()
	return sampling.Change{
		Priority: c.Priority, ReservoirSize: c.ReservoirSize, FixedRate: c.FixedRate,
		ServiceName: c.ServiceName, ServiceType: c.ServiceType, Host: c.Host,
		HTTPMethod: c.HTTPMethod, URLPath: c.URLPath, ResourceARN: c.ResourceARN,
		Attributes: c.Attributes, Boost: boost,
	}, err
}
