package main

import (
	"strings"
	"testing"
)

func TestAnAddressThatCannotBeListenedOnIsExplained(t *testing.T) {
	for addr, says := range map[string]string{
		"203.0.113.7:0":    "this host has no such address",
		"127.0.0.1:99999":  "such as 127.0.0.1:2000",
		"no-host.invalid:": "an address of this host",
	} {
		c, err := listenUDP(t.Context(), "bind", addr)
		if err == nil {
			c.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "--bind") {
			t.Errorf("udp %s: %v", addr, err)
		}
		l, err := listenTCP(t.Context(), "bind-tcp", addr)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "--bind-tcp") {
			t.Errorf("tcp %s: %v", addr, err)
		}
	}
}
