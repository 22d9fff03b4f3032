package test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBadDatagrams sends what no SDK should send over UDP; each is counted by
// its cause, and the good document after them is stored all the same.
func TestBadDatagrams(t *testing.T) {
	s := startServer(t, t.TempDir())
	now := time.Now().Unix()
	const header = `{"format":"json","version":1}` + "\n"
	doc := func(trace, id string, start int64) string {
		return fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"n","start_time":%d,"end_time":%d}`, trace, id, start, start+1)
	}
	for _, c := range []struct{ name, datagram, code string }{
		{"no newline", "hello", "InvalidDatagram"},
		{"a header that is not JSON", "x\n" + doc(newTraceID(), newID(), now), "InvalidDatagram"},
		{"another format", `{"format":"xml","version":1}` + "\n{}", "InvalidDatagram"},
		{"a later version", `{"format":"json","version":2}` + "\n{}", "InvalidDatagram"},
		{"an empty body", header, "InvalidDatagram"},
		{"truncated JSON", header + `{"trace_id":"1-`, "InvalidSegment"},
		{"a wrong trace id", header + doc("1-123", newID(), now), "InvalidTraceId"},
		{"a wrong id", header + doc(newTraceID(), "zz", now), "InvalidId"},
		{"no id", header + fmt.Sprintf(`{"trace_id":%q,"name":"n","start_time":%d,"end_time":%d}`, newTraceID(), now, now), "MissingId"},
		{"no end", header + fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"n","start_time":%d}`, newTraceID(), newID(), now), "MissingEndTime"},
		{"a clock a day ahead", header + doc(newTraceID(), newID(), now+86400), "InvalidSegment"},
		{"milliseconds for seconds", header + doc(newTraceID(), newID(), now*1000), "InvalidSegment"},
		{"last year's clock", header + doc(newTraceID(), newID(), now-400*86400), "InvalidSegment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := fmt.Sprintf(`roentgen_documents_rejected_total{code=%q,door="udp"}`, c.code)
			before := s.metric(t, line)
			s.datagram(t, c.datagram)
			eventually(t, func() error {
				if n := s.metric(t, line); n != before+1 {
					return fmt.Errorf("%s went from %v to %v", line, before, n)
				}
				return nil
			})
		})
	}
	trace := newTraceID()
	s.datagram(t, header+doc(trace, newID(), now))
	s.awaitSegments(t, trace, 1)
	s.balance(t, "udp")
}

// balance holds the books of one door against each other.
func (s *server) balance(t *testing.T, door string) {
	t.Helper()
	received := s.metric(t, fmt.Sprintf("roentgen_documents_received_total{door=%q}", door))
	settled := 0.0
	for _, outcome := range []string{"stored", "replaced", "duplicate", "refused_trace_too_large", "refused_too_old", "rejected", "lost"} {
		settled += s.metric(t, fmt.Sprintf("roentgen_documents_settled_total{door=%q,outcome=%q}", door, outcome))
	}
	if waiting := s.metric(t, "roentgen_documents_waiting"); received == 0 || received != settled+waiting {
		t.Errorf("door %s received %v documents; %v are settled and %v wait", door, received, settled, waiting)
	}
}

// TestBadDocuments puts what must be turned away over HTTP; each verdict
// names the document, the code and the remedy, and the good one is stored.
func TestBadDocuments(t *testing.T) {
	s := startServer(t, t.TempDir())
	now := time.Now().Unix()
	good := newTraceID()
	large := fmt.Sprintf(`{"trace_id":%q,"id":"aaaaaaaaaaaaaaaa","name":"n","start_time":%d,"end_time":%d,"metadata":{"d":{"x":%q}}}`,
		newTraceID(), now, now, strings.Repeat("x", 64<<10))
	docs := []string{
		`{"trace_id":`,
		large,
		fmt.Sprintf(`{"trace_id":%q,"id":"bbbbbbbbbbbbbbbb","name":"a,b","start_time":%d,"end_time":%d}`, newTraceID(), now, now),
		fmt.Sprintf(`{"trace_id":%q,"id":"cccccccccccccccc","name":"n","start_time":%d,"end_time":%d,"subsegments":[{"id":"dddddddddddddddd","name":"x"}]}`, newTraceID(), now, now),
		fmt.Sprintf(`{"trace_id":%q,"id":"eeeeeeeeeeeeeeee","name":"n","start_time":%d,"end_time":%d}`, newTraceID(), now+7200, now+7201),
		fmt.Sprintf(`{"trace_id":%q,"id":"ffffffffffffffff","name":"n","start_time":%d,"end_time":%d}`, good, now, now),
	}
	var answer struct {
		UnprocessedTraceSegments []struct{ Id, ErrorCode, Message string }
	}
	if status := s.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": docs}, &answer); status != 200 {
		t.Fatalf("status %d", status)
	}
	for i, want := range []struct{ id, code, text string }{
		{"", "InvalidSegment", ""},
		{"aaaaaaaaaaaaaaaa", "InvalidSegment", "65536"},
		{"bbbbbbbbbbbbbbbb", "InvalidName", ","},
		{"cccccccccccccccc", "MissingStartTime", "subsegments[0]"},
		{"eeeeeeeeeeeeeeee", "InvalidSegment", "clock"},
	} {
		if i >= len(answer.UnprocessedTraceSegments) {
			t.Fatalf("only %d verdicts", len(answer.UnprocessedTraceSegments))
		}
		got := answer.UnprocessedTraceSegments[i]
		// Of a document over the limit the id is not worth reading: null.
		if got.ErrorCode != want.code || !strings.Contains(got.Message, want.text) || got.Id != want.id && got.Id != "" {
			t.Errorf("verdict %d is %+v, want %+v", i, got, want)
		}
	}
	if len(answer.UnprocessedTraceSegments) != 5 {
		t.Errorf("%d verdicts, want 5", len(answer.UnprocessedTraceSegments))
	}
	s.awaitSegments(t, good, 1)
	s.balance(t, "api")
}

// TestServerRefusesToStart names the thing and the remedy, and ends with 1.
func TestServerRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	running := startServer(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "file")
	foreign, newer, older := t.TempDir(), t.TempDir(), t.TempDir()
	launch(t, newer).stop(t)
	launch(t, older, "--store", "memory").stop(t)
	manifest := filepath.Join(newer, "roentgen.json")
	written, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "roentgen.yaml")
	for path, text := range map[string]string{file: "x", filepath.Join(foreign, "photo.jpg"): "x", config: "retentoin: 1h\n",
		manifest: strings.Replace(string(written), ":1", ":99", 1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	free := func(data string, more ...string) []string {
		return append([]string{"--data", data, "--http", "127.0.0.1:0", "--daemon", "127.0.0.1:0",
			"--otlp-grpc", "off", "--otlp-http", "off"}, more...)
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"port taken", []string{"--data", t.TempDir(), "--daemon", "off", "--http", taken.Addr().String()}, []string{"taken", "--http"}},
		{"daemon port taken", []string{"--data", t.TempDir(), "--http", "off", "--daemon", taken.Addr().String()}, []string{"taken", "--daemon"}},
		{"data directory in use", free(running.Data), []string{"in use", running.Data}},
		{"data directory cannot be made", free("/proc/roentgen"), []string{"/proc/roentgen"}},
		{"data directory of a newer version", free(newer), []string{newer, "newer", "99", "upgrade"}},
		{"data directory is a file", free(file), []string{file}},
		{"data directory of another program", free(foreign), []string{foreign}},
		{"not on loopback", []string{"--data", t.TempDir(), "--daemon", "off", "--http", "0.0.0.0:0"}, []string{"--insecure", "loopback"}},
		{"daemon not on loopback", []string{"--data", t.TempDir(), "--http", "off", "--daemon", "0.0.0.0:0"}, []string{"--daemon-allow"}},
		{"OTLP port taken", free(t.TempDir(), "--otlp-grpc", taken.Addr().String()), []string{"taken", "--otlp-grpc"}},
		{"OTLP door not on loopback", free(t.TempDir(), "--otlp-http", "0.0.0.0:0"), []string{"--otlp-http", "loopback", "--auth-file"}},
		{"unknown store", free(t.TempDir(), "--store", "tape"), []string{"block", "memory"}},
		{"data directory of the store memory", free(older), []string{older, "roentgen store convert " + older + " --to NEW", "--store memory"}},
		{"unknown key in the file", free(t.TempDir(), "--config", config), []string{"retentoin", `did you mean "retention"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stderr, code := runServer(t, c.args...)
			if code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("it said %q; want %q in it", stderr, want)
				}
			}
		})
	}
}
