//go:build long

package test

import "testing"

// TestVerifyNoticesEveryDamage looks at a deployment through each damage that is not looked at every time.
func TestVerifyNoticesEveryDamage(t *testing.T) {
	d := deploy(t)
	if out, progress, code := d.verify(t, nil, "--concurrent", "3"); code != 0 { // leaves a fault to look at, too
		t.Fatalf("exit code %d:\n%s\n%s", code, out, progress)
	}
	for _, c := range damages() {
		if !c.often {
			d.damaged(t, c)
		}
	}
}

// TestVerifyNoticesEachServiceWithoutTracing switches tracing off in the two services that the short form leaves out.
func TestVerifyNoticesEachServiceWithoutTracing(t *testing.T) {
	for service, fails := range map[string][]string{
		"asrocr":  {configuration, readerHealth, processing, errorTracing, annotations},
		"backend": {configuration, backendHealth, processing, concurrent, errorTracing, annotations},
	} {
		t.Run(service, func(t *testing.T) { wantFailed(t, deploy(t, service).judge(t, nil), fails...) })
	}
}
