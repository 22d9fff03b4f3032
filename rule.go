package roentgen

// Rule is a sampling rule, with the members of X-Ray's SamplingRule. Patterns
// know * (any run) and ? (one character) and ignore case.
type Rule struct {
	Name, ARN     string
	Priority      int     // 1 to 9999, lower first; 10000 for Default
	FixedRate     float64 // 0 to 1, after the reservoir
	ReservoirSize int     // traces per second, all instances together

	ServiceName, ServiceType, Host, HTTPMethod, URLPath, ResourceARN string

	Attributes map[string]string
	Version    int // always 1
	// Boost lets the rate rise for a minute after failures that were not
	// recorded; nil: it does not.
	Boost *RateBoost `json:",omitempty"`

	CreatedAt, ModifiedAt Time
}

// RateBoost bounds how a rule's rate may rise (X-Ray: SamplingRateBoost).
type RateBoost struct {
	MaxRate         float64 // 0 to 1
	CooldownMinutes int     // 0 or more: how long after a boost began the next may begin
}

// DefaultRuleName is the rule that always exists and matches last.
const DefaultRuleName = "Default"

// ForcedRuleName is what our SDK names instead of a rule when an authenticated
// caller had a request recorded. No rule may have this name.
const ForcedRuleName = "Forced"

// DefaultRule returns X-Ray's Default rule as a new account has it: one
// request a second, then 5 %.
func DefaultRule() Rule {
	return Rule{
		Name: DefaultRuleName, Priority: 10000, FixedRate: 0.05, ReservoirSize: 1,
		ServiceName: "*", ServiceType: "*", Host: "*", HTTPMethod: "*", URLPath: "*", ResourceARN: "*",
		Version: 1,
	}
}
