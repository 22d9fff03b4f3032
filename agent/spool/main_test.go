package spool

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDirVariable); dir != "" {
		os.Exit(childMain(dir, os.Getenv(childRoundVariable)))
	}
	goleak.VerifyTestMain(m)
}
