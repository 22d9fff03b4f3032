package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// examined runs the doctor in this process.
func examined(t *testing.T, env map[string]string, args ...string) (checks map[string]check, err error) {
	t.Helper()
	root := newDoctorCommand(around{time.Now, func(name string) string { return env[name] }})
	root.SilenceUsage, root.SilenceErrors = true, true
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append(args, "--json"))
	err = root.ExecuteContext(t.Context())
	var report struct{ Checks []check }
	if e := json.Unmarshal(out.Bytes(), &report); e != nil {
		t.Fatalf("%v: %q (%v)", e, out.String(), err)
	}
	checks = map[string]check{}
	for _, c := range report.Checks {
		checks[c.Name] = c
		if (c.State == stateFailed || c.State == stateWarning) && c.Remedy == "" {
			t.Errorf("%s %s without a remedy", c.Name, c.State)
		}
	}
	return checks, err
}

func expectCheck(t *testing.T, checks map[string]check, name, state string, words ...string) {
	t.Helper()
	c := checks[name]
	if c.State != state {
		t.Errorf("%s is %q, want %s: %s", name, c.State, state, c.Found)
	}
	for _, word := range words {
		if !strings.Contains(c.Found+" → "+c.Remedy, word) {
			t.Errorf("%s: %q → %q, want %q in it", name, c.Found, c.Remedy, word)
		}
	}
}

// A healthy system, the real program; then the same one killed.
func TestTheDoctorOfAHealthySystemAndOfADeadOne(t *testing.T) {
	data := t.TempDir()
	p := startProgram(t, nil, "serve", "--data", data, "--http", "127.0.0.1:0", "--daemon", "127.0.0.1:0", "--otlp-grpc", "off", "--otlp-http", "off")
	server, daemon := strings.TrimSuffix(p.said["console"], "/"), p.said["daemon"]
	args := []string{"--server", server, "--daemon", daemon, "--data", data}
	checks, err := examined(t, nil, args...)
	for _, name := range []string{"server", "clock", "ready", "token", "version", "agent", "round trip"} {
		expectCheck(t, checks, name, stateOK)
	}
	for _, network := range []string{"udp", "tcp"} {
		_, port, _ := net.SplitHostPort(daemon)
		if c := checks["port "+port+" "+network]; c.State != stateWarning && c.State != stateOK || !strings.Contains(c.Found, fmt.Sprint(p.cmd.Process.Pid)) {
			t.Errorf("%s: %+v, want the process %d", network, c, p.cmd.Process.Pid)
		}
	}
	expectCheck(t, checks, "AWS", stateSkipped, "--upstream aws")
	for name, c := range checks {
		if c.State == stateFailed && name != "data directory" && name != "open files" { // what this machine has little of
			t.Errorf("%s: %+v (%v)", name, c, err)
		}
	}
	resp, err := http.Post(server+"/api/traces", "application/json", strings.NewReader(`{"start":0,"end":4000000000}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), `"traces":[]`) {
		t.Errorf("the doctor left a trace behind: %s", body)
	}
	http.DefaultClient.CloseIdleConnections()
	p.end(syscall.SIGKILL)
	checks, err = examined(t, nil, args...)
	if err == nil {
		t.Error("nothing failed of a dead system")
	}
	expectCheck(t, checks, "server", stateFailed, "roentgen serve", server)
	expectCheck(t, checks, "agent", stateFailed, "roentgen agent")
	expectCheck(t, checks, "round trip", stateSkipped)
}

func TestTheDoctorNamesTokenVersionAndClock(t *testing.T) {
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-10*time.Minute).UTC().Format(http.TimeFormat))
		switch {
		case r.URL.Path == "/healthz":
			fmt.Fprintln(w, "ok")
		case r.URL.Path == "/readyz":
			http.Error(w, "not ready: no space left on device", http.StatusServiceUnavailable)
		case r.Header.Get("Authorization") != "Bearer right":
			http.Error(w, "no", http.StatusUnauthorized)
		case r.URL.Path == "/api/about":
			fmt.Fprint(w, `{"version":"0.0.1"}`)
		default:
			fmt.Fprint(w, `{"agents":[{"agent":"0123456789abcdef","host":"h","silent_seconds":7200,"balanced":true},
				{"agent":"1123456789abcdef","host":"h","balanced":true,"statement":{"upstream":{"url":"aws","last_error":"the credentials are over"}}},
				{"agent":"2123456789abcdef","host":"h","balanced":false,"explain":"one is missing"}]}`)
		}
	}))
	defer late.Close()
	args := []string{"--server", late.URL, "--daemon", off, "--no-write"}
	checks, _ := examined(t, nil, args...)
	expectCheck(t, checks, "token", stateFailed, tokenEnv, "--auth-file")
	expectCheck(t, checks, "clock", stateFailed, "10m0s ahead", "chronyc")
	expectCheck(t, checks, "ready", stateFailed, "no space left", "--data")
	checks, _ = examined(t, map[string]string{tokenEnv: "wrong"}, args...)
	expectCheck(t, checks, "token", stateFailed, "does not take this token")
	checks, _ = examined(t, map[string]string{tokenEnv: "right"}, args...)
	expectCheck(t, checks, "token", stateOK)
	expectCheck(t, checks, "version", stateWarning, "0.0.1", version)
	expectCheck(t, checks, "agent h 012345", stateWarning, "2 h")
	expectCheck(t, checks, "agent h 112345", stateWarning, "credentials are over")
	expectCheck(t, checks, "agent h 212345", stateWarning, "one is missing", "roentgen ledger")

	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	checks, _ = examined(t, nil, "--server", stranger.URL, "--daemon", strings.TrimPrefix(stranger.URL, "http://"))
	expectCheck(t, checks, "server", stateFailed, "no Roentgen server")
	expectCheck(t, checks, "agent", stateWarning, "no Roentgen agent", "daemon's place")
}

func TestTheDoctorReadsTheServersFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "roentgen.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("retentoin: 1h\n")
	checks, err := examined(t, nil, "--config", path, "--server", off, "--daemon", off)
	expectCheck(t, checks, "configuration", stateFailed, path+":1", "did you mean retention?", "config check")
	if err == nil {
		t.Error("no error")
	}
	write("data: " + filepath.Join(dir, "nowhere") + "\ndaemon: off\n")
	checks, _ = examined(t, nil, "--config", path, "--server", off)
	expectCheck(t, checks, "configuration", stateOK)
	expectCheck(t, checks, "data directory", stateFailed, "mkdir -p", "nowhere")
	expectCheck(t, checks, "daemon port", stateSkipped)
}

// refusingAWS answers as X-Ray does; what denied says is not allowed.
func refusingAWS(denied func(path string) string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if code := denied(r.URL.Path); code != "" {
			w.Header().Set("X-Amzn-Errortype", code+":http://internal.amazon.com/")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"Message":"User: arn:aws:iam::123456789012:role/task is not authorized to perform: it"}`)
			return
		}
		fmt.Fprint(w, `{}`)
	}))
}

func TestTheDoctorNamesWhatAWSRefuses(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE") // the chain of AWS's SDK reads the real environment
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	for name, c := range map[string]struct {
		denied func(string) string
		check  string
		state  string
		words  []string
	}{
		"all is allowed": {func(string) string { return "" }, "AWS actions", stateOK, []string{"xray:PutTraceSegments", "xray:GetSamplingTargets"}},
		"one is denied": {func(p string) string {
			if p == "/GetSamplingRules" {
				return "AccessDeniedException"
			}
			return ""
		}, "AWS actions", stateFailed, []string{`"xray:GetSamplingRules"`, "policy"}},
		"all are denied": {func(string) string { return "AccessDeniedException" }, "AWS actions", stateFailed,
			[]string{`"xray:PutTraceSegments","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries","xray:PutTelemetryRecords"`}},
		"expired":     {func(string) string { return "ExpiredTokenException" }, "AWS credentials", stateFailed, []string{"renew"}},
		"unknown key": {func(string) string { return "UnrecognizedClientException" }, "AWS credentials", stateFailed, []string{"does not know the access key"}},
	} {
		t.Run(name, func(t *testing.T) {
			aws := refusingAWS(c.denied)
			defer aws.Close()
			checks, err := examined(t, nil, "--server", off, "--daemon", off, "--upstream", "aws", "--region", "ap-south-1", "--endpoint", aws.URL, "-o")
			expectCheck(t, checks, c.check, c.state, c.words...)
			expectCheck(t, checks, "AWS region", stateOK, "ap-south-1", "the configuration")
			if (err != nil) != (c.state == stateFailed) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestTheDoctorNamesAMissingRegionAndANoServer(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	checks, _ := examined(t, nil, "--server", off, "--daemon", off, "--upstream", "aws", "-o")
	expectCheck(t, checks, "AWS region", stateFailed, "no region was found", "AWS_REGION")
	gone := httptest.NewServer(nil)
	gone.Close()
	checks, _ = examined(t, nil, "--server", off, "--daemon", off, "--upstream", gone.URL)
	expectCheck(t, checks, "upstream", stateFailed, "refused")
}

func TestWhoHoldsAPort(t *testing.T) {
	proc := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(proc, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	write("net/udp", head+"  12: 0100007F:07D0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0 0\n")
	write("net/tcp6", head+"   1: 00000000000000000000000000000000:07D0 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n"+
		"   2: 00000000000000000000000000000000:07D0 00000000000000000000000000000001:1234 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0\n")
	write("815/cmdline", "/usr/bin/xray\x00-o\x00")
	write("815/limits", "Limit                     Soft Limit           Hard Limit           Units\nMax open files            512                  4096                 files\n")
	if err := os.MkdirAll(filepath.Join(proc, "815/fd"), 0o700); err != nil {
		t.Fatal(err)
	}
	for fd, inode := range map[string]string{"3": "4711", "4": "4712"} {
		if err := os.Symlink("socket:["+inode+"]", filepath.Join(proc, "815/fd", fd)); err != nil {
			t.Fatal(err)
		}
	}
	held, err := socketsOn(proc, 2000)
	if err != nil || len(held) != 2 {
		t.Fatalf("%+v, %v", held, err)
	}
	for _, s := range held {
		if s.pid != 815 || s.program != "xray" {
			t.Errorf("%+v", s)
		}
	}
	if n, ok := limitOf(proc, 815); !ok || n != 512 {
		t.Errorf("%d open files", n)
	}
	d := &doctor{proc: proc, daemon: "127.0.0.1:2000"}
	d.lookAtPort(t.Context())
	if len(d.checks) != 2 || d.checks[0].State != stateWarning || !strings.Contains(d.checks[0].Found, "X-Ray daemon") {
		t.Errorf("%+v", d.checks)
	}
	d = &doctor{proc: proc, daemon: "127.0.0.1:2001"}
	d.lookAtPort(t.Context())
	if d.count(stateFailed) != 2 {
		t.Errorf("nobody on 2001: %+v", d.checks)
	}
	write("sys/net/core/rmem_max", "212992\n")
	d = &doctor{proc: proc}
	d.lookAtBuffer()
	if d.count(stateWarning) != 1 || !strings.Contains(d.checks[0].Remedy, "net.core.rmem_max=16777216") {
		t.Errorf("%+v", d.checks)
	}
}

// Without a flag the doctor looks where this host's SDKs send.
func TestTheDoctorLooksWhereSDKsSend(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "127.0.0.1:3000": "127.0.0.1:3000", "tcp:127.0.0.1:3000 udp:127.0.0.2:3001": "127.0.0.2:3001", "udp:[::1]:3001 tcp:h:1": "[::1]:3001", "tcp:h:1": "",
	} {
		if got := daemonOfSDKs(text); got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
	p := startProgram(t, nil, "serve", "--data", t.TempDir(), "--http", "127.0.0.1:0", "--daemon", "127.0.0.1:0", "--otlp-grpc", "off", "--otlp-http", "off")
	env := map[string]string{"AWS_XRAY_DAEMON_ADDRESS": p.said["daemon"], serverEnv: strings.TrimSuffix(p.said["console"], "/")}
	checks, err := examined(t, env)
	if err != nil {
		t.Error(err)
	}
	expectCheck(t, checks, "round trip", stateOK, p.said["daemon"])
}
