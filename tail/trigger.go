package tail

import (
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Triggers are the rules by which undecided traces are kept, and what else the triggers file says. They are read
// only, and may be shared.
type Triggers struct {
	Triggers []Trigger // the first that matches names the reason
	// Capture names the sampling rules that old SDKs are answered with rate 1 for, so that their traces are decided here.
	Capture []string
	// OTLPRate is the rate at which traces from OpenTelemetry are sampled at their root, 0 to 1.
	OTLPRate float64
	// ToldQuota and ToldBurst bound the traces that are kept because the response path said so (MarkKept), per second.
	ToldQuota, ToldBurst float64
}

// Trigger keeps a trace of which one document matches.
type Trigger struct {
	Name  string
	When  string  // "error", "fault", "throttle", "slower than 2s", "filter: EXPRESSION"
	Quota float64 // traces per second
	Burst float64 // traces at once

	condition condition
}

// NewTrigger makes a trigger. The error says what is wrong with when.
func NewTrigger(name, when string, quota, burst float64) (Trigger, error) {
	c, err := parseCondition(when)
	return Trigger{Name: name, When: when, Quota: quota, Burst: burst, condition: c}, err
}

// The quota of a trigger that does not say, in traces per second, and what it may keep at once.
const (
	DefaultQuota = 1000
	DefaultBurst = 1000
)

// The reasons that are no triggers of the file; no trigger may have such a name.
const (
	ToldTrigger = "told" // the response path said so
	HeadReason  = "head" // sampled by rate after all; the rate stands behind it
)

// DefaultTriggers keep every trace with an error, a fault or a throttle.
func DefaultTriggers() Triggers {
	ts := Triggers{OTLPRate: 1, ToldQuota: DefaultQuota, ToldBurst: DefaultBurst}
	for _, kind := range []conditionKind{onThrottle, onFault, onError} {
		ts.Triggers = append(ts.Triggers, Trigger{Name: kind.String(), When: kind.String(), Quota: DefaultQuota,
			Burst: DefaultBurst, condition: condition{kind: kind}})
	}
	return ts
}

// Expressions says whether any trigger has a filter expression, which may ask for annotations; the others do not.
func (ts Triggers) Expressions() bool {
	return slices.ContainsFunc(ts.Triggers, func(t Trigger) bool {
		return t.condition.kind == onFilter || t.condition.kind == onNothing && strings.HasPrefix(strings.TrimSpace(t.When), filterWord)
	})
}

// First returns the name of the first trigger that the segment matches. rows is asked at most once, and only for a
// filter expression; nil: those match nothing.
func (ts Triggers) First(seg *roentgen.Segment, rows func() *roentgen.Rows) (name string, ok bool) {
	l := look{seg: seg}
	if rows != nil {
		l.fold = func(*roentgen.Segment) *roentgen.Rows { return rows() }
	}
	for i := range ts.Triggers {
		if l.matches(&ts.Triggers[i].condition) {
			return ts.Triggers[i].Name, true
		}
	}
	return "", false
}
