package accept_test

import (
	"net/netip"
	"testing"

	"github.com/roentgen/roentgen/accept"
)

func TestWhoMaySend(t *testing.T) {
	some := accept.Networks{netip.MustParsePrefix("10.0.0.0/8")}
	for ip, want := range map[string]bool{"10.1.2.3": true, "127.0.0.1": true, "::1": true, "192.0.2.1": false, "2001:db8::1": false} {
		if got := some.Allow(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s may send: %v", ip, got)
		}
	}
	if !(accept.Networks{}).Allow(netip.MustParseAddr("192.0.2.1")) {
		t.Error("without a list somebody may not send")
	}
}
