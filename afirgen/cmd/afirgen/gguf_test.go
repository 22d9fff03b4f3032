package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/gguf/tinymodel"
)

// modelServer is a running `afirgen gguf`.
type modelServer struct {
	cmd  *exec.Cmd
	base string
	log  *bufio.Scanner
}

// serveModels starts it and waits until it is ready.
func serveModels(t *testing.T, env []string, args ...string) *modelServer {
	t.Helper()
	cmd := command(t, append([]string{"gguf", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(cmd.Env, append(env, "XRAY_ENABLED=false")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := &modelServer{cmd: cmd, log: bufio.NewScanner(out)}
	for s.log.Scan() {
		var line struct{ Msg, Addr string }
		if json.Unmarshal(s.log.Bytes(), &line) == nil && line.Msg == "listening" {
			s.base = "http://" + line.Addr
			break
		}
	}
	drained := make(chan struct{})
	go func() { // the pipe must not fill
		defer close(drained)
		for s.log.Scan() {
			continue
		}
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-drained })
	s.await(t, "/readyz", func(code int, _ []byte) bool { return code == 200 })
	return s
}

// await asks a path until the answer is as it should be.
func (s *modelServer) await(t *testing.T, path string, ok func(code int, body []byte) bool) []byte {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // the pause of a poll
		resp, err := http.Get(s.base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err == nil && ok(resp.StatusCode, body) {
			return body
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute %s says %d %s", path, resp.StatusCode, body)
		}
	}
}

func (s *modelServer) ask(t *testing.T, body string) (*http.Response, []byte) {
	t.Helper()
	resp, err := http.Post(s.base+"/inference", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, text
}

// children are the processes of its models.
func (s *modelServer) children(t *testing.T) []int {
	t.Helper()
	var list []int
	parent := strconv.Itoa(s.cmd.Process.Pid)
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Fatalf("listing processes: %v", err)
	}
	for _, path := range stats {
		data, _ := os.ReadFile(path) // a process may have ended meanwhile
		fields := strings.Fields(string(data[max(0, bytes.LastIndexByte(data, ')')):]))
		if len(fields) > 2 && fields[1] != "Z" && fields[2] == parent {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			list = append(list, pid)
		}
	}
	return list
}

// models is a directory with a model that works and one whose shapes do not fit.
func models(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, shape := range map[string]tinymodel.Shape{"summariser.gguf": {}, "BNS-RAG-q4k.gguf": {Broken: "blk.0.attn_q.weight"}} {
		if err := tinymodel.Write(filepath.Join(dir, name), shape); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const shortQuestion = `{"model_name":"summariser","prompt":"मेरा बैग चोरी हुआ","max_tokens":8,"temperature":0}`

func TestTheModelServerRunsAFileAnEndpointAndABrokenFile(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sk-one" || r.URL.Path != "/v1/chat/completions" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"A narrative."},"finish_reason":"stop"}]}`)
	}))
	defer endpoint.Close()
	s := serveModels(t, []string{"MODEL_DIR=" + models(t), "MODEL_ENDPOINT=" + endpoint.URL + "/v1#big", "MODEL_FIR_SUMMARISER_KEY=sk-one"})
	health := s.await(t, "/health", func(code int, body []byte) bool { return bytes.Contains(body, []byte("GGML_ASSERT")) })
	for _, want := range []string{`"status":"degraded"`, `"summariser":true`, `"bns_check":false`, `"fir_summariser":true`, `"engine":"ggml+openai"`, `"context":4096`} {
		if !bytes.Contains(health, []byte(want)) {
			t.Errorf("/health has no %s: %s", want, health)
		}
	}
	if bytes.Contains(health, []byte("sk-one")) || bytes.Contains(health, []byte(os.TempDir())) {
		t.Errorf("/health tells the key or a folder: %s", health)
	}
	resp, answer := s.ask(t, shortQuestion)
	if resp.StatusCode != 200 || !bytes.Contains(answer, []byte(`"engine":"ggml"`)) || !bytes.Contains(answer, []byte(`"completion_tokens":8`)) {
		t.Errorf("%d %s", resp.StatusCode, answer)
	}
	resp, answer = s.ask(t, `{"model_name":"bns_check","prompt":"x"}`)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !bytes.Contains(answer, []byte("GGML_ASSERT")) {
		t.Errorf("the broken model: %d %s", resp.StatusCode, answer)
	}
	resp, answer = s.ask(t, `{"model_name":"fir_summariser","prompt":"x"}`)
	if resp.StatusCode != 200 || !bytes.Contains(answer, []byte(`"result":"A narrative."`)) || !bytes.Contains(answer, []byte(`"engine":"openai"`)) {
		t.Errorf("the endpoint: %d %s", resp.StatusCode, answer)
	}
	for body, status := range map[string]int{
		`{"model_name":"summariser","prompt":"` + strings.Repeat("क ", 3000) + `","max_tokens":8}`:   413,
		`{"model_name":"summariser","prompt":"` + strings.Repeat("x", 3000) + `","max_tokens":2000}`: 422,
	} {
		if resp, answer := s.ask(t, body); resp.StatusCode != status || !bytes.Contains(answer, []byte("context holds 4096")) {
			t.Errorf("too long a request: %d %s, want %d", resp.StatusCode, answer, status)
		}
	}
}

// stream begins a long streamed inference and returns the events that follow the first.
func (s *modelServer) stream(t *testing.T) *bufio.Scanner {
	t.Helper()
	resp, err := http.Post(s.base+"/inference", "application/json",
		strings.NewReader(`{"model_name":"summariser","prompt":"talk","max_tokens":2000,"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "data: ") {
		t.Fatalf("the first line is %q, %v", lines.Text(), lines.Err())
	}
	return lines
}

func rest(lines *bufio.Scanner) string {
	var all strings.Builder
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
	}
	return all.String()
}

func TestAModelThatIsKilledInItsMidstComesBack(t *testing.T) {
	s := serveModels(t, nil, "--summariser", filepath.Join(models(t), "summariser.gguf"))
	lines := s.stream(t)
	for _, pid := range s.children(t) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if got := rest(lines); !strings.Contains(got, "event: error\n") || !strings.Contains(got, "model_unavailable") {
		t.Errorf("the stream ends with %.300q", got)
	}
	s.await(t, "/health", func(_ int, body []byte) bool {
		return bytes.Contains(body, []byte(`"restarts":1`)) && bytes.Contains(body, []byte(`"status":"healthy"`))
	})
	if resp, answer := s.ask(t, shortQuestion); resp.StatusCode != 200 {
		t.Errorf("afterwards: %d %s", resp.StatusCode, answer)
	}
}

func TestAStopWaitsForAnswersAndEndsTheModels(t *testing.T) {
	s := serveModels(t, nil, "--summariser", filepath.Join(models(t), "summariser.gguf"))
	lines, children := s.stream(t), s.children(t)
	if len(children) != 1 {
		t.Fatalf("there are %d processes of models", len(children))
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := rest(lines); !strings.Contains(got, "event: done\n") {
		t.Errorf("the stream ends with %.300q", got)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it stopped with %v", err)
	}
	if err := syscall.Kill(children[0], 0); err == nil {
		t.Error("the model's process has outlived the server")
	}
}

// A server that is killed takes its models with it: the kernel sees to that.
func TestModelsDieWithTheirServer(t *testing.T) {
	s := serveModels(t, nil, "--summariser", filepath.Join(models(t), "summariser.gguf"))
	children := s.children(t)
	if err := s.cmd.Process.Kill(); err != nil || len(children) != 1 {
		t.Fatalf("%v, %d processes of models", err, len(children))
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // the pause of a poll
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", children[0]))
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("after a minute the model's process still runs")
		}
	}
}

func TestWhatIsWrongWithModelFlagsIsSaid(t *testing.T) {
	none := func(string) string { return "" }
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"gguf", "--addr", "127.0.0.1:0", "--model-dir", "/nowhere"}, "MODEL_DIR"},
		{[]string{"gguf", "--addr", "127.0.0.1:0", "--summariser", "https://host/v1"}, "reading what runs summariser"},
		{[]string{"gguf", "--addr", "127.0.0.1:0", "--model-endpoint", "models/a.gguf"}, "it is no URL"},
	} {
		var out, errs bytes.Buffer
		if code := run(c.args, none, &out, &errs); code != 1 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%q: code %d, said %q; want %q", c.args, code, errs.String(), c.want)
		}
	}
}
