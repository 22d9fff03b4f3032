package agent

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// TestRequestsTogetherTakeBoundedMemory holds large requests open that do not
// end, and sees that the next one is asked to come again.
func TestRequestsTogetherTakeBoundedMemory(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), nil)
	part := strings.Repeat("x", 1<<20)
	var held []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", a.cfg.TCP.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
		fmt.Fprint(c, "POST /TraceSegments HTTP/1.1\r\nHost: agent\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range 15 {
			fmt.Fprintf(c, "%x\r\n%s\r\n", len(part), part)
		}
	}
	eventually(t, func() error {
		if left := a.bodies.Load(); left > 2<<20 {
			return fmt.Errorf("requests may hold %d bytes yet", left)
		}
		return nil
	})
	large := fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, strings.Repeat(part, 3))
	if status := a.ask(t, "POST", "/TraceSegments", large, nil, nil); status != 503 {
		t.Errorf("a large request beside others that fill the memory: %d", status)
	}
	trace := newTrace()
	if status := a.ask(t, "POST", "/TraceSegments", fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, document(trace, "")), nil, nil); status != 200 {
		t.Errorf("a small one: %d", status)
	}
	for _, c := range held {
		c.Close()
	}
	eventually(t, func() error {
		if left := a.bodies.Load(); left != bodyBytes {
			return fmt.Errorf("requests may hold %d bytes", left)
		}
		return nil
	})
	if status := a.ask(t, "POST", "/TraceSegments", "{"+strings.Repeat(" ", requestBytes), nil, nil); status != 413 {
		t.Errorf("more than one request may have: %d", status)
	}
}
