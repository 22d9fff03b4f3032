// Package sampling is head decisions: the rules that say which requests are
// recorded when they arrive, and how the reservoir of a rule is shared out
// over the SDKs that poll for it.
//
// It owns the table of clients per rule and hands out leases; rules come from
// the state store through Rules. It never sees a segment. Everything it
// remembers is soft: after a restart clients borrow for one interval and are
// known again.
package sampling

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
)

// Rules yields the rules that hold now.
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
	Now        func() time.Time // default time.Now
}

// Service answers the polls of SDKs. It is safe for use by many goroutines.
type Service struct {
	rules Rules
	cfg   Config

	mu struct {
		sync.Mutex
		clients map[string]map[string]time.Time // rule name → client id → last seen
	}
}

// New returns a Service for the rules of r.
func New(r Rules, cfg Config) *Service {
	if cfg.Interval == 0 {
		cfg.Interval = 10 * time.Second
	}
	if cfg.LeaseTTL == 0 {
		cfg.LeaseTTL = time.Minute
	}
	if cfg.MaxAge == 0 {
		cfg.MaxAge = 5 * time.Minute
	}
	if cfg.MaxClients == 0 {
		cfg.MaxClients = 10_000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Service{rules: r, cfg: cfg}
	s.mu.clients = map[string]map[string]time.Time{}
	return s
}

// Rules returns all rules by priority and name.
func (s *Service) Rules(ctx context.Context) ([]roentgen.Rule, error) {
	rules, _, err := s.rules.Rules(ctx)
	return rules, err
}

// Statistics is what one client reports of one rule since its last report.
type Statistics struct {
	Rule, Client                string
	At                          roentgen.Time
	Requests, Sampled, Borrowed int
}

// Target is what a client does with a rule until its next report.
type Target struct {
	Rule      string
	FixedRate float64
	Quota     int           // traces per second for this client
	QuotaEnds roentgen.Time // then the client borrows one a second; 0: no lease
	Interval  time.Duration
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
	LastModification roentgen.Time
}

// Report takes statistics and returns targets for each, in their order.
func (s *Service) Report(ctx context.Context, reports []Statistics) (Answer, error) {
	rules, modified, err := s.rules.Rules(ctx)
	if err != nil {
		return Answer{}, fmt.Errorf("read sampling rules: %w", err)
	}
	now := s.cfg.Now()
	answer := Answer{LastModification: modified}
	for _, r := range reports {
		rule, bad := s.find(rules, r, now)
		if bad != nil {
			answer.Unprocessed = append(answer.Unprocessed, *bad)
			continue
		}
		answer.Targets = append(answer.Targets, s.target(rule, r.Client, now))
	}
	return answer, nil
}

// find returns the rule of a report, or why the report is refused.
func (s *Service) find(rules []roentgen.Rule, r Statistics, now time.Time) (*roentgen.Rule, *Unprocessed) {
	if age := now.Sub(r.At.Time()); age > s.cfg.MaxAge || age < -s.cfg.MaxAge {
		return nil, &Unprocessed{r.Rule, "400", fmt.Sprintf("the statistics are %s away from the server's clock, more than %s; check the clock of the client",
			age.Round(time.Second), s.cfg.MaxAge)}
	}
	i := slices.IndexFunc(rules, func(rule roentgen.Rule) bool { return rule.Name == r.Rule })
	if i < 0 {
		return nil, &Unprocessed{r.Rule, "404", fmt.Sprintf("there is no sampling rule %q; fetch the rules again", r.Rule)}
	}
	return &rules[i], nil
}

// target leases this client its share of the reservoir.
func (s *Service) target(rule *roentgen.Rule, client string, now time.Time) Target {
	t := Target{Rule: rule.Name, FixedRate: rule.FixedRate, Interval: s.cfg.Interval}
	if active, known := s.see(rule.Name, client, now); known {
		t.Quota = s.share(rule.ReservoirSize, active, client, now)
		t.QuotaEnds = roentgen.At(now.Truncate(time.Second).Add(s.cfg.LeaseTTL))
	}
	return t
}

// see notes that client reported and returns the clients of the rule seen
// within three intervals, sorted; false when there is no room for this one.
func (s *Service) see(rule, client string, now time.Time) (active []string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.mu.clients[rule]
	if seen == nil {
		seen = map[string]time.Time{}
		s.mu.clients[rule] = seen
	}
	for id, at := range seen {
		if now.Sub(at) > 3*s.cfg.Interval {
			delete(seen, id)
		}
	}
	if _, known := seen[client]; !known && len(seen) >= s.cfg.MaxClients {
		return nil, false
	}
	seen[client] = now
	return slices.Sorted(maps.Keys(seen)), true
}

// share divides the reservoir evenly. What is left over goes round: which
// clients have one more moves on with every lease, so that a reservoir
// smaller than the number of clients serves all of them in turn.
func (s *Service) share(reservoir int, active []string, client string, now time.Time) int {
	n := len(active)
	place, _ := slices.BinarySearch(active, client)
	turn := int(now.Unix()/int64(s.cfg.LeaseTTL/time.Second)) % n
	quota := reservoir / n
	if (place+turn)%n < reservoir%n {
		quota++
	}
	return quota
}
