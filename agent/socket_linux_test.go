package agent

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

// TestAPauseEndsWithTheSocket would take a day.
func TestAPauseEndsWithTheSocket(t *testing.T) {
	c := takenUDP(t)
	c.pause(time.Microsecond)
	paused := make(chan struct{})
	go func() {
		c.pause(24 * time.Hour)
		c.pause(24 * time.Hour)
		close(paused)
	}()
	c.end()
	<-paused
	if c.pause(24 * time.Hour); !errors.Is(c.wait(), net.ErrClosed) {
		t.Error("a socket that ended is waited for")
	}
}

// TestTheKernelTellsHowFullItsBufferIs fills it.
func TestTheKernelTellsHowFullItsBufferIs(t *testing.T) {
	c := takenUDP(t)
	if fill := c.fill(); fill != 0 {
		t.Errorf("the buffer of a new socket is full to %v", fill)
	}
	to, err := net.Dial("udp", c.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	for drops := uint32(0); drops == 0; drops, _ = c.drops() {
		if _, err := to.Write(make([]byte, 2000)); err != nil {
			t.Fatal(err)
		}
	}
	if fill := c.fill(); fill < 0.9 || fill > 1.1 {
		t.Errorf("a full buffer is full to %v", fill)
	}
}

// TestWhatTheKernelDroppedBeforeTheStartIsCounted fills the buffer of a socket
// that nobody reads yet.
func TestWhatTheKernelDroppedBeforeTheStartIsCounted(t *testing.T) {
	conn := listenUDP(t)
	to, err := net.Dial("udp", conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	const sent = 1000
	d := []byte(undecided + "\n" + document(newTrace(), ""))
	for range sent {
		if _, err := to.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	a := startAgent(t, newHouse(t), t.TempDir(), func(cfg *Config) { cfg.UDP = conn })
	eventually(t, func() error {
		s := a.Statement()
		if s.KernelDrops == 0 || s.Received["udp"]+s.KernelDrops != sent {
			return fmt.Errorf("of %d datagrams %d were read and %d are counted as dropped", sent, s.Received["udp"], s.KernelDrops)
		}
		return nil
	})
}
