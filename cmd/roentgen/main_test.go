package main

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// programEnv makes this test binary the program itself, for tests that kill it.
const programEnv = "TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		main()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
