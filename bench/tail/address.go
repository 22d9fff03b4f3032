package tail

import (
	"context"
	"fmt"
	"net"
)

// reserved is an address at which this process listens for a moment, over TCP and UDP.
type reserved struct {
	tcp net.Listener
	udp net.PacketConn
}

// listenBoth finds a port of the host that is free for both. The two may differ in who has a port, so that it may take several tries.
func listenBoth(ctx context.Context, host string) (*reserved, error) {
	var last error
	for range 20 {
		tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, fmt.Errorf("look for a free port of %s: %w", host, err)
		}
		udp, err := new(net.ListenConfig).ListenPacket(ctx, "udp", tcp.Addr().String())
		if err == nil {
			return &reserved{tcp, udp}, nil
		}
		last = err
		tcp.Close() // nobody connected
	}
	return nil, fmt.Errorf("look for a port of %s that is free over TCP and UDP: %w", host, last)
}

func (r *reserved) close() {
	r.tcp.Close() // nobody connected
	r.udp.Close()
}
