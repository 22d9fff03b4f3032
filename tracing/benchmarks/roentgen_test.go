package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/tracing"
)

func describe(ctx context.Context, m *payload) {
	tracing.Annotate(ctx, "model_name", model)
	tracing.Annotate(ctx, "tokens", 812)
	tracing.Annotate(ctx, "cached", true)
	tracing.Metadata(ctx, "", "prompt", m)
	tracing.Metadata(ctx, "", "session", session)
}

func roentgenBench(b *testing.B, cfg tracing.Config, request func(tr *tracing.Tracing)) {
	cfg.ServiceName = service
	cfg.DaemonAddress = "tcp:" + theSink.http + " udp:" + theSink.udp
	cfg.LookupEnv = func(string) (string, bool) { return "", false }
	tr, shutdown, err := tracing.Setup(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	if !cfg.Disabled && !cfg.NoUndecided {
		meetAgent(b, tr)
	}
	n := uint64(0)
	paced := func() { // as OpenTelemetry's blocking queue: nothing is lost
		request(tr)
		if n++; n%256 == 0 {
			for st := tr.Stats(); st.Sampled+st.Undecided-st.DocumentsSent > 512; st = tr.Stats() {
				time.Sleep(100 * time.Microsecond)
			}
		}
	}
	measure(b, paced, func() {
		if err := shutdown(context.Background()); err != nil {
			b.Fatal(err)
		}
	}, func() int64 { return 6 * arrived(b) })
}

// meetAgent waits until the SDK knows that its agent can hold undecided requests.
func meetAgent(b *testing.B, tr *tracing.Tracing) {
	for range 10_000 {
		_ = tr.Segment(context.Background(), "", func(context.Context) error { return nil })
		if st := tr.Stats(); st.Undecided > 0 || st.Sampled > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	b.Fatal("the agent was not asked")
}

// ownRequest uses the functions of package tracing.
func ownRequest(names [5]string, m *payload) func(*tracing.Tracing) {
	plain := func(context.Context) error { return nil }
	described := func(ctx context.Context) error { describe(ctx, m); return nil }
	work := func(ctx context.Context) error {
		describe(ctx, m)
		for i, name := range names {
			f := plain
			if i == 4 {
				f = described
			}
			if err := tracing.Trace(ctx, name, f); err != nil {
				return err
			}
		}
		return nil
	}
	return func(tr *tracing.Tracing) { _ = tr.Segment(context.Background(), "", work) }
}

func rate(r float64) *float64 { return &r }

// BenchmarkRoentgenDisabled stands first: calls are cheapest while no instance
// of the process was ever enabled, which is how a program with tracing off runs.
func BenchmarkRoentgenDisabled(b *testing.B) {
	roentgenBench(b, tracing.Config{Disabled: true}, ownRequest(children(), meta()))
}

func BenchmarkRoentgenSampledUDP(b *testing.B) {
	roentgenBench(b, tracing.Config{SamplingRate: rate(1)}, ownRequest(children(), meta()))
}

// BenchmarkRoentgenUndecidedUDP is an unsampled request that the agent can hold:
// recorded and sent like a sampled one.
func BenchmarkRoentgenUndecidedUDP(b *testing.B) {
	roentgenBench(b, tracing.Config{SamplingRate: rate(0)}, ownRequest(children(), meta()))
}

// BenchmarkRoentgenRedactedUDP takes personal data out on the way; there is none in it.
func BenchmarkRoentgenRedactedUDP(b *testing.B) {
	all := redact.Default()
	roentgenBench(b, tracing.Config{SamplingRate: rate(1), Redact: &all}, ownRequest(children(), meta()))
}

func BenchmarkRoentgenUnsampled(b *testing.B) {
	roentgenBench(b, tracing.Config{SamplingRate: rate(0), NoUndecided: true}, ownRequest(children(), meta()))
}

func BenchmarkRoentgenOTelAPISampledUDP(b *testing.B) {
	names, m := children(), meta()
	roentgenBench(b, tracing.Config{SamplingRate: rate(1)}, func(tr *tracing.Tracing) { otelRequest(tr.Tracer("bench"), names, m) })
}

func BenchmarkRoentgenOTelAPIUnsampled(b *testing.B) {
	names, m := children(), meta()
	roentgenBench(b, tracing.Config{SamplingRate: rate(0), NoUndecided: true}, func(tr *tracing.Tracing) { otelRequest(tr.Tracer("bench"), names, m) })
}
