package sampling

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// Bounds of a rule's members, in characters where they are texts (X-Ray's).
const (
	maxRuleName    = 32
	maxPriority    = 9999
	maxAttributes  = 5
	maxAttribute   = 32
	defaultRuleAt  = 10000 // priority of Default
	onlyVersion    = 1
	maxResourceARN = 500
	maxService     = 64
	maxMethod      = 10
	maxPath        = 128
)

// Check returns what is wrong with a rule that somebody wants to have; an error
// of kind Invalid.
func Check(r roentgen.Rule) error {
	if n := utf8.RuneCountInString(r.Name); n < 1 || n > maxRuleName {
		return roentgen.Invalidf("RuleName has %d characters; 1 to %d are allowed", n, maxRuleName)
	}
	if strings.ContainsFunc(r.Name, unicode.IsControl) {
		return roentgen.Invalidf("RuleName %q has a control character; it stands in metrics, logs and documents", r.Name)
	}
	if r.Name == roentgen.ForcedRuleName {
		return roentgen.Invalidf("RuleName %q stands for requests that a caller had recorded; choose another name", r.Name)
	}
	for _, err := range []error{checkPriority(r), checkRates(r), checkPatterns(r), checkAttributes(r.Attributes)} {
		if err != nil {
			return fmt.Errorf("sampling rule %s: %w", r.Name, err)
		}
	}
	return nil
}

func checkPriority(r roentgen.Rule) error {
	if r.Name == roentgen.DefaultRuleName {
		if r.Priority != defaultRuleAt {
			return roentgen.Invalidf("Default has the priority %d, always", defaultRuleAt)
		}
		return nil
	}
	if r.Priority < 1 || r.Priority > maxPriority {
		return roentgen.Invalidf("Priority is %d; 1 to %d are allowed, the lowest is tried first", r.Priority, maxPriority)
	}
	return nil
}

func checkRates(r roentgen.Rule) error {
	switch {
	case !(r.FixedRate >= 0 && r.FixedRate <= 1): // NaN too
		return roentgen.Invalidf("FixedRate is %v; 0 to 1 are allowed: 0.1 records one request in ten", r.FixedRate)
	case r.ReservoirSize < 0:
		return roentgen.Invalidf("ReservoirSize is %d; it has to be 0 or more traces a second", r.ReservoirSize)
	case r.ReservoirSize > math.MaxInt32: // SDKs of 32 bits would drop the rule, and all others with it
		return roentgen.Invalidf("ReservoirSize is %d traces a second; %d are the most that SDKs can read", r.ReservoirSize, math.MaxInt32)
	case r.Version != onlyVersion:
		return roentgen.Invalidf("Version is %d; there is only version %d", r.Version, onlyVersion)
	case r.Boost == nil:
		return nil
	case r.Name == roentgen.DefaultRuleName:
		return roentgen.Invalidf("Default cannot have a SamplingRateBoost; make a rule for the services that need it")
	case !(r.Boost.MaxRate >= 0 && r.Boost.MaxRate <= 1) || r.Boost.CooldownMinutes < 0 || r.Boost.CooldownMinutes > math.MaxInt32:
		return roentgen.Invalidf("SamplingRateBoost needs a MaxRate of 0 to 1 and CooldownWindowMinutes of 0 to %d", math.MaxInt32)
	}
	return nil
}

func checkPatterns(r roentgen.Rule) error {
	for _, p := range []struct {
		name, value string
		max         int
	}{
		{"ServiceName", r.ServiceName, maxService}, {"ServiceType", r.ServiceType, maxService}, {"Host", r.Host, maxService},
		{"HTTPMethod", r.HTTPMethod, maxMethod}, {"URLPath", r.URLPath, maxPath}, {"ResourceARN", r.ResourceARN, maxResourceARN},
	} {
		if n := utf8.RuneCountInString(p.value); n < 1 || n > p.max {
			return roentgen.Invalidf("%s has %d characters; 1 to %d are allowed, * matches everything", p.name, n, p.max)
		}
		if r.Name == roentgen.DefaultRuleName && p.value != "*" {
			return roentgen.Invalidf("%s of Default is *, always; make another rule to tell requests apart", p.name)
		}
	}
	return nil
}

func checkAttributes(attributes map[string]string) error {
	if len(attributes) > maxAttributes {
		return roentgen.Invalidf("%d Attributes; at most %d are allowed", len(attributes), maxAttributes)
	}
	for key, value := range attributes {
		for _, s := range []string{key, value} {
			if n := utf8.RuneCountInString(s); n < 1 || n > maxAttribute {
				return roentgen.Invalidf("Attributes: %q has %d characters; keys and values have 1 to %d", s, n, maxAttribute)
			}
		}
	}
	return nil
}
