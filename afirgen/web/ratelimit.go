package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// RateLimit bounds what one client may ask for. A client is an IPv4 address, or the /64 of an IPv6 address, because one
// household has a whole /64 to choose from.
//
// The window slides: in no stretch of time as long as Window are more than Requests let in. A refused request does not
// count, so that Retry-After is the true time until the next one is let in. Each client costs at most 8 bytes per
// request in the window and about 150 more: 10 MB for the 10,000 clients and 100 requests of the defaults. When Clients
// are remembered and one more comes, the one that has been quiet for longest is forgotten, and may start anew.
type RateLimit struct {
	Requests int                      // within Window; 0 is 100
	Window   time.Duration            // 0 is 60 s
	Clients  int                      // remembered at once; 0 is 10,000
	Exempt   func(*http.Request) bool // not counted, beside the probes; nil: nobody
}

func (l RateLimit) orDefaults() RateLimit {
	if l.Requests <= 0 {
		l.Requests = 100
	}
	if l.Window <= 0 {
		l.Window = time.Minute
	}
	if l.Clients <= 0 {
		l.Clients = 10_000
	}
	return l
}

// limitRate stands before the API key, so that guessing keys is limited too.
func limitRate(cfg Config, next http.Handler) http.Handler {
	if cfg.RateLimit == nil {
		return next
	}
	limit := cfg.RateLimit.orDefaults()
	visits := newVisits(limit, cfg.Now)
	headers := limitHeaders(limit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) || limit.Exempt != nil && limit.Exempt(r) {
			next.ServeHTTP(w, r)
			return
		}
		v := visits.admit(limitKey(recordOf(r.Context()).client))
		headers(w.Header(), v.left)
		cfg.Metrics.limited(v)
		if v.ok {
			next.ServeHTTP(w, r)
			return
		}
		WriteError(w, r, rateLimitedError(limit, v.wait))
	})
}

// limitHeaders returns a function that sets the three headers in which a client sees how it stands.
func limitHeaders(limit RateLimit) func(http.Header, int) {
	requests, window := strconv.Itoa(limit.Requests), seconds(limit.Window)
	return func(h http.Header, left int) {
		h.Set("X-RateLimit-Limit", requests)
		h.Set("X-RateLimit-Window", window)
		h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	}
}

// seconds is d in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func rateLimitedError(limit RateLimit, wait time.Duration) *Error {
	e := Fail(http.StatusTooManyRequests, contract.RateLimited, "too many requests from this address: "+
		strconv.Itoa(limit.Requests)+" are let in within "+seconds(limit.Window)+" seconds; Retry-After says when the next one is")
	e.RetryAfter = wait
	return e
}

// limitKey is who counts as one client.
func limitKey(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	household, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return household.Addr()
}

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
