package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// loadAgent reads a configuration as the command does, from a daemon's file's
// text, an environment and arguments.
func loadAgent(t *testing.T, file string, environ []string, args ...string) (agentConfig, error) {
	t.Helper()
	flags := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	addAgentFlags(flags)
	if file != "" {
		path := filepath.Join(t.TempDir(), "cfg.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"-c", path}, args...)
	}
	if err := flags.Parse(twoDashes(args)); err != nil {
		t.Fatal(err)
	}
	return loadAgentConfig(flags, environ)
}

// daemonFile is a whole file of the X-Ray daemon's.
const daemonFile = `# a comment
TotalBufferSizeMB: 16
Concurrency: 4
Region: "ap-south-1"
Endpoint: "https://xray.example.in"
Socket:
  UDPAddress: "127.0.0.1:3000"
  TCPAddress: "127.0.0.1:3001"
Logging:
  LogRotation: false
  LogLevel: "dev"
  LogPath: ""
LocalMode: true
ResourceARN: "arn:aws:ec2:ap-south-1:123456789012:instance/i-1"
RoleARN: "arn:aws:iam::123456789012:role/xray"
NoVerifySSL: true
ProxyAddress: "http://127.0.0.1:3128"
Version: 2
`

func TestTheDaemonsFile(t *testing.T) {
	c, err := loadAgent(t, daemonFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := agentConfig{
		BufferMemory: 16, Concurrency: 4, Region: "ap-south-1", Endpoint: "https://xray.example.in", Bind: "127.0.0.1:3000", BindTCP: "127.0.0.1:3001",
		LogRotation: false, LogLevel: "dev", LocalMode: true, ResourceARN: "arn:aws:ec2:ap-south-1:123456789012:instance/i-1",
		RoleARN: "arn:aws:iam::123456789012:role/xray", NoVerifySSL: true, ProxyAddress: "http://127.0.0.1:3128",
	}
	got := agentConfig{
		BufferMemory: c.BufferMemory, Concurrency: c.Concurrency, Region: c.Region, Endpoint: c.Endpoint, Bind: c.Bind, BindTCP: c.BindTCP,
		LogRotation: c.LogRotation, LogLevel: c.LogLevel, LocalMode: c.LocalMode, ResourceARN: c.ResourceARN,
		RoleARN: c.RoleARN, NoVerifySSL: c.NoVerifySSL, ProxyAddress: c.ProxyAddress,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if c.spoolBytes() != 16<<20 {
		t.Errorf("%d bytes wait at most", c.spoolBytes())
	}
}

func TestFlagsWinOverTheEnvironmentOverTheDaemonsFile(t *testing.T) {
	c, err := loadAgent(t, "Version: 1\nRegion: a\nSocket: {UDPAddress: \"127.0.0.1:1\", TCPAddress: \"127.0.0.1:1\"}\nConcurrency: 0\n",
		[]string{"ROENTGEN_AGENT_REGION=b", "ROENTGEN_AGENT_BIND=127.0.0.1:2", "ROENTGEN_AGENT_ALLOW=10.0.0.0/8,192.168.0.0/16", "ROENTGEN_DATA=/x"}, "-bind=127.0.0.1:3", "-o")
	if err != nil {
		t.Fatal(err)
	}
	if c.Bind != "127.0.0.1:3" || c.Region != "b" || c.BindTCP != "127.0.0.1:1" || c.Concurrency != 8 || !c.LogRotation || !c.LocalMode || len(c.Allow) != 2 {
		t.Errorf("%+v", c)
	}
}

// A container's health check has the environment of its agent.
func TestTheAgentStartsWithTheVariableOfItsHealthCheck(t *testing.T) {
	if _, err := loadAgent(t, "", []string{"ROENTGEN_AGENT_HEALTH_URL=http://127.0.0.1:2001"}); err != nil {
		t.Error(err)
	}
	if _, err := loadAgent(t, "", []string{"ROENTGEN_AGENT_HEALTH=http://127.0.0.1:2001"}); err == nil {
		t.Error("a variable that is no flag's is passed over")
	}
}

func TestFilesThatTheDaemonRefusesToo(t *testing.T) {
	for file, want := range map[string][]string{
		"Region: x\n":                                  {"Version is missing"},
		"Version: 3\n":                                 {"line 1", "Version 3"},
		"Version: 2\nRegoin: x\n":                      {"line 2", "Regoin", "unknown key", "Region"},
		"Version: 2\nSocket:\n  UDPPort: 1\n":          {"line 3", "Socket.UDPPort"},
		"Version: 1\nProcessor:\n  Region: x\n":        {"line 3", "Processor.Region", "write Region"},
		"Version: 2\nConcurrency: many\n":              {"line 2", "Concurrency", "many"},
		"Version: 2\nNoVerifySSL: perhaps\n":           {"line 2", "perhaps"},
		"Version: 2\nRegion: [a, b]\n":                 {"line 2", "neither"},
		"Version: 2\nTotalBufferSizeMB: 2\n":           {"--buffer-memory 2", "3"},
		"- a\n":                                        {"no keys"},
		"Version: 2\n\tRegion: x\n":                    {"line 2"},
		"Version: 2\nTotalBufferSizeMB: lots\n":        {"line 2", "lots"},
		"Version: 2\nRegion: a\nRegion: b\n":           {"line 3", "Region", "line 2 already"},
		"Version: 2\nConcurrency: -1\n":                {"Concurrency is -1", "above 0"},
		"Version: 2\nLogging: {LogLevel: loud}\n":      {"loud", "warn, error or prod"},
		"Version: 2\nLogging:\n  LogFormat: strange\n": {"line 3", "--log-format"},
	} {
		_, err := loadAgent(t, file, nil)
		if err == nil {
			t.Errorf("%q is taken", file)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v; it does not say %q", file, err, part)
			}
		}
	}
}

func TestAgentFlagsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--bind", "off", "--bind-tcp", "off"}, "no way in"},
		{[]string{"--bind", "2000"}, "not an address"},
		{[]string{"--upstream", "roentgen.example.in"}, "neither aws nor a URL"},
		{[]string{"--token-file", "x"}, "--upstream"},
		{[]string{"--upstream", "https://x", "--cert-file", "x"}, "--key-file"},
		{[]string{"--bind", "0.0.0.0:2000", "--strict"}, "--allow"},
		{[]string{"--allow", "10.0.0.0"}, "not a network"},
		{[]string{"-m", "1"}, "least is 3"},
		{[]string{"--spool-bytes", "-1"}, "below 0"},
		{[]string{"--state", "d", "--spool-bytes", "4194304"}, "the least is 8388608"},
		{[]string{"--upstream", "http://roentgen.example.in/?agent=1"}, "neither aws nor a URL"},
		{[]string{"--shutdown-timeout", "0s"}, "--shutdown-timeout"},
		{[]string{"--otlp-http", "4318"}, "not an address"},
		{[]string{"--receive-buffer-bytes", "1000000000000"}, "the most is 1073741823"},
		{[]string{"--proxy-address", "ftp://proxy.example"}, "no URL of a proxy"},
		{[]string{"--proxy-address", "proxy.example:3128"}, "no URL of a proxy"},
		{[]string{"--upstream", "https://x", "--proxy-address", "3128"}, "no URL of a proxy"},
		{[]string{"--role-arn", "xray"}, "arn:aws:iam"},
		{[]string{"--log-level", "loud"}, "warn, error or prod"},
	} {
		if _, err := loadAgent(t, "", nil, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.args, err)
		}
	}
	if _, err := loadAgent(t, "", []string{"ROENTGEN_AGENT_BINT=x"}); err == nil || !strings.Contains(err.Error(), "--bint") {
		t.Errorf("a variable that stands for no flag: %v", err)
	}
}

func TestDoorsOnTheNetworkAreWarnedOf(t *testing.T) {
	c, err := loadAgent(t, "", nil, "-t", "0.0.0.0:2000", "-b", "0.0.0.0:2000", "-o", "-n", "ap-south-1", "--state", "x")
	if err != nil {
		t.Fatal(err)
	}
	if w := c.warnings(); len(w) != 2 || !strings.Contains(w[0], "--allow") {
		t.Errorf("%q", w)
	}
	c.Allow = []string{"10.0.0.0/8"}
	if w := c.warnings(); len(w) != 0 {
		t.Errorf("%q", w)
	}
	c.HTTP = "0.0.0.0:2001" // which --allow does not shut
	if w := c.warnings(); len(w) != 1 || !strings.Contains(w[0], "--http") || strings.Contains(w[0], "--allow") {
		t.Errorf("%q", w)
	}
}

func TestArgumentsOfTheDaemon(t *testing.T) {
	for _, c := range []struct{ got, want []string }{
		{[]string{"/usr/bin/xray", "-o", "-n", "ap-south-1"}, []string{"agent", "-o", "-n", "ap-south-1"}},
		{[]string{"xray"}, []string{"agent"}},
		{[]string{"xray", "-bind", "0.0.0.0:2000", "-region=x", "--log-level", "dev"}, []string{"agent", "--bind", "0.0.0.0:2000", "--region=x", "--log-level", "dev"}},
		{[]string{"xray", "health"}, []string{"agent", "health"}},
		{[]string{"xray", "agent", "health"}, []string{"agent", "health"}},
		{[]string{"xray", "agent", "-o"}, []string{"agent", "-o"}},
		{[]string{"xray", "-version"}, []string{"agent", "--version"}},
		{[]string{"xray", "-help"}, []string{"agent", "--help"}},
		{[]string{"roentgen", "agent", "-bind-tcp=off"}, []string{"agent", "--bind-tcp=off"}},
		{[]string{"roentgen", "serve", "-bind"}, []string{"serve", "-bind"}},
		{[]string{"roentgen"}, []string{}},
	} {
		if got := agentArguments(c.got); !slices.Equal(got, c.want) {
			t.Errorf("%q became %q and not %q", c.got, got, c.want)
		}
	}
}

func TestLinesOfTheDaemon(t *testing.T) {
	var out bytes.Buffer
	log, closeLog, err := newAgentLogger(agentConfig{LogLevel: "prod", LogFormat: "daemon"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("not shown")
	log.With("a", 1).WithGroup("g").Info("Using region: ap-south-1", "from", "a flag", "n", 2)
	if err := closeLog(); err != nil {
		t.Fatal(err)
	}
	stamp, rest, _ := strings.Cut(out.String(), " ")
	if _, err := time.Parse(time.RFC3339, stamp); err != nil || rest != "[Info] Using region: ap-south-1 a=1 g.from=\"a flag\" g.n=2\n" {
		t.Errorf("%q", out.String())
	}
	for _, level := range []string{"dev", "debug", "info", "warn", "error", "PROD"} {
		if _, _, err := newAgentLogger(agentConfig{LogLevel: level, LogFormat: "json"}, io.Discard); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := newAgentLogger(agentConfig{LogLevel: "loud"}, io.Discard); err == nil {
		t.Error("a level that there is not")
	}
}

func TestALogFileTurns(t *testing.T) {
	name := filepath.Join(t.TempDir(), "xray.log")
	f, err := openLogFile(name, true)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line := bytes.Repeat([]byte("x"), 1<<20)
	for range 120 {
		if _, err := f.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{name, name + ".1"} {
		if info, err := os.Stat(file); err != nil || info.Size() > rotateBytes || info.Size() == 0 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(name)); err != nil || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

func TestHealthOfAnAgent(t *testing.T) {
	ready := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || !ready {
			http.Error(w, "not ready: the spool is full", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	}))
	defer s.Close()
	if said, err := askHealth(context.Background(), s.URL); err != nil || said != "ready" {
		t.Errorf("%q, %v", said, err)
	}
	ready = false
	if _, err := askHealth(context.Background(), s.URL); err == nil || !strings.Contains(err.Error(), "is not ready: the spool is full") {
		t.Error(err)
	}
	s.Close()
	if _, err := askHealth(context.Background(), s.URL); err == nil {
		t.Error("nobody is there, and it is well")
	}
}

// TestInThePlaceOfTheDaemon runs the program by the daemon's name, with its
// flags and file, and looks at what reaches AWS.
func TestInThePlaceOfTheDaemon(t *testing.T) {
	aws := &fakeAWS{}
	s := httptest.NewServer(aws)
	defer s.Close()
	file := filepath.Join(t.TempDir(), "cfg.yaml")
	if err := os.WriteFile(file, []byte("Version: 2\nEndpoint: "+s.URL+"\nLogging:\n  LogLevel: dev\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=eu-west-1"}
	a := startProgram(t, env, "agent", "-bind", "127.0.0.1:0", "-t", "127.0.0.1:0", "-o", "-n", "ap-south-1", "-c", file)
	at := "http://" + a.said["tcp"]
	if text := get(t, at+"/readyz"); text != "ready\n" {
		t.Errorf("%q", text)
	}
	sendText(t, a.said["udp"], plainHeader+segmentText("1-6569f0aa-bd862e3fe1be46a994272793", 1, ""))
	eventually(t, func() error { return expect("documents at AWS", float64(len(aws.seen("/TraceSegments"))), 1) })
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Post(at+"/GetSamplingRules", "", strings.NewReader(`{"NextToken":null}`))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || !strings.Contains(string(body), "Default") {
		t.Errorf("rules: %d %s", resp.StatusCode, body)
	}
	for _, h := range aws.headers("/TraceSegments", "/GetSamplingRules") {
		if !strings.Contains(h.Get("Authorization"), "/ap-south-1/xray/aws4_request") {
			t.Errorf("signed by %q", h.Get("Authorization"))
		}
	}
	if err := a.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v", err)
	}
	for _, line := range []string{"Using region: ap-south-1", "Starting proxy http server on ", "[Info] "} {
		if !strings.Contains(a.stderr.String(), line) {
			t.Errorf("the log lacks %q", line)
		}
	}
}

// fakeAWS answers what the agent asks, and remembers it.
type fakeAWS struct {
	mu       sync.Mutex
	requests []seenRequest
}

type seenRequest struct {
	path   string
	header http.Header
	body   string
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.requests = append(f.requests, seenRequest{r.URL.Path, r.Header.Clone(), string(body)})
	f.mu.Unlock()
	answers := map[string]any{
		"/TraceSegments":    map[string]any{"UnprocessedTraceSegments": []any{}},
		"/GetSamplingRules": map[string]any{"SamplingRuleRecords": []any{map[string]any{"SamplingRule": map[string]any{"RuleName": "Default", "FixedRate": 0.05, "ReservoirSize": 1}}}},
	}
	json.NewEncoder(w).Encode(answers[r.URL.Path])
}

// seen are the documents or bodies that came to a path.
func (f *fakeAWS) seen(path string) (out []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r.path == path {
			out = append(out, r.body)
		}
	}
	return out
}

func (f *fakeAWS) headers(paths ...string) (out []http.Header) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if slices.Contains(paths, r.path) {
			out = append(out, r.header)
		}
	}
	return out
}
