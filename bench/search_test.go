package bench

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"
)

// aServer holds a rate, and above it is late or refuses.
type aServer struct {
	holds    float64
	refuses  bool
	stumbles int // of the first so many tries
	tries    int
	clock    time.Time
}

func (s *aServer) try(_ context.Context, rate float64) (Attempt, error) {
	s.tries++
	s.clock = s.clock.Add(5 * time.Second)
	a := Attempt{Rate: rate, Taken: rate, P99: 10 * time.Millisecond}
	if rate > s.holds || s.tries <= s.stumbles {
		if s.refuses {
			a.Refused = 3
		} else {
			a.P99 = time.Second
		}
	}
	return a, nil
}

func (s *aServer) search() Search {
	return Search{From: 1000, Bound: 50 * time.Millisecond, Finer: 1.1, AtMost: 10 * time.Minute, Now: func() time.Time { return s.clock }}
}

func TestTheSearchFindsWhatAServerHolds(t *testing.T) {
	for _, s := range []*aServer{
		{holds: 87_000}, {holds: 87_000, refuses: true}, {holds: 1000}, {holds: 130}, {holds: 1e6}, {holds: 40_000, stumbles: 1},
	} {
		best, all, err := s.search().Run(t.Context(), s.try)
		if err != nil || best == nil || best.Rate > s.holds || best.Rate < s.holds/1.1 {
			t.Errorf("a server that holds %v: found %+v, %v in %d tries", s.holds, best, err, len(all))
		}
		if len(all) > 30 {
			t.Errorf("%d tries", len(all))
		}
		for _, a := range all {
			if (a.Why == "") != (a.Refused == 0 && a.P99 < time.Second) {
				t.Errorf("%+v", a)
			}
		}
	}
}

func TestTheSearchEnds(t *testing.T) {
	nothing := &aServer{holds: 0}
	if best, all, err := nothing.search().Run(t.Context(), nothing.try); best != nil || err != nil || len(all) == 0 {
		t.Errorf("a server that holds nothing: %+v, %v", best, err)
	}
	all := &aServer{holds: math.Inf(1)}
	search := all.search()
	search.AtMost = time.Minute
	if best, tries, err := search.Run(t.Context(), all.try); err != nil || best == nil || len(tries) > 13 {
		t.Errorf("a search of a minute: %+v, %v, %d tries of 5 s", best, err, len(tries))
	}
	broken := errors.New("the server is gone")
	_, _, err := search.Run(t.Context(), func(context.Context, float64) (Attempt, error) { return Attempt{}, broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestAnAttemptThatIsNotHeldSaysWhy(t *testing.T) {
	s := Search{Bound: 50 * time.Millisecond}
	good := Attempt{Rate: 100, Taken: 99, P99: 49 * time.Millisecond}
	if why := s.judge(good); why != "" {
		t.Errorf("a good one: %s", why)
	}
	for name, spoil := range map[string]func(*Attempt){
		"refused": func(a *Attempt) { a.Refused = 1 }, "missing": func(a *Attempt) { a.Missing = 1 }, "behind": func(a *Attempt) { a.GaveUp = true },
		"late": func(a *Attempt) { a.P99 = 51 * time.Millisecond }, "less": func(a *Attempt) { a.Taken = 80 },
	} {
		a := good
		spoil(&a)
		if s.judge(a) == "" {
			t.Errorf("%s: held", name)
		}
	}
}

func TestDaysFollowFromRateBytesAndDisk(t *testing.T) {
	c := &Capacity{Best: &Attempt{Taken: 10_000}, Free: 86_400 * 10_000 * 38 * 3, Figures: Figures{{keyDisk, 38}}}
	if days, ok := c.Days(); !ok || math.Abs(days-3) > 1e-9 {
		t.Errorf("%v days, %v", days, ok)
	}
	c.Free = 0
	if _, ok := c.Days(); ok {
		t.Error("days of a disk that nobody has seen")
	}
}
