package api

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

type updateSamplingRuleRequest struct {
	SamplingRuleUpdate *samplingRuleUpdate
}

type samplingRuleUpdate struct {
	ruleRef
	samplingRuleChange
}

type ruleRef struct{ RuleName, RuleARN string }

func (r ruleRef) ref() sampling.Ref { return sampling.Ref{Name: r.RuleName, ARN: r.RuleARN} }

// updateSamplingRule leaves alone what the request does not name.
func (a *API) updateSamplingRule(ctx context.Context, in *updateSamplingRuleRequest) (*samplingRuleRecordResponse, error) {
	if in.SamplingRuleUpdate == nil {
		return nil, roentgen.Invalidf("SamplingRuleUpdate is needed")
	}
	change, err := in.SamplingRuleUpdate.change()
	if err != nil {
		return nil, err
	}
	return a.answerRule(a.cfg.Rules.Update(ctx, in.SamplingRuleUpdate.ref(), change))
}
