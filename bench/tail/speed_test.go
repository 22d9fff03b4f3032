package tail

import (
	"strings"
	"testing"
)

func TestTheSpeedOfTheMachineIsMeasured(t *testing.T) {
	s, err := measureSpeed(1<<20, 3)
	if err != nil {
		t.Fatal(err)
	}
	// A wide range: with the race detector, on any machine.
	if s.Struct < 0.5 || s.Struct > 5000 || s.Any < 0.5 || s.Any > 5000 {
		t.Errorf("%+v", s)
	}
}

func TestTheSpeedStandsBesideTheReference(t *testing.T) {
	text := speedText(Speed{133, 110}, Speed{66.6, 55})
	for _, want := range []string{"133 MB/s", "67 and 55 after", "takes 1.00 times the processor time before, 2.00 after"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	if text := speedText(Speed{133, 110}, Speed{}); strings.Contains(text, "after") || speedText(Speed{}, Speed{}) != "" {
		t.Errorf("of an interrupted run: %s", text)
	}
}
