package access_test

import (
	"strings"
	"testing"

	"github.com/roentgen/roentgen/access"
)

func TestDoorsThatAreNotHTTPTakeBearerTokens(t *testing.T) {
	const secret = "a-token-of-somebody-0123456789"
	keys, _ := keyring(t, "somebody "+secret)
	g := access.New(access.Config{Keyring: keys})
	for _, c := range []struct {
		values []string
		want   string // in the error; empty: let in
	}{
		{[]string{"Bearer " + secret}, ""},
		{[]string{"bearer " + secret}, ""},
		{nil, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN"},
		{[]string{"Bearer of-nobody-0123456789"}, "none of this server's"},
		{[]string{"Bearer " + secret, "Bearer " + secret}, "one token"},
		{[]string{"Basic c29tZWJvZHk6eA=="}, "of no kind"},
		{[]string{"AWS4-HMAC-SHA256 Credential=somebody/x"}, "of no kind"},
	} {
		err := g.Bearer(c.values)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.values, err, c.want)
		}
	}
	if err := access.New(access.Config{}).Bearer(nil); err != nil {
		t.Errorf("without a file of tokens: %v", err)
	}
}
