package benchmarks

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// pacedBench sends 100 requests a second, where waking threads costs more than
// recording. Most of what is measured is the benchmark's own ticker: tracing
// costs the difference to the one with tracing off.
func pacedBench(b *testing.B, cfg tracing.Config) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	request := ownRequest(children(), meta())
	roentgenBench(b, cfg, func(tr *tracing.Tracing) {
		<-tick.C
		request(tr)
	})
}

func BenchmarkRoentgenDisabledAt100PerSecond(b *testing.B) {
	pacedBench(b, tracing.Config{Disabled: true})
}

func BenchmarkRoentgenSampledAt100PerSecond(b *testing.B) {
	pacedBench(b, tracing.Config{SamplingRate: rate(1)})
}
