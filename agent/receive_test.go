package agent

import (
	"fmt"
	"net"
	"testing"
)

// takenUDP is a socket on loopback.
func takenUDP(t testing.TB) *socket {
	t.Helper()
	c, err := takeSocket(listenUDP(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// TestTheKernelsDropsAreCounted sends more than the smallest buffer holds to a
// socket that nobody reads.
func TestTheKernelsDropsAreCounted(t *testing.T) {
	c := takenUDP(t)
	if _, err := c.growBuffer(1); err != nil { // the kernel gives its least
		t.Fatal(err)
	}
	before, ok := c.drops()
	if !ok {
		t.Fatal("this kernel does not tell what it drops")
	}
	to, err := net.Dial("udp", c.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	for range 100 {
		if _, err := to.Write(make([]byte, 2000)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() error {
		if n, _ := c.drops(); n-before < 50 {
			return fmt.Errorf("%d of 100 datagrams are counted as dropped", n-before)
		}
		return nil
	})
	if got, err := c.growBuffer(64 << 10); err != nil || got < 64<<10 {
		t.Errorf("a buffer of 64 KiB was asked for: %d, %v", got, err)
	}
}

func TestDatagramsKeepTheirEdges(t *testing.T) {
	c := takenUDP(t)
	q := mustQueue(t, "", 1024)
	b := newBatchReader(c, q, true)
	to, err := net.Dial("udp", c.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	sizes := []int{1, 65507, 0, 2000}
	for _, n := range sizes {
		if _, err := to.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(sizes); {
		n, err := b.read()
		if err != nil {
			t.Fatal(err)
		}
		for k := range n {
			if len(q.datagram(k)) != sizes[i] || !q.from(k).IsLoopback() {
				t.Errorf("datagram %d has %d bytes and is from %s", i, len(q.datagram(k)), q.from(k))
			}
			q.free(k)
			i++
		}
	}
}

func TestPressure(t *testing.T) {
	var p pressure
	for i, c := range []struct{ queue, spool, want float64 }{
		{0.2, 0.2, 0}, {0.9, 0, 0}, {0.75, 0, 0.5}, {0, 0, 0.4}, {0, 1, 0.3}, {0, 1, 1}, {0, 0.95, 0.9},
	} {
		if got := p.look(c.queue, c.spool); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("look %d: %v and not %v", i, got, c.want)
		}
	}
}
