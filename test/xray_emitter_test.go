package test

import (
	"net"
	"testing"

	"github.com/aws/aws-xray-sdk-go/xray"
)

// goEmitter returns the SDK's own UDP emitter: a configuration in a context
// has one only if it is given one.
func goEmitter(t *testing.T, s *server) xray.Emitter {
	t.Helper()
	addr, err := net.ResolveUDPAddr("udp", s.Daemon)
	if err != nil {
		t.Fatal(err)
	}
	e, err := xray.NewDefaultEmitter(addr)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
