package main

import "testing"

func TestTracesAreRedactedUnlessTheVariableSaysOtherwise(t *testing.T) {
	for value, own := range map[string]bool{"": true, "off": false, "on": false, "victim,accused": false} {
		c := redaction(func(name string) (string, bool) { return value, name == "XRAY_REDACT" && value != "" })
		if (c != nil) != own {
			t.Errorf("XRAY_REDACT=%q: %+v", value, c)
		}
		if c != nil && (c.Off || !c.Phone || !c.Aadhaar || !c.PAN || !c.Email || !c.SQL || !c.URLQuery) {
			t.Errorf("what is taken out by default is not everything: %+v", c)
		}
	}
}
