package agent

import (
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// What is known of the upstream's sampling rules.
const (
	rulesNone    = "none"    // nobody answers
	rulesDefault = "default" // X-Ray's own rule alone, as it was made
	rulesCentral = "central" // somebody has written rules
)

// rulebook is the rules of the upstream as far as the agent has to know them,
// and which of them are captured: old SDKs record all requests of those, and
// the agent decides.
type rulebook struct {
	now func() time.Time

	view atomic.Pointer[ruleView]
	mu   struct {
		sync.Mutex
		answer  []byte // to GetSamplingRules, as it came
		at      time.Time
		kind    string
		rates   map[string]float64
		capture []string
	}
}

// ruleView is what decisions read; it is never changed.
type ruleView struct {
	captured map[string]float64 // real rate by rule; above 1: not known
}

func newRulebook(capture []string, now func() time.Time) *rulebook {
	b := &rulebook{now: now}
	b.mu.kind = rulesNone
	b.capture(capture)
	return b
}

// capture sets the names of the rules that are captured.
func (b *rulebook) capture(names []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.capture = slices.Clone(names)
	b.lookLocked()
}

// unknownRate stands for a rule of which nobody has told the rate.
const unknownRate = 2

func (b *rulebook) lookLocked() {
	v := &ruleView{captured: map[string]float64{}}
	for _, name := range b.mu.capture {
		rate, known := b.mu.rates[name]
		if !known {
			rate = unknownRate
		}
		v.captured[name] = rate
	}
	b.view.Store(v)
}

// mark says what is known of a document when it arrives.
func (b *rulebook) mark(seg *roentgen.Segment, header wire.Header) (tail.Mark, float64) {
	probability, rule := 0.0, ""
	if seg.AWS != nil {
		probability, rule = seg.AWS.SamplingProbability, seg.AWS.SamplingRule
	}
	switch {
	case rule == roentgen.ForcedRuleName:
		return tail.MarkForced, probability
	case header.Undecided && header.Kept:
		return tail.MarkKept, 0
	case header.Undecided:
		return tail.MarkUndecided, 0
	}
	if v := b.view.Load(); len(v.captured) > 0 {
		return v.mark(seg, rule, probability)
	}
	return tail.MarkSampled, probability
}

// mark is for documents of SDKs that know of no undecided ones, while rules
// are captured: who began the trace under a captured rule is kept at the
// rule's rate; who began it otherwise was sampled at the head, and says so to
// the others; the others wait for word.
func (v *ruleView) mark(seg *roentgen.Segment, rule string, probability float64) (tail.Mark, float64) {
	if !seg.Parent.IsZero() || seg.Kind != roentgen.KindSegment {
		return tail.MarkDeferred, 0
	}
	rate, captured := v.captured[rule]
	switch {
	case !captured:
		return tail.MarkHead, probability
	case rate > 1:
		return tail.MarkHead, 1
	case share(seg.Trace) < rate:
		return tail.MarkHead, rate
	}
	return tail.MarkDeferred, 0
}

// share places a trace in [0, 1), by its id alone: agents agree on it.
func share(id roentgen.TraceID) float64 {
	var salted [24]byte
	copy(salted[:], "sampling")
	copy(salted[8:], id[:])
	return float64(xxhash.Sum64(salted[:])>>11) / (1 << 53)
}

// learn reads an answer to GetSamplingRules.
func (b *rulebook) learn(answer []byte) error {
	var page rulesPage
	if err := json.Unmarshal(answer, &page); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.answer, b.mu.at = slices.Clone(answer), b.now()
	b.mu.rates, b.mu.kind = map[string]float64{}, rulesDefault
	for _, r := range page.SamplingRuleRecords {
		b.mu.rates[r.SamplingRule.RuleName] = r.SamplingRule.FixedRate
		if !r.untouched() {
			b.mu.kind = rulesCentral
		}
	}
	b.lookLocked()
	return nil
}

// rulesPage is what the agent reads of an answer to GetSamplingRules.
type rulesPage struct {
	SamplingRuleRecords []ruleRecord
}

type ruleRecord struct {
	SamplingRule struct {
		RuleName      string
		FixedRate     float64
		ReservoirSize int
	}
	ModifiedAt float64
}

// untouched reports whether this is the rule that every account begins with.
func (r ruleRecord) untouched() bool {
	d := roentgen.DefaultRule()
	return r.SamplingRule.RuleName == d.Name && r.SamplingRule.FixedRate == d.FixedRate && r.SamplingRule.ReservoirSize == d.ReservoirSize
}

// held returns the last answer while it may be given out, and what kind of
// rules there are. SDKs keep rules for an hour, and so does the agent.
func (b *rulebook) held() (answer []byte, kind string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mu.answer != nil && b.now().Sub(b.mu.at) > time.Hour {
		b.mu.answer, b.mu.kind = nil, rulesNone
	}
	return b.mu.answer, b.mu.kind
}
