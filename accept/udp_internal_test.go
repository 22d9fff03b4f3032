package accept

import (
	"net/netip"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestSendersOutsideTheNetworksAreCountedNotHeard(t *testing.T) {
	u := &UDP{
		acceptor: New(Config{}, nil),
		cfg:      UDPConfig{Allow: Networks{netip.MustParsePrefix("10.0.0.0/8")}},
		queue:    make(chan []byte, 10),
	}
	datagram := []byte("{\"format\":\"json\",\"version\":1}\n{}")
	u.take(datagram, netip.MustParseAddr("192.0.2.1"))
	if len(u.queue) != 0 || testutil.ToFloat64(u.acceptor.metrics.lost.WithLabelValues("udp", causeForeign)) != 1 {
		t.Errorf("a foreign datagram was queued or not counted")
	}
	u.take(datagram, netip.MustParseAddr("10.1.2.3"))
	if len(u.queue) != 1 {
		t.Errorf("a datagram from an allowed network was not heard")
	}
}
