package memory

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/storetest"
)

// TestMain lets this binary also be the child that kill_test.go kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(childMain(dir))
	}
	goleak.VerifyTestMain(m)
}

func testOptions() Options {
	return Options{MaxTraceBytes: storetest.TraceBytes, Now: storetest.Now}
}

func TestPromiseWithoutDisk(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return New(testOptions()) }, storetest.Caps{})
}

func TestPromiseWithLog(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, _, err := Open(vfs.NewFault(1), "data", testOptions())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, storetest.Caps{})
}

func TestDurability(t *testing.T) {
	storetest.RunDurable(t, func(fs vfs.FS) (store.Store, error) {
		s, _, err := Open(fs, "data", testOptions())
		if err != nil {
			return nil, err
		}
		return s, nil
	})
}
