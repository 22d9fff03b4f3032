package filter

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts and the reference expect anew; review the difference")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
