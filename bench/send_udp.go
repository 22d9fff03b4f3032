package bench

import (
	"context"
	"fmt"
	"net"
)

// udpSender sends datagrams. Nobody answers: what arrived, the server has to
// be asked afterwards.
type udpSender struct{ conns []net.Conn } // by worker

func newUDPSender(ctx context.Context, address string, connections int) (*udpSender, error) {
	s := new(udpSender)
	for range connections {
		c, err := new(net.Dialer).DialContext(ctx, "udp", address)
		if err != nil {
			s.close()
			return nil, fmt.Errorf("open a socket to %s: %w", address, err)
		}
		s.conns = append(s.conns, c)
	}
	return s, nil
}

func (s *udpSender) send(_ context.Context, worker int, request []byte) (int, error) {
	if _, err := s.conns[worker].Write(request); err != nil {
		return 0, fmt.Errorf("send a datagram: %w", err)
	}
	return 0, nil
}

func (s *udpSender) close() {
	for _, c := range s.conns {
		c.Close() // a datagram socket holds nothing back
	}
}
