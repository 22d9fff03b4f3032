package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/bench"
)

func TestBenchRefusesWhatNobodyCanMean(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--server http://192.0.2.1:1895", "--i-know"},
		{"--server http://127.0.0.1:1895 --otlp-grpc-url http://collector:4317", "--i-know"},
		{"--server http://127.0.0.1:1895 --runs 3 --spans 12", "--runs"},
		{"--server http://127.0.0.1:1895 -- --store memory", "bench starts"},
		{"--server http://127.0.0.1:1895 --spans 12 --profile", "--cpu-profile"},
		{"--server http://127.0.0.1:1895 --pid 1073741824", "--pid"},
		{"--pid 1", "--server"},
		{"--i-know", "--server"},
		{"please", "behind --"},
		{"--door window", "otlp-grpc"},
		{"--door udp --spans 12", "--rate"},
		{"--spans -1", "--spans"},
		{"--spans 12 --runs 0", "--runs"},
		{"--shape round", "unique"},
		{"--step 1ms", "--step"},
		{"--server http://127.0.0.1:1 --spans 12", "127.0.0.1:1"}, // nobody is there
	} {
		w := around{time.Now, func(string) string { return "" }}
		cmd := newBenchCommand(w)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetArgs(strings.Fields(c.args))
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("bench %s: %v; want something with %q", c.args, err, c.want)
		}
	}
}

func TestCapacityIsSaidInWords(t *testing.T) {
	c := &bench.Capacity{
		Door: bench.Put, Best: &bench.Attempt{Taken: 48_000}, Free: 470e9, // 3 days of it
		Figures: bench.Figures{{Key: "cpu_s_per_m_spans", Value: 4.94}, {Key: "peak_rss_mb", Value: 190}, {Key: "disk_bytes_per_span", Value: 38}},
	}
	got := strings.Join(capacityText(c), "\n")
	for _, want := range []string{"48000 spans a second", "4000 traces of 12", "4.1 billion spans a day", "4.9 s", "190 MB", "38 bytes", "157.6 GB", "3.0 days", "29.8 days"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	none := &bench.Capacity{Door: bench.UDP, Attempts: []bench.Attempt{{Why: "p99 above 50ms"}}}
	if got := fmt.Sprint(capacityText(none)); !strings.Contains(got, "Not even") || !strings.Contains(got, "p99 above 50ms") {
		t.Error(got)
	}
}

func TestTheTableSaysWhatIsMissedAndWhatIsWrong(t *testing.T) {
	var out bytes.Buffer
	printTable(&out, 3, []*bench.Outcome{{Door: bench.Put, Spans: 2_000_004, Figures: bench.Figures{{Key: "cpu_s_per_m_spans", Value: 6}}, Wrong: []string{"a trace is gone"}}})
	for _, want := range []string{"medians of 3", "WRONG, put: a trace is gone", "1 goal is missed", "server CPU", "22 November 2026"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestTheServerOfABenchIsAsTheFlagsSay(t *testing.T) {
	got := withoutSettings([]string{"PATH=/bin", "ROENTGEN_STORE=memory", "HOME=/root"})
	if fmt.Sprint(got) != "[PATH=/bin HOME=/root]" {
		t.Error(got)
	}
	b := &bencher{spans: 2_000_000, serveArgs: []string{"--store", "memory", "--log-level", "debug"}}
	p, err := b.program("/tmp/x", bench.OTLPGRPC)
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Join(p.Args, " ")
	for _, want := range []string{"--data /tmp/x/data", "--otlp-grpc 127.0.0.1:0", "--otlp-http off", "--max-bytes 8000000000", "--log-level debug"} {
		if !strings.Contains(args, want) {
			t.Errorf("no %q in %s", want, args)
		}
	}
	b.serveArgs = []string{"--store", "block"}
	if p, err = b.program("/tmp/x", bench.Put); err != nil || strings.Contains(strings.Join(p.Args, " "), "max-bytes") {
		t.Errorf("%v, %v", p.Args, err)
	}
}
