package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddr returns the peer's address; behind a trusted proxy, the last address in X-Forwarded-For that is not itself
// a trusted proxy, because everything left of it can be made up by the caller. It is the zero Addr where the peer has
// none.
func clientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addrPort, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := plain(addrPort.Addr())
	if !isTrusted(client, trusted) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(client, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = plain(hop)
	}
	return client
}

// plain takes an address out of its IPv6 wrapping, and off the interface that it was seen on.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// clientIP is addr for people.
func clientIP(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unknown"
	}
	return addr.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
