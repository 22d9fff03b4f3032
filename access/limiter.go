package access

import (
	"net/netip"
	"sync"
	"time"
)

// An address may try to log in attempts times at once; each failure is
// forgotten after one refill. The token's length is what keeps guesses out;
// this keeps them from costing anything.
const (
	attempts   = 10
	refill     = 6 * time.Second
	retryAfter = "6" // refill, in seconds

	// maxAddresses bounds the memory of failures, about 100 bytes each. When
	// so many addresses have failed of late, further ones share one account.
	maxAddresses = 10_000
)

// limiter counts failed logins by address.
type limiter struct {
	mu struct {
		sync.Mutex
		// settled is when the address's failures are all forgotten; one that
		// was never seen, or for which that time is over, has a clean slate.
		settled map[netip.Prefix]time.Time
	}
}

func newLimiter() *limiter {
	l := new(limiter)
	l.mu.settled = map[netip.Prefix]time.Time{}
	return l
}

// take books an attempt of the address, and says whether it had one left.
func (l *limiter) take(address netip.Prefix, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	address = l.accountLocked(address, now)
	settled := l.mu.settled[address]
	if settled.Before(now) {
		settled = now
	}
	if settled.Sub(now) > (attempts-1)*refill {
		return false
	}
	l.mu.settled[address] = settled.Add(refill)
	return true
}

// giveBack takes an attempt that take booked off the books.
func (l *limiter) giveBack(address netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.mu.settled[address]; !ok {
		address = netip.Prefix{}
	}
	l.mu.settled[address] = l.mu.settled[address].Add(-refill)
}

// accountLocked returns the address, or the account that all share for which
// there is no room.
func (l *limiter) accountLocked(address netip.Prefix, now time.Time) netip.Prefix {
	if _, known := l.mu.settled[address]; known || len(l.mu.settled) < maxAddresses {
		return address
	}
	for other, settled := range l.mu.settled {
		if !settled.After(now) {
			delete(l.mu.settled, other)
		}
	}
	if len(l.mu.settled) < maxAddresses {
		return address
	}
	return netip.Prefix{}
}

// addressOf is what attempts are counted by: an IPv4 address, or the /64 of
// an IPv6 one, all of which one machine may use.
func addressOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, _ := ip.Prefix(bits) // 32 and 64 are within their families
	return p
}
