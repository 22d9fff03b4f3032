package sampling

import (
	"container/heap"
	"math"
	"slices"
	"strings"
	"time"
)

// share is how the reservoir of one rule is shared out over its clients: each
// in proportion to its traffic. A client cannot use more than its traffic, and
// in a second without requests it uses nothing; so units beyond the reservoir
// are lent, to those most likely to have a request for one, until all of them
// together are expected to use the reservoir, and no more.
type share struct {
	clients map[string]*client
	planned time.Time
	size    int // the reservoir that was planned for
	dirty   bool
}

type client struct {
	id    string
	seen  time.Time
	rate  float64 // requests a second, smoothed; 0: has reported once only
	known bool    // rate was measured
	quota int     // as planned
	turn  int     // in which it got one of the units left over
}

func newShare() *share { return &share{clients: map[string]*client{}} }

// Smoothing of a client's rate: the share of the newest report.
const newest = 0.5

// lease notes a report and returns the quota of its client; false when there is
// no room for it.
func (s *share) lease(reservoir int, r Statistics, now time.Time, cfg Config) (int, bool) {
	c := s.clients[r.Client]
	if c == nil {
		s.forget(now, cfg)
		if len(s.clients) >= cfg.MaxClients {
			return 0, false
		}
		c = &client{id: r.Client, seen: now.Add(-cfg.Interval), turn: -1}
		s.clients[r.Client] = c
		s.dirty = true
	}
	c.measure(r.Requests, now, cfg.Interval)
	if s.dirty || s.size != reservoir || now.Sub(s.planned) >= cfg.Interval/10 {
		s.forget(now, cfg)
		s.plan(reservoir, now, cfg)
	}
	return c.quota, true
}

// measure takes the requests since the last report into the rate. Two reports
// within a second are one: rates of such times say nothing.
func (c *client) measure(requests int, now time.Time, interval time.Duration) {
	elapsed := max(now.Sub(c.seen), time.Second).Seconds()
	rate := float64(requests) / elapsed
	if c.known {
		rate = newest*rate + (1-newest)*c.rate
	}
	c.rate, c.known, c.seen = rate, true, now
}

// forget drops clients that have missed three reports.
func (s *share) forget(now time.Time, cfg Config) {
	for id, c := range s.clients {
		if now.Sub(c.seen) > 3*cfg.Interval {
			delete(s.clients, id)
			s.dirty = true
		}
	}
}

// leastRate stands for the traffic of a client that had none: it may have a
// request any time.
const leastRate = 0.01

// turnLeases is for how many leases a client keeps a unit that it got in its
// turn: while one lets go of it and another takes it up, both may use it, or
// neither, so it should not be often.
const turnLeases = 5

// plan gives each client its quota.
func (s *share) plan(reservoir int, now time.Time, cfg Config) {
	s.planned, s.size, s.dirty = now, reservoir, false
	clients := s.sorted()
	total := 0.0
	for _, c := range clients {
		total += max(c.rate, leastRate)
	}
	rest, used := reservoir, 0.0
	remainders := make([]float64, len(clients))
	for i, c := range clients {
		part := float64(reservoir) * max(c.rate, leastRate) / total
		c.quota = int(part)
		remainders[i] = part - float64(c.quota)
		rest -= c.quota
	}
	turn := int(now.Unix() / int64(turnLeases*cfg.LeaseTTL/time.Second))
	for _, i := range inTurn(clients, remainders, turn) {
		if rest <= 0 {
			break
		}
		clients[i].quota++
		clients[i].turn = turn
		rest--
	}
	for _, c := range clients {
		used += expectedUse(c.rate, c.quota)
	}
	lend(clients, reservoir, float64(reservoir)-used)
}

// sorted returns the clients in an order that does not change from plan to plan.
func (s *share) sorted() []*client {
	out := make([]*client, 0, len(s.clients))
	for _, c := range s.clients {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *client) int { return strings.Compare(a.id, b.id) })
	return out
}

// inTurn orders clients by who is owed a unit: each is owed its remainder in
// every turn, and comes when its debts have grown past another whole unit. So a
// reservoir smaller than the number of clients serves all of them, the busier
// ones more often. Who has got a unit in this turn keeps it until the next.
func inTurn(clients []*client, remainders []float64, turn int) []int {
	order := make([]int, len(remainders))
	due := make([]bool, len(remainders))
	sum := 0.0
	for i, r := range remainders {
		order[i] = i
		// Units fall due along the running sum of the remainders, at a place
		// that moves on by the golden ratio with every turn: evenly over time.
		_, shift := math.Modf(float64(turn) * math.Phi)
		due[i] = math.Floor(sum+r+shift) > math.Floor(sum+shift)
		sum += r
	}
	slices.SortStableFunc(order, func(a, b int) int {
		has, had := clients[a].turn == turn, clients[b].turn == turn
		switch {
		case has != had && has:
			return -1
		case has != had:
			return 1
		case due[a] != due[b] && due[a]:
			return -1
		case due[a] != due[b]:
			return 1
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	return order
}

// worthLending is the least probability of use for which a unit is lent.
const worthLending = 0.01

// lend gives units away until their expected use reaches missing, always to the
// client most likely to use one more. No client alone may use more in a second
// than the reservoir has.
func lend(clients []*client, reservoir int, missing float64) {
	queue := make(chances, len(clients))
	for i, c := range clients {
		queue[i] = chance{c, c.overQuota(reservoir)}
	}
	heap.Init(&queue)
	for len(queue) > 0 && missing > 0 {
		first := &queue[0]
		if first.over < worthLending || first.over > 2*missing {
			return
		}
		missing -= first.over
		first.quota++
		first.over = first.overQuota(reservoir)
		heap.Fix(&queue, 0)
	}
}

// overQuota is how probably the client could use one more.
func (c *client) overQuota(reservoir int) float64 {
	if c.quota >= reservoir {
		return 0
	}
	return probabilityOver(c.rate, c.quota)
}

// chance is how probably a client has more requests in a second than its quota.
type chance struct {
	*client
	over float64
}

// chances is a heap with the greatest first.
type chances []chance

func (c chances) Len() int           { return len(c) }
func (c chances) Less(i, j int) bool { return c[i].over > c[j].over }
func (c chances) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *chances) Push(x any)        { *c = append(*c, x.(chance)) }
func (c *chances) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// expectedUse is how many of quota units a second are used by requests that
// come at random (Poisson), rate of them a second: the sum over k below quota of
// P(N > k).
func expectedUse(rate float64, quota int) float64 {
	if rate > 50 && float64(quota) < rate-6*math.Sqrt(rate) {
		return float64(quota) // all of them, to more digits than matter
	}
	p := math.Exp(-rate)
	over, use := 1-p, 0.0
	for k := range quota {
		if over <= 0 {
			break
		}
		use += over
		p *= rate / float64(k+1)
		over -= p
	}
	return use
}

// probabilityOver is P(N > quota) for N requests in a second, which come at
// random, rate of them a second.
func probabilityOver(rate float64, quota int) float64 {
	if rate > 700 { // e^-rate is no number any more; a bell curve is near enough
		return 0.5 * math.Erfc((float64(quota)+0.5-rate)/math.Sqrt(2*rate))
	}
	p := math.Exp(-rate)
	sum := p
	for k := 1; k <= quota; k++ {
		p *= rate / float64(k)
		sum += p
	}
	return max(0, 1-sum)
}
