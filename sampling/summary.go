package sampling

import (
	"cmp"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// bucket is the time that is counted together (X-Ray: ten seconds).
const bucket = 10 * time.Second

type bucketKey struct {
	rule string
	at   int64 // start, Unix seconds
}

type counts struct{ requests, sampled, borrowed int }

// count adds a report to the ten seconds in which it came. The caller holds the
// lock.
func (s *Service) count(r Statistics, now time.Time) {
	if r.Requests|r.Sampled|r.Borrowed == 0 {
		return
	}
	key := bucketKey{r.Rule, now.Truncate(bucket).Unix()}
	c := s.mu.buckets[key]
	if c == nil {
		s.forgetBuckets(now)
		c = &counts{}
		s.mu.buckets[key] = c
	}
	c.requests += r.Requests
	c.sampled += r.Sampled
	c.borrowed += r.Borrowed
}

func (s *Service) forgetBuckets(now time.Time) {
	oldest := now.Add(-s.cfg.KeepStatistics).Unix()
	for key := range s.mu.buckets {
		if key.at < oldest {
			delete(s.mu.buckets, key)
		}
	}
}

// Summary is what all clients together counted of one rule in ten seconds.
type Summary struct {
	Rule                        string
	At                          roentgen.Time // when the ten seconds began
	Requests, Sampled, Borrowed int
}

// Counted returns what was counted within Config.KeepStatistics, by rule and
// time. After a restart it begins anew.
func (s *Service) Counted() []Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetBuckets(s.cfg.Now())
	out := make([]Summary, 0, len(s.mu.buckets))
	for key, c := range s.mu.buckets {
		out = append(out, Summary{key.rule, roentgen.At(time.Unix(key.at, 0)), c.requests, c.sampled, c.borrowed})
	}
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.At, b.At))
	})
	return out
}
