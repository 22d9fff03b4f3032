package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/accept"
)

// knocks is a door at which connections come from addresses.
type knocks struct {
	net.Listener
	from []string
}

func (k *knocks) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero, Port: 4318} }

func (k *knocks) Accept() (net.Conn, error) {
	if len(k.from) == 0 {
		return nil, errors.New("nobody is left")
	}
	c := caller{addr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(k.from[0]), 50000))}
	k.from = k.from[1:]
	return c, nil
}

type caller struct {
	net.Conn
	addr net.Addr
}

func (c caller) RemoteAddr() net.Addr { return c.addr }
func (c caller) Close() error         { return nil }

// TestOpenTelemetrysDoorsAreForAllowedNetworks: as the daemon's are. A scan is
// one line a minute.
func TestOpenTelemetrysDoorsAreForAllowedNetworks(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1e9, 0)
	d := otlpDoors{http: &knocks{from: []string{"192.0.2.7", "10.1.2.3", "192.0.2.7", "192.0.2.8", "127.0.0.1", "::ffff:10.9.9.9", "192.0.2.9"}}}
	d.allow(accept.Networks{netip.MustParsePrefix("10.0.0.0/8")}, slog.New(slog.NewTextHandler(&out, nil)), func() time.Time { return now })
	if d.grpc != nil {
		t.Error("a door that was shut is open")
	}
	for _, want := range []string{"10.1.2.3", "127.0.0.1", "::ffff:10.9.9.9"} {
		c, err := d.http.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().String(); got != want {
			t.Errorf("%s came in, want %s", got, want)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines in a minute:\n%s", n, out.String())
	}
	now = now.Add(time.Minute)
	if c, err := d.http.Accept(); err == nil {
		t.Errorf("%v came in", c.RemoteAddr())
	}
	if !strings.Contains(out.String(), "connections=3") {
		t.Errorf("what was not told is not in the next line:\n%s", out.String())
	}
}
