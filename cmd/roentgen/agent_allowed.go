package main

import (
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/roentgen/roentgen/accept"
)

// allowedDoor shuts out connections from networks that --allow does not name. The
// agent does so at its own doors; this is for OpenTelemetry's.
type allowedDoor struct {
	net.Listener
	networks accept.Networks
	log      *slog.Logger
	now      func() time.Time

	// Owned by whoever accepts, which is one.
	told    time.Time
	refused int // since told
}

// toldEvery is how often the log hears of strangers: a scan is many of them.
const toldEvery = time.Minute

// Accept returns the next connection from an allowed network.
func (d *allowedDoor) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || d.allows(c.RemoteAddr()) {
			return c, err
		}
		d.tell(c.RemoteAddr())
		c.Close()
	}
}

func (d *allowedDoor) allows(addr net.Addr) bool {
	from, err := netip.ParseAddrPort(addr.String())
	return err == nil && d.networks.Allow(from.Addr().Unmap())
}

func (d *allowedDoor) tell(from net.Addr) {
	d.refused++
	if now := d.now(); d.told.IsZero() || now.Sub(d.told) >= toldEvery {
		d.log.Warn("connections refused: their network is not among --allow", "door", d.Addr(), "from", from, "connections", d.refused)
		d.told, d.refused = now, 0
	}
}

// allow puts the networks before the doors.
func (d *otlpDoors) allow(networks accept.Networks, log *slog.Logger) {
	for _, l := range []*net.Listener{&d.grpc, &d.http} {
		if *l != nil {
			*l = &allowedDoor{Listener: *l, networks: networks, log: log, now: time.Now}
		}
	}
}
