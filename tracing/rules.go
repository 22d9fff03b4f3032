package tracing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// defaultRule is the name of X-Ray's last rule, which everything matches, and
// of the local rate that stands in for it.
const defaultRule = "Default"

// X-Ray's Default as nobody has edited it. It yields to the local rate.
const (
	defaultReservoir = 1
	defaultFixedRate = 0.05
)

// ruleSet is the central rules in the order in which they are tried. It never
// changes; what its rules count and lease does.
type ruleSet struct{ rules []*rule }

// rule is one central sampling rule.
type rule struct {
	name                                            string
	priority                                        int
	reservoir                                       int // traces a second of all clients together
	yields                                          bool
	serviceName, serviceType, host, method, urlPath wildcard
	state                                           *ruleState // outlives a fetch of the rules
	origin                                          string     // of this service, against serviceType
}

// ruleState is what this client was leased, and what it has done since the
// last report.
type ruleState struct {
	mu sync.Mutex

	rate     float64
	quota    int   // traces a second for this client
	ttl      int64 // Unix seconds to which the quota holds; 0: no lease yet
	interval time.Duration
	reported time.Time // when the counts below were last taken

	second, used int64 // used of the quota in that second
	borrowed     int64 // the second in which one trace was last borrowed

	requests, sampled, borrows int64 // borrows are not in sampled
}

// ruleDocument is the part of GetSamplingRules' answer that matters here.
// Pointers tell absent members: a rule without one of them is passed over.
type ruleDocument struct {
	SamplingRuleRecords []struct {
		SamplingRule *struct {
			RuleName, ResourceARN, ServiceName, ServiceType, Host, HTTPMethod, URLPath *string
			Priority, ReservoirSize, Version                                           *int
			FixedRate                                                                  *float64
			Attributes                                                                 map[string]string
		}
	}
}

// parseRules reads an answer to GetSamplingRules. Rules that the X-Ray SDKs
// pass over are passed over: with request attributes, for one resource, of
// another version, or incomplete. States come from before, by name.
func parseRules(body []byte, origin string, before *ruleSet, now time.Time) (*ruleSet, error) {
	var doc ruleDocument
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("reading the sampling rules: %w", err)
	}
	set := &ruleSet{}
	for _, record := range doc.SamplingRuleRecords {
		r := record.SamplingRule
		if r == nil || r.RuleName == nil || r.ResourceARN == nil || r.ServiceName == nil || r.ServiceType == nil || r.Host == nil ||
			r.HTTPMethod == nil || r.URLPath == nil || r.Priority == nil || r.ReservoirSize == nil || r.Version == nil || r.FixedRate == nil {
			continue
		}
		if *r.Version != 1 || *r.ResourceARN != "*" || len(r.Attributes) > 0 {
			continue
		}
		set.rules = append(set.rules, &rule{
			name: *r.RuleName, priority: *r.Priority, reservoir: *r.ReservoirSize,
			yields:      *r.RuleName == defaultRule && *r.ReservoirSize == defaultReservoir && *r.FixedRate == defaultFixedRate,
			serviceName: newWildcard(*r.ServiceName), serviceType: newWildcard(*r.ServiceType), host: newWildcard(*r.Host),
			method: newWildcard(*r.HTTPMethod), urlPath: newWildcard(*r.URLPath),
			state: before.stateOf(*r.RuleName, *r.FixedRate, now), origin: origin,
		})
	}
	slices.SortStableFunc(set.rules, func(a, b *rule) int {
		return cmp.Or(boolCompare(a.name == defaultRule, b.name == defaultRule), cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	return set, nil
}

// boolCompare puts true after false.
func boolCompare(a, b bool) int { return int(bit(a)) - int(bit(b)) }

// stateOf goes on with the state of the rule of that name, at its new rate.
func (set *ruleSet) stateOf(name string, rate float64, now time.Time) *ruleState {
	if old := set.named(name); old != nil {
		old.state.mu.Lock()
		defer old.state.mu.Unlock()
		old.state.rate = rate
		return old.state
	}
	return &ruleState{rate: rate, interval: reportEvery, reported: now, second: -1, borrowed: -1}
}

func (set *ruleSet) named(name string) *rule {
	if set == nil {
		return nil
	}
	for _, r := range set.rules {
		if r.name == name {
			return r
		}
	}
	return nil
}

// first returns the rule that decides about q, or nil.
func (set *ruleSet) first(q request) *rule {
	for _, r := range set.rules {
		if r.name == defaultRule || r.matches(q) {
			return r
		}
	}
	return nil
}

func (r *rule) matches(q request) bool {
	return r.host.matches(q.host) && r.method.matches(q.method) && r.urlPath.matches(q.path) &&
		r.serviceName.matches(q.service) && r.serviceType.matches(r.origin)
}

// decide takes from the lease while there is one, borrows one trace a second
// while there is none, and beyond that goes by the rate. What came out of the
// reservoir was certain, so its probability is 1 and the others' the rate:
// together they add up to all requests.
func (r *rule) decide(now time.Time, s *sampler) decision {
	t := r.state
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
	d := decision{sampled: true, rule: r.name, probability: 1}
	switch second := now.Unix(); {
	case r.yields:
	case t.ttl >= second:
		if t.second != second {
			t.second, t.used = second, 0
		}
		if t.used < int64(t.quota) {
			t.used++
			t.sampled++
			return d
		}
	case r.reservoir > 0 && t.borrowed != second:
		t.borrowed = second
		t.borrows++
		return d
	}
	d.probability = t.rate
	if r.yields {
		d.probability = s.rate
	}
	d.sampled, d.undecided = s.draw(d.probability), true
	t.sampled += int64(bit(d.sampled))
	return d
}
