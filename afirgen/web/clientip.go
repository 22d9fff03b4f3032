package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientIP returns the peer's address; behind a trusted proxy, the last address in X-Forwarded-For that is not itself a
// trusted proxy, because everything left of it can be made up by the caller.
func clientIP(r *http.Request, trusted []netip.Prefix) string {
	addrPort, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	client := addrPort.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(client, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
	}
	return client.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
