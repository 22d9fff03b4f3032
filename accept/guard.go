package accept

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Guard shuts out connections to l from networks that are not among n. The log
// hears of strangers once a minute: a scan is many of them. One goroutine accepts.
func (n Networks) Guard(l net.Listener, log *slog.Logger, now func() time.Time) net.Listener {
	return &guarded{Listener: l, networks: n, log: log, now: now}
}

type guarded struct {
	net.Listener
	networks Networks
	log      *slog.Logger
	now      func() time.Time

	// Owned by whoever accepts.
	told    time.Time
	refused int // since told
}

const toldEvery = time.Minute

// Accept returns the next connection from an allowed network.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil || g.allows(c.RemoteAddr()) {
			return c, err
		}
		g.tell(c.RemoteAddr())
		c.Close()
	}
}

func (g *guarded) allows(addr net.Addr) bool {
	from, err := netip.ParseAddrPort(addr.String())
	return err == nil && g.networks.Allow(from.Addr().Unmap())
}

func (g *guarded) tell(from net.Addr) {
	g.refused++
	if now := g.now(); g.told.IsZero() || now.Sub(g.told) >= toldEvery {
		g.log.Warn("connections refused: their network is not among --allow", "door", g.Addr(), "from", from, "connections", g.refused)
		g.told, g.refused = now, 0
	}
}
