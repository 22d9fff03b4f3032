package bench

import (
	"context"
	"fmt"
	"time"
)

// Search looks for the highest rate that a server holds: doubling until it does
// not, then halving what lies between.
type Search struct {
	From   float64       // spans a second, where it begins
	Bound  time.Duration // that the p99 of requests has to stay below
	Finer  float64       // ends when the least rate that failed is within this factor of the best
	AtMost time.Duration // of all; a try that has begun is finished
	Now    func() time.Time
}

// Attempt is one rate, tried.
type Attempt struct {
	Rate       float64       `json:"rate"`  // spans a second that were due
	Taken      float64       `json:"taken"` // spans a second that the server took
	P50        time.Duration `json:"p50_ns"`
	P99        time.Duration `json:"p99_ns"`
	Spans      int64         `json:"spans"`             // that the server took
	Refused    int           `json:"refused"`           // documents or spans, and requests that had to be tried again
	Missing    int64         `json:"missing,omitempty"` // documents that nobody refused, and that are not there
	GaveUp     bool          `json:"gave_up,omitempty"`
	FirstError string        `json:"first_error,omitempty"`
	Why        string        `json:"why,omitempty"` // the rate was not held; empty: it was
}

// judge says why an attempt does not count as held.
func (s Search) judge(a Attempt) string {
	switch {
	case a.Refused > 0:
		return fmt.Sprintf("%d refused or tried again: %s", a.Refused, a.FirstError)
	case a.Missing > 0:
		return fmt.Sprintf("%d documents missing", a.Missing)
	case a.GaveUp:
		return "it fell behind"
	case a.P99 > s.Bound:
		return "p99 above " + s.Bound.String()
	case a.Taken < 0.9*a.Rate:
		return "it took less than was due"
	}
	return ""
}

// Run tries rate after rate. It returns the best attempt that held, if one did,
// and all of them in order. A rate that fails gets a second chance, because a
// machine with other work stumbles now and then.
func (s Search) Run(ctx context.Context, try func(ctx context.Context, rate float64) (Attempt, error)) (best *Attempt, all []Attempt, err error) {
	begin := s.Now()
	low, high := 0.0, 0.0 // held, not held; 0: unknown
	for rate := s.From; ; {
		a, err := try(ctx, rate)
		if err != nil {
			return best, all, err
		}
		a.Why = s.judge(a)
		again := a.Why != "" && (len(all) == 0 || all[len(all)-1].Rate != rate)
		all = append(all, a)
		switch {
		case a.Why == "":
			low, best = rate, &a
		case !again:
			high = rate
		}
		switch {
		case s.Now().Sub(begin) > s.AtMost, high > 0 && low > 0 && high <= s.Finer*low, high > 0 && high < 1:
			return best, all, nil
		case again:
		case high == 0:
			rate = 2 * low
		case low == 0:
			rate = high / 2
		default:
			rate = (low + high) / 2
		}
	}
}
