package tracing

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	reportEvery = 10 * time.Second // until a target says otherwise
	maxReports  = 25               // statistics in one call (GetSamplingTargets)
)

// statistics is what this client did with one rule since its last report.
type statistics struct {
	RuleName     string
	ClientID     string
	Timestamp    int64 // Unix seconds
	RequestCount int64
	SampledCount int64 // without those borrowed
	BorrowCount  int64
}

// statistics takes the counts of all rules that were used and whose interval
// is over. What is taken is lost if the report does not arrive, as it is with
// the official SDKs.
func (set *ruleSet) statistics(client string, now time.Time) (all []statistics) {
	if set == nil {
		return nil
	}
	for _, r := range set.rules {
		if s, ok := r.state.take(now); ok {
			s.RuleName, s.ClientID = r.name, client
			all = append(all, s)
		}
	}
	return all
}

func (t *ruleState) take(now time.Time) (s statistics, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests == 0 || now.Sub(t.reported) < t.interval {
		return s, false
	}
	s = statistics{Timestamp: now.Unix(), RequestCount: t.requests, SampledCount: t.sampled, BorrowCount: t.borrows}
	t.requests, t.sampled, t.borrows, t.reported = 0, 0, 0, now
	return s, true
}

// targets is the answer to a report. An absent member leaves things as they are.
type targets struct {
	LastRuleModification    *float64
	SamplingTargetDocuments []struct {
		RuleName          string
		FixedRate         *float64
		ReservoirQuota    *int
		ReservoirQuotaTTL *float64
		Interval          *int
	}
	UnprocessedStatistics []struct{ RuleName, ErrorCode, Message string }
}

// apply puts an answer into effect. stale says that the rules have changed
// since they were fetched, or that the agent does not know one of them.
func (set *ruleSet) apply(body []byte, fetched time.Time) (stale bool, err error) {
	var answer targets
	if err := json.Unmarshal(body, &answer); err != nil {
		return false, fmt.Errorf("reading the sampling targets: %w", err)
	}
	for _, d := range answer.SamplingTargetDocuments {
		r := set.named(d.RuleName)
		if r == nil {
			continue
		}
		t := r.state
		t.mu.Lock()
		if d.FixedRate != nil {
			t.rate = *d.FixedRate
		}
		if d.ReservoirQuota != nil {
			t.quota = *d.ReservoirQuota
		}
		if d.ReservoirQuotaTTL != nil {
			t.ttl = int64(*d.ReservoirQuotaTTL)
		}
		if d.Interval != nil && *d.Interval > 0 {
			t.interval = time.Duration(*d.Interval) * time.Second
		}
		t.mu.Unlock()
	}
	stale = answer.LastRuleModification != nil && int64(*answer.LastRuleModification) >= fetched.Unix()
	for _, u := range answer.UnprocessedStatistics {
		stale = stale || strings.HasPrefix(u.ErrorCode, "4")
	}
	return stale, nil
}
