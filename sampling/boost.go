package sampling

import (
	"time"

	"github.com/roentgen/roentgen"
)

// boostFor is how long a boost lasts (X-Ray: up to a minute).
const boostFor = time.Minute

// boost is a rate that is raised for a minute.
type boost struct {
	rate   float64
	ends   time.Time
	cooled time.Time // not before may the next begin
}

// anomalies raises the rate of a rule for a minute when failures went
// unrecorded: to the least rate at which one of as many more would probably be
// recorded, and to no more than the rule allows. X-Ray's formula is not
// published; this one is ours.
func (s *Service) anomalies(rule *roentgen.Rule, b BoostStatistics, now time.Time) {
	missed := b.Anomalies - b.SampledAmong
	if missed <= 0 {
		return
	}
	rate := min(rule.Boost.MaxRate, 1/float64(missed))
	if rate <= rule.FixedRate {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.mu.boosts[rule.Name]; old != nil && now.Before(old.cooled) {
		return
	}
	s.mu.boosts[rule.Name] = &boost{
		rate: rate, ends: now.Add(boostFor),
		cooled: now.Add(max(boostFor, time.Duration(rule.Boost.CooldownMinutes)*time.Minute)),
	}
}
