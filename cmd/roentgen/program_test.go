package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the real program in a process of its own.
type program struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	ended  chan error
	said   map[string]string // the first word behind each label of what it announced
	once   sync.Once
}

// announced is a line like "  udp        127.0.0.1:2000  for …".
var announced = regexp.MustCompile(`^  (\w[\w -]*?)  +(\S+)`)

// startProgram starts the program and waits until it is ready. It is killed at
// the end of the test if it still runs.
func startProgram(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(os.Args[0], args...), stderr: new(bytes.Buffer), ended: make(chan error, 1), said: map[string]string{}}
	p.cmd.Env = append(append(os.Environ(), programEnv+"=1"), env...)
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(args[:1], ""), p.stderr)
		}
	})
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := announced.FindStringSubmatch(lines.Text()); m != nil {
				p.said[m[1]] = m[2]
			}
			if strings.HasPrefix(lines.Text(), "  data ") || strings.HasPrefix(lines.Text(), "  state ") {
				break
			}
		}
		close(ready)
		io.Copy(io.Discard, out)
		p.ended <- p.cmd.Wait()
	}()
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Fatalf("%q is not ready after a minute", args)
	}
	return p
}

// end sends a signal and waits for the end.
func (p *program) end(signal syscall.Signal) (err error) {
	p.once.Do(func() {
		p.cmd.Process.Signal(signal)
		err = <-p.ended
	})
	return err
}

// metrics are the samples of /metrics at an address.
func metrics(t *testing.T, url string) map[string]float64 {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]float64{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && name != "#" {
			if out[name], err = strconv.ParseFloat(value, 64); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// eventually waits until what is true.
func eventually(t *testing.T, what func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	err := what()
	for ; err != nil && time.Now().Before(deadline); err = what() {
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// total sums the samples of one metric.
func totalOf(samples map[string]float64, name string) (sum float64) {
	for key, value := range samples {
		if key == name || strings.HasPrefix(key, name+"{") {
			sum += value
		}
	}
	return sum
}

// expect is an error unless two numbers are equal.
func expect(what string, got, want float64) error {
	if got != want {
		return fmt.Errorf("%s is %v and not %v", what, got, want)
	}
	return nil
}

// get is the body at a URL.
func get(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// segmentsOf asks the server how many segments of a trace it has.
func segmentsOf(t *testing.T, url, trace string) int {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post(url+"/Traces", "application/json", strings.NewReader(fmt.Sprintf(`{"TraceIds":[%q]}`, trace)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(body), `"Document":`)
}

// sendText sends one datagram.
func sendText(t *testing.T, to, text string) {
	t.Helper()
	c, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}
