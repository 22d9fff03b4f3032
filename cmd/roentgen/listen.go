package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// wantLoopback returns an error unless addr can only be reached from this
// machine.
func wantLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return errors.New("is not a loopback address")
	}
	return nil
}

// listenTCP says which flag moves a door whose port is taken.
func listenTCP(ctx context.Context, flag, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(flag, "tcp", addr, err)
	}
	return l, nil
}

func listenUDP(ctx context.Context, flag, addr string) (*net.UDPConn, error) {
	c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", addr)
	if err != nil {
		return nil, listenError(flag, "udp", addr, err)
	}
	return c.(*net.UDPConn), nil
}

// listenDaemon opens UDP and TCP on one port. With port 0 the kernel chooses a
// TCP port; another program may hold the same number for UDP, so a few are
// tried.
func listenDaemon(ctx context.Context, addr string) (net.Listener, *net.UDPConn, error) {
	for tries := 0; ; tries++ {
		l, err := listenTCP(ctx, "daemon", addr)
		if err != nil {
			return nil, nil, err
		}
		c, err := listenUDP(ctx, "daemon", l.Addr().String())
		if err == nil {
			return l, c, nil
		}
		l.Close()
		if _, port, _ := net.SplitHostPort(addr); port != "0" || tries == 10 {
			return nil, nil, err
		}
	}
}

func listenError(flag, network, addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s %s: the port is taken, perhaps by another roentgen or an X-Ray daemon; stop that program or choose another port with --%s", network, addr, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s %s: not permitted; ports below 1024 need privileges: choose another with --%s", network, addr, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("listen on %s %s: this host has no such address; give --%s one that it has, 127.0.0.1 for itself alone, or 0.0.0.0 for all", network, addr, flag)
	case errors.As(err, new(*net.DNSError)):
		return fmt.Errorf("listen on %s %s: %w; give --%s an address of this host, such as 127.0.0.1 or 0.0.0.0", network, addr, err, flag)
	case errors.As(err, new(*net.AddrError)):
		return fmt.Errorf("listen on %s %s: %w; give --%s a host and a port, such as 127.0.0.1:2000", network, addr, err, flag)
	}
	return fmt.Errorf("listen on %s %s (--%s): %w", network, addr, flag, err)
}
