// Package sampling is head decisions: the rules that say which requests are
// recorded when they arrive, and how the reservoir of a rule is shared out
// over the SDKs that poll for it.
//
// It owns the rules, which a Rulebook keeps on a shelf that is handed in, and
// the table of clients per rule, from which leases are made. It never sees a
// segment. What it remembers of clients and of what they counted is soft: after
// a restart clients borrow for one interval and are known again.
package sampling

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
)

// Rules yields the rules that hold now; a Rulebook does.
type Rules interface {
	// Rules returns all rules, Default among them, by priority and name, and
	// when one was last changed or deleted.
	Rules(ctx context.Context) ([]roentgen.Rule, roentgen.Time, error)
}

// Config sets the timing of leases. The zero value works.
type Config struct {
	Interval time.Duration // how often clients report; default 10 s, whole seconds
	LeaseTTL time.Duration // how long a quota holds; default 60 s, whole seconds
	MaxAge   time.Duration // older statistics are refused; default 5 min
	// MaxClients bounds the clients remembered for one rule. One more gets no
	// lease and so borrows one request a second. Default 10,000.
	MaxClients int
	// KeepStatistics is for how long what clients counted is kept. Default 1 h.
	KeepStatistics time.Duration
	Now            func() time.Time // default time.Now
}

func (c Config) withDefaults() Config {
	if c.Interval == 0 {
		c.Interval = 10 * time.Second
	}
	if c.LeaseTTL == 0 {
		c.LeaseTTL = time.Minute
	}
	if c.MaxAge == 0 {
		c.MaxAge = 5 * time.Minute
	}
	if c.MaxClients == 0 {
		c.MaxClients = 10_000
	}
	if c.KeepStatistics == 0 {
		c.KeepStatistics = time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Service answers the polls of SDKs. It is safe for use by many goroutines.
type Service struct {
	rules Rules
	cfg   Config

	mu struct {
		sync.Mutex
		shares  map[string]*share // rule name → its clients
		boosts  map[string]*boost // rule name → its boost
		buckets map[bucketKey]*counts
	}
}

// New returns a Service for the rules of r.
func New(r Rules, cfg Config) *Service {
	s := &Service{rules: r, cfg: cfg.withDefaults()}
	s.mu.shares = map[string]*share{}
	s.mu.boosts = map[string]*boost{}
	s.mu.buckets = map[bucketKey]*counts{}
	return s
}

// Rules returns all rules by priority and name.
func (s *Service) Rules(ctx context.Context) ([]roentgen.Rule, error) {
	rules, _, err := s.rules.Rules(ctx)
	return rules, err
}

// Statistics is what one client reports of one rule since its last report.
// Whether Sampled includes Borrowed differs from SDK to SDK.
type Statistics struct {
	Rule, Client                string
	At                          roentgen.Time
	Requests, Sampled, Borrowed int
}

// BoostStatistics is what a client reports of failures, for rules with a Boost,
// since its last report.
type BoostStatistics struct {
	Rule, Service                  string
	At                             roentgen.Time
	Anomalies, Total, SampledAmong int // SampledAmong: of the anomalies, those that were recorded
}

// Target is what a client does with a rule until its next report.
type Target struct {
	Rule      string
	FixedRate float64
	Quota     int           // traces per second for this client
	QuotaEnds roentgen.Time // then the client borrows one a second; 0: no lease
	Interval  time.Duration
	BoostRate float64       // until BoostEnds the rate, where it is above FixedRate
	BoostEnds roentgen.Time // 0: no boost
}

// Unprocessed says why a report had no effect. Codes are like HTTP's: SDKs
// re-fetch the rules when it begins with 4.
type Unprocessed struct {
	Rule, Code, Message string
}

// Answer is the reply to a batch of reports.
type Answer struct {
	Targets          []Target
	Unprocessed      []Unprocessed
	UnprocessedBoost []Unprocessed
	LastModification roentgen.Time
}

// Report takes statistics and returns targets for each of reports, in their
// order.
func (s *Service) Report(ctx context.Context, reports []Statistics, boosts []BoostStatistics) (Answer, error) {
	rules, modified, err := s.rules.Rules(ctx)
	if err != nil {
		return Answer{}, fmt.Errorf("read sampling rules: %w", err)
	}
	now := s.cfg.Now()
	answer := Answer{LastModification: modified}
	for _, b := range boosts {
		rule, bad := s.find(rules, b.Rule, b.At, now)
		switch {
		case bad != nil:
			answer.UnprocessedBoost = append(answer.UnprocessedBoost, *bad)
		case rule.Boost == nil:
			answer.UnprocessedBoost = append(answer.UnprocessedBoost,
				Unprocessed{b.Rule, "400", fmt.Sprintf("the sampling rule %q has no SamplingRateBoost; fetch the rules again", b.Rule)})
		default:
			s.anomalies(rule, b, now)
		}
	}
	for _, r := range reports {
		rule, bad := s.find(rules, r.Rule, r.At, now)
		if bad != nil {
			answer.Unprocessed = append(answer.Unprocessed, *bad)
			continue
		}
		answer.Targets = append(answer.Targets, s.target(rule, r, now))
	}
	return answer, nil
}

// find returns the rule of a report, or why the report is refused.
func (s *Service) find(rules []roentgen.Rule, name string, at roentgen.Time, now time.Time) (*roentgen.Rule, *Unprocessed) {
	if age := now.Sub(at.Time()); age > s.cfg.MaxAge || age < -s.cfg.MaxAge {
		return nil, &Unprocessed{name, "400", fmt.Sprintf("the statistics are %s away from the server's clock, more than %s; check the clock of the client",
			age.Round(time.Second), s.cfg.MaxAge)}
	}
	i := slices.IndexFunc(rules, func(rule roentgen.Rule) bool { return rule.Name == name })
	if i < 0 {
		return nil, &Unprocessed{name, "404", fmt.Sprintf("there is no sampling rule %q; fetch the rules again", name)}
	}
	return &rules[i], nil
}

// target counts a report and leases its client a share of the reservoir.
func (s *Service) target(rule *roentgen.Rule, r Statistics, now time.Time) Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(r, now)
	t := Target{Rule: rule.Name, FixedRate: rule.FixedRate, Interval: s.cfg.Interval}
	if b := s.mu.boosts[rule.Name]; b != nil && rule.Boost != nil && now.Before(b.ends) {
		t.BoostRate, t.BoostEnds = b.rate, roentgen.At(b.ends)
	}
	sh := s.mu.shares[rule.Name]
	if sh == nil {
		sh = newShare()
		s.mu.shares[rule.Name] = sh
	}
	if quota, known := sh.lease(rule.ReservoirSize, r, now, s.cfg); known {
		t.Quota = quota
		t.QuotaEnds = roentgen.At(now.Truncate(time.Second).Add(s.cfg.LeaseTTL))
	}
	return t
}
