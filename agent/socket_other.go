//go:build !linux

package agent

import (
	"net"
	"time"
)

// socket is the UDP socket.
type socket struct {
	conn    *net.UDPConn
	address net.Addr
}

func takeSocket(conn *net.UDPConn) (*socket, error) { return &socket{conn, conn.LocalAddr()}, nil }

// end lets a read return.
func (s *socket) end() { s.conn.Close() }

func (s *socket) close() error {
	s.conn.Close() // it may have ended
	return nil
}

// pause does not: datagrams come one by one here.
func (s *socket) pause(time.Duration) {}

// growBuffer asks for a receive buffer; what the kernel gives is not told here.
func (s *socket) growBuffer(want int) (int, error) { return want, s.conn.SetReadBuffer(want) }

// fill is not told by this kernel: it may be full.
func (s *socket) fill() float64 { return 1 }

// drops are not told by this kernel.
func (s *socket) drops() (uint32, bool) { return 0, false }
