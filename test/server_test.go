package test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running `roentgen serve`.
type server struct {
	HTTP   string // http://host:port of the console and the X-Ray API
	Daemon string // host:port, UDP and TCP
	Data   string

	OTLPGRPC, OTLPHTTP string // http://host:port; empty when the doors are off

	cmd    *exec.Cmd
	stderr *output
	ended  chan error
}

var (
	announcedHTTP   = regexp.MustCompile(`X-Ray API\s+(https?://\S+)`)
	announcedDaemon = regexp.MustCompile(`daemon\s+(\S+)`)
	announcedGRPC   = regexp.MustCompile(`OTLP gRPC\s+(https?://\S+)`)
	announcedOTLP   = regexp.MustCompile(`OTLP HTTP\s+(https?://\S+)`)
	announcedData   = regexp.MustCompile(`data\s+\S+`)
)

// startServer runs the built program on free ports and waits until it says
// that it is ready. It is stopped with the test, and must then exit cleanly.
func startServer(t *testing.T, data string, args ...string) *server {
	t.Helper()
	s := launch(t, data, args...)
	t.Cleanup(func() { s.stop(t) })
	return s
}

// launch is startServer for tests that end the process themselves.
func launch(t *testing.T, data string, args ...string) *server {
	t.Helper()
	s := &server{Data: data, stderr: new(output), ended: make(chan error, 1)}
	s.cmd = exec.Command(program("roentgen"), append([]string{
		"serve", "--data", data, "--http", "127.0.0.1:0", "--daemon", "127.0.0.1:0",
		"--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0",
	}, args...)...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.Stderr = s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.await(t, stdout)
	return s
}

func (s *server) await(t *testing.T, stdout io.Reader) {
	t.Helper()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if m := announcedHTTP.FindStringSubmatch(lines.Text()); m != nil {
			s.HTTP = m[1]
		}
		if m := announcedDaemon.FindStringSubmatch(lines.Text()); m != nil {
			s.Daemon = m[1]
		}
		if m := announcedGRPC.FindStringSubmatch(lines.Text()); m != nil {
			s.OTLPGRPC = m[1]
		}
		if m := announcedOTLP.FindStringSubmatch(lines.Text()); m != nil {
			s.OTLPHTTP = m[1]
		}
		if announcedData.MatchString(lines.Text()) {
			break
		}
	}
	go func() {
		io.Copy(io.Discard, stdout)
		s.ended <- s.cmd.Wait()
	}()
	if s.HTTP == "" || s.Daemon == "" {
		t.Fatalf("the server did not come up: %v\n%s", <-s.ended, s.stderr)
	}
}

// stop ends the server as an operator does and wants a clean exit.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		if err != nil {
			t.Errorf("after SIGTERM the server ended with %v\n%s", err, s.stderr)
		}
	case <-time.After(30 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
		t.Errorf("the server did not end within 30 s of SIGTERM\n%s", s.stderr)
	}
}

// kill ends the process at once, as a crash does.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// runServer runs the program to its end and returns what it said.
func runServer(t *testing.T, args ...string) (stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, program("roentgen"), append([]string{"serve"}, args...)...)
	c.Stderr = &out
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

// post calls an action and decodes the answer.
func (s *server) post(t *testing.T, path string, body any, answer any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Post(s.HTTP+path, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		t.Fatalf("decode the answer of %s: %v", path, err)
	}
	return resp.StatusCode
}

// client keeps no idle connection, so that no goroutine outlives a test.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}

// metric returns the value of one line of /metrics, 0 when it is not there.
func (s *server) metric(t *testing.T, line string) float64 {
	t.Helper()
	return s.metricAs(t, "", line)
}

// metricAs shows a bearer token where there is one.
func (s *server) metricAs(t *testing.T, token, line string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), line+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	return 0
}

// datagram sends one UDP datagram to the daemon's port.
func (s *server) datagram(t *testing.T, text string) {
	t.Helper()
	c, err := net.Dial("udp", s.Daemon)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// trace asks for one trace and returns the documents that were sent, decoded.
func (s *server) trace(t *testing.T, id string) []document {
	t.Helper()
	return slices.DeleteFunc(s.wholeTrace(t, id), func(d document) bool { return d.Inferred })
}

// wholeTrace returns the inferred segments too.
func (s *server) wholeTrace(t *testing.T, id string) []document {
	t.Helper()
	var answer struct {
		Traces []struct {
			Segments []struct{ Id, Document string }
		}
	}
	s.post(t, "/Traces", map[string]any{"TraceIds": []string{id}}, &answer)
	var out []document
	for _, tr := range answer.Traces {
		for _, seg := range tr.Segments {
			var d document
			if err := json.Unmarshal([]byte(seg.Document), &d); err != nil {
				t.Fatalf("document of %s: %v", seg.Id, err)
			}
			out = append(out, d)
		}
	}
	return out
}

// document is a segment as readers decode it.
type document struct {
	ID          string                    `json:"id"`
	TraceID     string                    `json:"trace_id"`
	ParentID    string                    `json:"parent_id"`
	Name        string                    `json:"name"`
	Namespace   string                    `json:"namespace"`
	Origin      string                    `json:"origin"`
	StartTime   float64                   `json:"start_time"`
	EndTime     float64                   `json:"end_time"`
	InProgress  bool                      `json:"in_progress"`
	Inferred    bool                      `json:"inferred"`
	Error       bool                      `json:"error"`
	Throttle    bool                      `json:"throttle"`
	Fault       bool                      `json:"fault"`
	User        string                    `json:"user"`
	Annotations map[string]any            `json:"annotations"`
	Metadata    map[string]map[string]any `json:"metadata"`
	HTTP        struct {
		Request struct {
			Method, URL string
			Traced      bool
		}
		Response struct{ Status int }
	} `json:"http"`
	AWS         map[string]any `json:"aws"`
	SQL         map[string]any `json:"sql"`
	Cause       any            `json:"cause"`
	Subsegments []document     `json:"subsegments"`
}

// find returns the first entity of that name at or below d.
func (d *document) find(name string) *document {
	if d.Name == name {
		return d
	}
	for i := range d.Subsegments {
		if found := d.Subsegments[i].find(name); found != nil {
			return found
		}
	}
	return nil
}

// eventually repeats f until it returns nil, for at most 20 s.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// awaitSegments waits until n documents of a trace can be read.
func (s *server) awaitSegments(t *testing.T, id string, n int) (docs []document) {
	t.Helper()
	eventually(t, func() error {
		if docs = s.trace(t, id); len(docs) != n {
			return fmt.Errorf("trace %s has %d segments, want %d", id, len(docs), n)
		}
		return nil
	})
	return docs
}

// output gathers what a program writes while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
