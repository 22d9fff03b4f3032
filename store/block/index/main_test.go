package index

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew instead of comparing with them")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
