package kb

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// builtinBase loads the data that the program carries.
func builtinBase(tb testing.TB) *Base {
	tb.Helper()
	b, err := Load(Files())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
