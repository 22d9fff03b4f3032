package web

import (
	"net/http"
	"net/netip"
	"strconv"
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
