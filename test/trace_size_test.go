package test

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const performance = "../docs/performance.md"

// traceSize is what one trace took: a row of the table.
type traceSize struct {
	name                    string
	segments, entities      int
	bytes, largest, perEach int
}

func (s traceSize) String() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d |", s.name, s.segments, s.entities, s.bytes, s.perEach, s.largest)
}

// TestTracesAreAsLargeAsDocumented measures every type of trace that the
// workflow leaves, in bytes as they were stored, and holds it against the
// table of docs/performance.md: counts exactly, bytes within a tenth, which
// numbers and ports of other lengths need. -rewrite writes the table anew.
func TestTracesAreAsLargeAsDocumented(t *testing.T) {
	sizes := measureTraces(t)
	content, err := os.ReadFile(performance)
	if err != nil {
		t.Fatal(err)
	}
	begin, rest, ok := strings.Cut(string(content), "<!-- trace sizes: ")
	remark, rest, ok2 := strings.Cut(rest, "-->\n")
	table, end, ok3 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("%s has no place for the table", performance)
	}
	if *rewrite {
		table = drawSizes(sizes)
		if err := os.WriteFile(performance, []byte(begin+"<!-- trace sizes: "+remark+"-->\n"+table+"<!-- end -->"+end), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	said := readSizes(table)
	if len(said) != len(sizes) {
		t.Errorf("%d rows stand in the table, want %d", len(said), len(sizes))
	}
	for _, got := range sizes {
		want := said[got.name]
		if got.segments != want.segments || got.entities != want.entities || !near(got.bytes, want.bytes) || !near(got.perEach, want.perEach) || !near(got.largest, want.largest) {
			t.Errorf("measured and documented (write it anew with -rewrite):\n%s\n%s", got, want)
		}
	}
}

func near(got, want int) bool { return math.Abs(float64(got-want)) <= float64(want)/10 }

func drawSizes(sizes []traceSize) string {
	lines := "| Request | Segments | with subsegments | Bytes | Bytes per segment or subsegment | Largest document |\n|---|---|---|---|---|---|\n"
	for _, s := range sizes {
		lines += s.String() + "\n"
	}
	return lines
}

var sizeRow = regexp.MustCompile(`(?m)^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$`)

func readSizes(table string) map[string]traceSize {
	rows := map[string]traceSize{}
	for _, m := range sizeRow.FindAllStringSubmatch(table, -1) {
		number := func(i int) int {
			n, _ := strconv.Atoi(m[i]) // the pattern has digits there
			return n
		}
		rows[m[1]] = traceSize{m[1], number(2), number(3), number(4), number(6), number(5)}
	}
	return rows
}

// measureTraces sends one request of each type.
func measureTraces(t *testing.T) (sizes []traceSize) {
	t.Helper()
	a := startAFIRGen(t, "0")
	send := func(name string, status, segments int, req *http.Request) string {
		t.Helper()
		force(req, forceKey, time.Now())
		got, header, body := a.do(t, req)
		if got != status {
			t.Fatalf("%s: status %d, want %d: %s\n%s", name, got, status, body, a.logs)
		}
		a.awaitStep(t, traceOf(t, header), segments)
		sizes = append(sizes, a.sizeOf(t, name, traceOf(t, header)))
		return body
	}
	process := func() *http.Request {
		return a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
	}
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	contentType, body := form(t, "image", "letter.jpg", letter)
	send("`GET /health`, which asks the two servers behind it", 200, 3, a.request(t, http.MethodGet, "/health", "", nil))
	session := sessionOf(t, send("`POST /process`, typed", 200, 1, process()))
	send("`POST /process`, a photographed letter", 200, 2, a.request(t, http.MethodPost, "/process", contentType, body))
	send("`POST /validate`, transcript: one call of a model", 200, 2, a.approval(t, session))
	send("`POST /validate`, summary: a check of each section found", 200, withChecks, a.approval(t, session))
	send("`POST /validate`, sections: one call of a model", 200, 2, a.approval(t, session))
	send("`POST /validate`, narrative: the report is drafted", 200, 1, a.approval(t, session))
	send("`POST /process`, refused with 400", 400, 1, a.request(t, http.MethodPost, "/process", "application/json", strings.NewReader(`{}`)))
	waiting := sessionOf(t, send("`POST /process`, typed, again", 200, 1, process()))
	sizes = sizes[:len(sizes)-1] // that type has been measured
	syscall.Kill(a.pids[0], syscall.SIGTERM)
	eventually(t, func() error {
		c, err := net.Dial("tcp", a.model)
		if err != nil {
			return nil
		}
		c.Close()
		return fmt.Errorf("the model server still answers at %s", a.model)
	})
	send("`POST /validate`, fault 503: the model server is away, and is asked three times", 503, 1, a.approval(t, waiting))
	return sizes
}

// sizeOf adds up the documents of a trace as the server stored them.
func (s *server) sizeOf(t *testing.T, name, trace string) traceSize {
	t.Helper()
	var answer struct {
		Traces []struct {
			Segments []struct{ Document string }
		}
	}
	s.post(t, "/Traces", map[string]any{"TraceIds": []string{trace}}, &answer)
	size := traceSize{name: name}
	for _, one := range answer.Traces {
		for _, seg := range one.Segments {
			var d document
			if err := json.Unmarshal([]byte(seg.Document), &d); err != nil {
				t.Fatal(err)
			}
			if d.Inferred {
				continue // nobody sent it
			}
			size.segments++
			d.walk(func(*document) { size.entities++ })
			size.bytes += len(seg.Document)
			size.largest = max(size.largest, len(seg.Document))
		}
	}
	size.perEach = size.bytes / max(1, size.entities)
	return size
}
