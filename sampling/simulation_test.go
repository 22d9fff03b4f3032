package sampling_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

// sdk is a client as X-Ray's SDKs are: it borrows until it has a lease, then it
// uses its quota, and what is over goes by the rate.
type sdk struct {
	id   string
	rate float64 // requests a second that it gets

	quota, used int
	ends        roentgen.Time
	stats       sampling.Statistics
	nextPoll    time.Time

	fixedTried, fixedTaken int // of requests that went by the rate
}

// second lets a second's requests in and returns how many the reservoir took.
func (c *sdk) second(now time.Time, rule roentgen.Rule, dice *rand.Rand) (fromReservoir int) {
	c.used = 0
	borrowed := false
	for range poisson(c.rate, dice) {
		c.stats.Requests++
		switch {
		case c.ends != 0 && c.ends >= roentgen.At(now) && c.used < c.quota:
			c.used++
			c.stats.Sampled++
			fromReservoir++
			continue
		case (c.ends == 0 || c.ends < roentgen.At(now)) && rule.ReservoirSize > 0 && !borrowed:
			borrowed = true
			c.stats.Borrowed++
			fromReservoir++
			continue
		}
		c.fixedTried++
		if dice.Float64() < rule.FixedRate {
			c.fixedTaken++
			c.stats.Sampled++
		}
	}
	return fromReservoir
}

func poisson(mean float64, dice *rand.Rand) (n int) {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*dice.NormFloat64())))
	}
	for p := dice.Float64(); p > math.Exp(-mean); p *= dice.Float64() {
		n++
	}
	return n
}

func (c *sdk) poll(t *testing.T, s *sampling.Service, now time.Time) {
	t.Helper()
	c.nextPoll = now.Add(10 * time.Second)
	if c.stats.Requests == 0 {
		return // no statistics, no call
	}
	c.stats.Rule, c.stats.Client, c.stats.At = "shared", c.id, roentgen.At(now)
	a, err := s.Report(t.Context(), []sampling.Statistics{c.stats}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.quota, c.ends = a.Targets[0].Quota, a.Targets[0].QuotaEnds
	c.stats = sampling.Statistics{}
}

// TestTheReservoirIsOneOverTwoHundredClients: uneven traffic, up to an hour. In each
// minute after the first leases the reservoir takes what it should within a
// tenth, and what goes by the rate is taken at that rate within a hundredth.
func TestTheReservoirIsOneOverTwoHundredClients(t *testing.T) {
	for reservoir, seconds := range map[int]int{20: 1200, 50: 1200, 300: 3600, 900: 1200} {
		t.Run(fmt.Sprint(reservoir), func(t *testing.T) {
			t.Parallel()
			r := rule("shared", 1, reservoir)
			r.FixedRate = 0.1
			b, _ := book(t, r)
			now := start
			s := sampling.New(b, sampling.Config{Now: func() time.Time { return now }})
			dice := rand.New(rand.NewPCG(1, uint64(reservoir)))
			clients, total := fleet(dice)
			// X-Ray's promise is for traffic that the reservoir cannot take whole;
			// below that all of it is to be taken.
			want := min(float64(reservoir), total)
			var minute int
			for second := range seconds {
				now = start.Add(time.Duration(second) * time.Second)
				for _, c := range clients {
					if !now.Before(c.nextPoll) {
						c.poll(t, s, now)
					}
					minute += c.second(now, r, dice)
				}
				if second%60 != 59 {
					continue
				}
				if got := float64(minute) / 60; second > 60 && math.Abs(got-want) > want/10 {
					t.Errorf("minute %d: the reservoir took %.1f a second, want %.0f within a tenth", second/60, got, want)
				}
				minute = 0
			}
			tried, taken := 0, 0
			for _, c := range clients {
				tried, taken = tried+c.fixedTried, taken+c.fixedTaken
			}
			if enough := reservoir < int(total); enough && tried < 500_000 {
				t.Errorf("%d requests went by the rate: too few to measure it to a hundredth", tried)
			} else if enough && math.Abs(float64(taken)/float64(tried)/r.FixedRate-1) > 0.01 {
				t.Errorf("by the rate: %d of %d", taken, tried)
			}
		})
	}
}

// fleet returns 200 clients: a few get most of the requests, most few (Zipf).
func fleet(dice *rand.Rand) (clients []*sdk, total float64) {
	for i := range 200 {
		c := &sdk{
			id: fmt.Sprintf("%024x", dice.Uint64()), rate: 100 / float64(i+1),
			nextPoll: start.Add(time.Duration(dice.IntN(10_000)) * time.Millisecond),
		}
		total += c.rate
		clients = append(clients, c)
	}
	return clients, total
}

func TestASmallReservoirServesEveryClientInTurn(t *testing.T) {
	b, _ := book(t, rule("r", 1, 1))
	now := start
	s := sampling.New(b, sampling.Config{Now: func() time.Time { return now }})
	served := map[string]int{}
	for range 450 {
		for range 6 {
			for _, id := range []string{"a", "b", "c"} {
				a, err := s.Report(t.Context(), []sampling.Statistics{{Rule: "r", Client: id, At: roentgen.At(now), Requests: 1000}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				served[id] += a.Targets[0].Quota
			}
			now = now.Add(10 * time.Second)
		}
	}
	for id, n := range served {
		if n < 2700/3*8/10 || n > 2700/3*12/10 {
			t.Errorf("client %s was served %d times of 2700, want about a third", id, n)
		}
	}
}
