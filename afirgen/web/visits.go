package web

import (
	"net/netip"
	"sync"
	"time"
)

// visits remembers when each client was let in. One lock for all: it is held for some 200 ns, and the work of a request
// behind it takes hundreds of times as long.
type visits struct {
	limit RateLimit
	now   func() time.Time
	start time.Time // times below are nanoseconds since then

	mu struct {
		sync.Mutex
		last    int64 // the clock does not go back
		clients map[netip.Addr]*client
		order   client // the head of a ring: next is who came last, prev who has been quiet for longest
	}
}

// client is one client's place in the ring of all, and the ring of its own last visits.
type client struct {
	who        netip.Addr
	next, prev *client
	at         []int64 // when it was let in; n of them from first on, wrapping round
	first, n   int
}

func newVisits(limit RateLimit, now func() time.Time) *visits {
	v := &visits{limit: limit, now: now, start: now()}
	v.mu.clients = map[netip.Addr]*client{}
	v.mu.order.next, v.mu.order.prev = &v.mu.order, &v.mu.order
	return v
}

// verdict is what is decided about one request.
type verdict struct {
	ok      bool
	left    int           // requests that would be let in right after this one
	wait    time.Duration // until the next one is let in; 0 if ok
	clients int           // remembered now
}

// admit decides and, if it lets the request in, remembers it.
func (v *visits) admit(who netip.Addr) verdict {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := max(v.mu.last, int64(v.now().Sub(v.start)))
	v.mu.last = now
	c := v.clientLocked(who, now)
	c.forget(now - int64(v.limit.Window))
	if c.n >= v.limit.Requests {
		wait := time.Duration(c.at[c.first] + int64(v.limit.Window) - now)
		return verdict{wait: wait, clients: len(v.mu.clients)}
	}
	c.remember(now, v.limit.Requests)
	return verdict{ok: true, left: v.limit.Requests - c.n, clients: len(v.mu.clients)}
}

// clientLocked finds or makes who's client and puts it in front of the ring.
func (v *visits) clientLocked(who netip.Addr, now int64) *client {
	c := v.mu.clients[who]
	if c == nil {
		c = v.roomLocked(now)
		c.who = who
		v.mu.clients[who] = c
	} else {
		c.unlink()
	}
	c.linkAfter(&v.mu.order)
	return c
}

// roomLocked returns an empty client: the quietest one's room, if that has nothing left to remember or all places are
// taken. It looks at two, so that the idle go away faster than new ones come.
func (v *visits) roomLocked(now int64) *client {
	var free *client
	for range 2 {
		c := v.mu.order.prev
		full := len(v.mu.clients) >= v.limit.Clients
		if c == &v.mu.order || !full && c.latest() > now-int64(v.limit.Window) {
			break
		}
		c.unlink()
		delete(v.mu.clients, c.who)
		free = c
	}
	if free == nil {
		return &client{}
	}
	free.first, free.n = 0, 0
	return free
}

func (c *client) unlink() { c.prev.next, c.next.prev = c.next, c.prev }

func (c *client) linkAfter(head *client) {
	c.prev, c.next = head, head.next
	head.next.prev = c
	head.next = c
}

// latest is when c was let in last.
func (c *client) latest() int64 {
	if c.n == 0 {
		return -1 << 63
	}
	return c.at[(c.first+c.n-1)%len(c.at)]
}

// forget drops what happened at or before then.
func (c *client) forget(then int64) {
	for c.n > 0 && c.at[c.first] <= then {
		c.first = (c.first + 1) % len(c.at)
		c.n--
	}
}

// remember adds now; the ring grows by doubling, because most clients never come near the most that they may.
func (c *client) remember(now int64, most int) {
	if c.n == len(c.at) {
		grown := make([]int64, min(max(8, 2*len(c.at)), most))
		for i := range c.n {
			grown[i] = c.at[(c.first+i)%len(c.at)]
		}
		c.at, c.first = grown, 0
	}
	c.at[(c.first+c.n)%len(c.at)] = now
	c.n++
}
