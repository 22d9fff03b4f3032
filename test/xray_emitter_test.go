package test

import (
	"net"
	"sync"
	"testing"

	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/aws/aws-xray-sdk-go/xraylog"
)

// quietSDK turns the SDK's log off, once: it is one for all, and pollers of earlier tests still read it.
var quietSDK = sync.OnceFunc(func() { xray.SetLogger(xraylog.NullLogger) })

// goEmitter returns the SDK's own UDP emitter: a configuration in a context
// has one only if it is given one.
func goEmitter(t *testing.T, s *server) xray.Emitter {
	t.Helper()
	quietSDK()
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
