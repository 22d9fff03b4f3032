package accept

import (
	"net/netip"
	"slices"
)

// Networks lists who may send to a door that cannot authenticate. Empty:
// everybody who can reach the socket, which is right on loopback alone.
type Networks []netip.Prefix

// Allow reports whether ip may send. This machine always may.
func (n Networks) Allow(ip netip.Addr) bool {
	return len(n) == 0 || ip.IsLoopback() || slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(ip) })
}
