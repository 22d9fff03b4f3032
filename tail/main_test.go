package tail

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets this binary also be the child that kill_test.go kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDirVariable); dir != "" {
		os.Exit(childMain(dir))
	}
	goleak.VerifyTestMain(m)
}
