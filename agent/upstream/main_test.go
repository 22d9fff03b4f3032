package upstream

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(sinkVariable) != "" {
		os.Exit(sinkMain())
	}
	goleak.VerifyTestMain(m)
}
