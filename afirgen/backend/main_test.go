package backend

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(mariadbtest.Main(m)) }
