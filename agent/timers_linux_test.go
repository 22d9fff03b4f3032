package agent

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestTimersAreLoosened looks at the first thread, which every process has. Who may
// not has to be told so.
func TestTimersAreLoosened(t *testing.T) {
	const slack = "/proc/self/timerslack_ns"
	before, err := os.ReadFile(slack)
	if err != nil {
		t.Fatal(err)
	}
	if err := LoosenTimers(); err != nil {
		if !errors.Is(err, fs.ErrPermission) {
			t.Error(err)
		}
		return
	}
	if now, err := os.ReadFile(slack); err != nil || strings.TrimSpace(string(now)) != "1000000" {
		t.Errorf("the slack was %q and is %q: %v", before, now, err)
	}
}
