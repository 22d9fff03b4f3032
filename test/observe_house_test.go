package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// observedHouse is AFIRGen with an agent and a server, each with a log of its own in JSON, as a deployment has them.
type observedHouse struct {
	*afirgen
	agent    *agentProcess
	reader   string             // host:port of the ASR/OCR server
	services map[string]*logged // by service
	database string
}

// logged is one service with its log.
type logged struct {
	log  *output
	cmd  *exec.Cmd
	stop func(t *testing.T)
}

// startObserved runs everything that deploy/prometheus scrapes. A client may do as many requests a minute as limit says.
func startObserved(t *testing.T, limit int) *observedHouse {
	t.Helper()
	h := &observedHouse{afirgen: &afirgen{server: startServer(t, t.TempDir()), logs: new(output)}, services: map[string]*logged{}}
	h.agent = launchAgent(t, h.server, t.TempDir(), "--log-format", "json")
	h.database = filepath.Join(t.TempDir(), "afirgen.db")
	h.model = h.begin(t, "gguf-server", "gguf")
	h.reader = h.begin(t, "asr-ocr-server", "asrocr")
	h.backend = h.begin(t, "main-backend", "backend", "--database", "sqlite:"+h.database, "--archive", t.TempDir(),
		"--model-server", "http://"+h.model, "--asr-ocr-server", "http://"+h.reader, "--rate-limit", fmt.Sprint(limit),
		"--station-code", "KTW", "--station-name", "Kotwali", "--station-district", "Lucknow", "--station-state", "Uttar Pradesh")
	return h
}

// begin starts one service, as a task definition does, and returns its address.
func (h *observedHouse) begin(t *testing.T, service, name string, args ...string) (addr string) {
	t.Helper()
	s := &logged{log: new(output)}
	s.cmd = exec.Command(program("afirgen"), append([]string{name, "--addr", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = append(os.Environ(), "XRAY_DAEMON_ADDRESS=udp:"+h.agent.UDP+" tcp:"+h.agent.TCP, "XRAY_SAMPLING_RATE=1", "XRAY_FORCE_KEY="+forceKey, "API_KEY="+apiKey, "FIR_AUTH_KEY="+authKey)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.Stderr = h.logs
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	for addr == "" {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%s did not come up: %v\n%s%s", service, err, s.log, h.logs)
		}
		s.log.Write(text)
		var line struct{ Msg, Addr string }
		if json.Unmarshal(text, &line) == nil && line.Msg == "listening" {
			addr = line.Addr
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		io.Copy(s.log, lines)
	}()
	s.stop = func(t *testing.T) {
		s.cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("%s ended with %v", service, err)
		}
		s.stop = func(*testing.T) {}
	}
	h.services[service] = s
	t.Cleanup(func() { s.stop(t) })
	return addr
}

// workflow takes a complaint from its filing to a drafted report.
func (h *observedHouse) workflow(t *testing.T) {
	t.Helper()
	status, _, body := h.do(t, h.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	if status != 200 {
		t.Fatalf("filing a complaint: %d: %s", status, body)
	}
	session := sessionOf(t, body)
	for range 4 {
		if status, _, body = h.do(t, h.approval(t, session)); status != 200 {
			t.Fatalf("approving: %d: %s", status, body)
		}
	}
	if !strings.Contains(body, "fir_number") {
		t.Fatalf("no report was drafted: %s", body)
	}
}

// letter sends a picture, and returns the status and the trace.
func (h *observedHouse) letter(t *testing.T, picture []byte) (status int, trace string) {
	t.Helper()
	contentType, body := form(t, "image", "letter.jpg", picture)
	status, header, _ := h.do(t, h.request(t, http.MethodPost, "/process", contentType, body))
	return status, traceOf(t, header)
}

// refused sends what is turned away: without a key, with a wrong one, and what no route takes.
func (h *observedHouse) refused(t *testing.T) {
	t.Helper()
	for key, want := range map[string]int{"": 401, "wrong": 401, apiKey: 404} {
		req := h.request(t, http.MethodGet, "/nowhere", "", nil)
		if req.Header.Del("X-API-Key"); key != "" {
			req.Header.Set("X-API-Key", key)
		}
		if status, _, body := h.do(t, req); status != want {
			t.Errorf("with the key %q the answer is %d: %s", key, status, body)
		}
	}
}

// broken sends Roentgen what it turns away: a document that is none, by each door, and a call that is none.
func (h *observedHouse) broken(t *testing.T) {
	t.Helper()
	var answer map[string]any
	h.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": []string{"{}"}}, &answer)
	h.post(t, "/TraceSummaries", map[string]any{}, &answer)
	h.datagram(t, "{\"format\":\"json\",\"version\":1}\n{}")
	c, err := net.Dial("udp", h.agent.UDP)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "{\"format\":\"json\",\"version\":1}\n{}")
}

// lockDatabase takes the one lock that SQLite's writers need, as another process that writes does, until unlock is called.
func (h *observedHouse) lockDatabase(t *testing.T) (unlock func()) {
	t.Helper()
	index, err := os.OpenFile(h.database+"-shm", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	const writers = 120 // WAL_WRITE_LOCK, in SQLite's description of its file format
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: writers, Len: 1}
	eventually(t, func() error { return syscall.FcntlFlock(index.Fd(), syscall.F_SETLK, &lock) })
	return func() { index.Close() } // which lets go of it
}

// lines are a service's lines by now, once one of them has the message.
func (h *observedHouse) lines(t *testing.T, service, message string) (lines []map[string]any) {
	t.Helper()
	eventually(t, func() error {
		text := h.services[service].log.String()
		if i := strings.LastIndexByte(text, '\n'); i >= 0 {
			text = text[:i+1]
		}
		lines = logLines(t, text)
		for _, line := range lines {
			if line["msg"] == message {
				return nil
			}
		}
		return fmt.Errorf("%s has no line %q:\n%s", service, message, text)
	})
	return lines
}

// prometheusServer is Debian's Prometheus, which scrapes a house as deploy/prometheus says.
type prometheusServer struct{ url string }

// startPrometheus runs it with the repository's configuration; only targets and times are the test's.
func (h *observedHouse) startPrometheus(t *testing.T) prometheusServer {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(ours, "prometheus"))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "prometheus.yml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer(
		"127.0.0.1:8000", h.backend, "127.0.0.1:8001", h.model, "127.0.0.1:8002", h.reader,
		"127.0.0.1:1895", strings.TrimPrefix(h.HTTP, "http://"), "127.0.0.1:2000", h.agent.TCP,
		"scrape_interval: 15s", "scrape_interval: 500ms", "evaluation_interval: 15s", "evaluation_interval: 500ms",
	).Replace(string(text))
	writeFile(t, name, []byte(config))
	writeFile(t, filepath.Join(dir, "api_key"), []byte(apiKey+"\n"))
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := "127.0.0.1:" + port
	c := exec.Command("prometheus", "--config.file="+name, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+addr, "--enable-feature=exemplar-storage", "--log.level=warn")
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said := new(output)
	c.Stdout, c.Stderr = said, said
	if err := c.Start(); err != nil {
		t.Fatalf("%v: install Debian's package prometheus", err)
	}
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("Prometheus ended with %v\n%s", err, said)
		}
	})
	p := prometheusServer{"http://" + addr}
	eventually(t, func() error {
		resp, err := client.Get(p.url + "/-/ready")
		if err != nil {
			return fmt.Errorf("%w\n%s", err, said)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			return fmt.Errorf("Prometheus is not ready: %d\n%s", resp.StatusCode, said)
		}
		return nil
	})
	return p
}

// ask reads a path of Prometheus' API into data.
func (p prometheusServer) ask(path string, data any) error {
	resp, err := client.Get(p.url + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", path, answer.Error)
	}
	return json.Unmarshal(answer.Data, data)
}

// scrapes waits until every target has been read n times more.
func (p prometheusServer) scrapes(t *testing.T, n int) {
	t.Helper()
	since := time.Now()
	eventually(t, func() error {
		series, err := p.series(fmt.Sprintf("count_over_time(up[%dms]) >= %d and up == 1", max(time.Since(since).Milliseconds(), 1), n))
		if err == nil && len(series) < 5 {
			err = fmt.Errorf("%d of 5 targets have been read %d times", len(series), n)
		}
		return err
	})
}

// sample is one series of an answer, by its labels, at one moment.
type sample struct {
	Metric map[string]string
	Value  [2]any
}

// series asks for an expression now.
func (p prometheusServer) series(expression string) (all []sample, err error) {
	var data struct {
		ResultType string
		Result     []sample
	}
	err = p.ask("/api/v1/query?query="+urlQuery(expression), &data)
	return data.Result, err
}
