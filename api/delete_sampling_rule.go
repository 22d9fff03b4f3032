package api

import "context"

type deleteSamplingRuleRequest struct{ ruleRef }

// deleteSamplingRule answers the rule as it was.
func (a *API) deleteSamplingRule(ctx context.Context, in *deleteSamplingRuleRequest) (*samplingRuleRecordResponse, error) {
	return a.answerRule(a.cfg.Rules.Delete(ctx, in.ref()))
}
