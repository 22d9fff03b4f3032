package store

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
)

// TestMain is also the way in for the processes that tests start, to be killed or to run against each other.
func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(child(role, os.Getenv(childDSN)))
	}
	goleak.VerifyTestMain(mariadbtest.Main(m))
}
