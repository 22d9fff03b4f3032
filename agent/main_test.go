package agent

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// landingChild names the queue that a process of its own reads into; the socket
// is its file 3.
const landingChild = "AGENT_LANDING_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(landingChild); name != "" {
		os.Exit(landingMain(name))
	}
	goleak.VerifyTestMain(m)
}
