package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// runBench runs `roentgen bench` to its end.
func runBench(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program("roentgen"), append([]string{"bench"}, args...)...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	return out.String(), errs.String(), err
}

// benchLine is a line of `roentgen bench --json`.
type benchLine struct {
	Run     int
	Median  bool
	Door    string
	Spans   int64
	Figures map[string]float64
	Wrong   []string
}

func benchLines(t *testing.T, args ...string) (lines []benchLine) {
	t.Helper()
	stdout, stderr, err := runBench(t, append(args, "--json")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	for in := bufio.NewScanner(strings.NewReader(stdout)); in.Scan(); {
		var l benchLine
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatalf("%v: %s", err, in.Text())
		}
		lines = append(lines, l)
	}
	return lines
}

// wantMeasured wants the figures, and no answer of the server that is wrong.
func wantMeasured(t *testing.T, l benchLine, spans int64, keys ...string) {
	t.Helper()
	if len(l.Wrong) > 0 || l.Spans != spans {
		t.Errorf("%s: %d spans, wrong: %q", l.Door, l.Spans, l.Wrong)
	}
	for _, key := range keys {
		if l.Figures[key] <= 0 {
			t.Errorf("%s: %s is %v", l.Door, key, l.Figures[key])
		}
	}
}

// TestBench loads servers with little, and looks whether what it says of them
// can be true.
func TestBench(t *testing.T) {
	asked := []string{"trace_by_id_p50_ms", "rare_annotation_p50_ms", "newest_failing_p50_ms", "newest_common_p50_ms", "service_graph_p50_ms"}
	watched := append([]string{"cpu_s_per_m_spans", "peak_rss_mb", "spans_per_s"}, asked...)

	t.Run("a server of its own", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		lines := benchLines(t, "--spans", "6000", "--questions", "3", "--idle", "1s", "--data", dir, "--door", "put,udp,otlp-http,otlp-grpc", "--rate", "6000")
		if len(lines) != 8 {
			t.Fatalf("%+v", lines)
		}
		for i, door := range []string{"put", "udp", "otlp-http", "otlp-grpc"} {
			run, median := lines[i], lines[4+i]
			if run.Door != door || run.Run != 1 || run.Median || median.Door != door || !median.Median {
				t.Errorf("lines of %s: %+v, %+v", door, run, median)
			}
			wantMeasured(t, run, 6000, append(watched, "disk_bytes_per_span", "open_s", "open_rss_mb")...)
			wantMeasured(t, median, 6000, watched...)
			if run.Figures["request_p99_ms"] > 0 != (door != "udp") {
				t.Errorf("%s: requests took %v ms", door, run.Figures["request_p99_ms"])
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	t.Run("the highest rate", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, err := runBench(t, "--step", "1s", "--for", "1s", "--idle", "1s", "--p99", "1m", "--data", t.TempDir())
		if err != nil || !strings.Contains(stdout, "held") || !strings.Contains(stdout, "spans a day") || !strings.Contains(stdout, "bytes on disk") {
			t.Errorf("%v\n%s\n%s", err, stdout, stderr)
		}
	})
	t.Run("a server that runs", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, t.TempDir())
		running := []string{"--server", s.HTTP, "--pid", strconv.Itoa(s.cmd.Process.Pid), "--idle", "1s", "--questions", "2", "--spans"}
		lines := benchLines(t, append(running, "1200")...)
		wantMeasured(t, lines[0], 1200, watched...)
		if _, stderr, err := runBench(t, append(running, "1200")...); err == nil || !strings.Contains(stderr, "holds 100 traces") || !strings.Contains(stderr, "--with-data") {
			t.Errorf("loaded a server that holds data: %v\n%s", err, stderr)
		}
		lines = benchLines(t, append(running, "2400", "--seed", "2", "--with-data")...)
		if lines[0].Spans != 2400 || lines[0].Figures["missing_traces"] != 0 || s.metric(t, "roentgen_store_traces") != 300 {
			t.Errorf("%+v", lines[0])
		}
	})
	t.Run("where the time goes", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, err := runBench(t, "--spans", "60000", "--idle", "1s", "--profile", "--data", t.TempDir())
		if err != nil || !strings.Contains(stdout, "| wire ") || !strings.Contains(stdout, "| all ") {
			t.Errorf("%v\n%s\n%s", err, stdout, stderr)
		}
	})
	t.Run("what does not start", func(t *testing.T) {
		t.Parallel()
		_, stderr, err := runBench(t, "--spans", "12", "--data", t.TempDir(), "--", "--retention", "never")
		if err == nil || !strings.Contains(stderr, "retention") {
			t.Errorf("%v\n%s", err, stderr)
		}
	})
}
