//go:build !linux

package agent

import (
	"net"
	"net/netip"

	"github.com/roentgen/roentgen/wire"
)

// batchReader reads one datagram at a time, where the kernel knows no other way.
type batchReader struct {
	conn   *net.UDPConn
	buf    []byte
	length int
	sender netip.Addr
}

func newBatchReader(conn *net.UDPConn, _ bool) (*batchReader, error) {
	return &batchReader{conn: conn, buf: make([]byte, wire.MaxDatagramBytes+1)}, nil
}

func (b *batchReader) read() (int, error) {
	n, from, err := b.conn.ReadFromUDPAddrPort(b.buf)
	b.length, b.sender = n, from.Addr().Unmap()
	return 1, err
}

func (b *batchReader) datagram(int) []byte { return b.buf[:b.length] }
func (b *batchReader) from(int) netip.Addr { return b.sender }

// growBuffer asks for a receive buffer; what the kernel gives is not told here.
func growBuffer(conn *net.UDPConn, want int) (int, error) { return want, conn.SetReadBuffer(want) }

// socketDrops is not told by this kernel.
func socketDrops(*net.UDPConn) (uint32, bool) { return 0, false }
