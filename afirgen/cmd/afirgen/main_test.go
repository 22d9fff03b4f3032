package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/web"
)

// TestMain makes this binary the afirgen program, or a roentgen program, when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "backend", "gguf", "asrocr", "up":
			os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
		case "serve":
			os.Exit(serveTraces(os.Args[2:]))
		}
	}
	goleak.VerifyTestMain(m)
}

// kept stands where a Roentgen server does: it keeps what comes in by UDP and answers BatchGetTraces.
type kept struct {
	mu     sync.Mutex
	traces map[string][]string // documents by trace id
}

func serveTraces(args []string) int {
	flags := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		flags[args[i]] = args[i+1]
	}
	datagrams, err := net.ListenPacket("udp", flags["--daemon"])
	if err != nil {
		return 1
	}
	a := &kept{traces: map[string][]string{}}
	go a.collect(datagrams)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /Traces", a.answer)
	if http.ListenAndServe(flags["--http"], mux) != nil {
		return 1
	}
	return 0
}

func (a *kept) collect(datagrams net.PacketConn) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := datagrams.ReadFrom(buf)
		if err != nil {
			return
		}
		_, body, _ := bytes.Cut(buf[:n], []byte("\n"))
		var id struct {
			TraceID string `json:"trace_id"`
		}
		if json.Unmarshal(body, &id) != nil {
			continue
		}
		a.mu.Lock()
		a.traces[id.TraceID] = append(a.traces[id.TraceID], string(body))
		a.mu.Unlock()
	}
}

func (a *kept) answer(w http.ResponseWriter, r *http.Request) {
	type segment struct{ Id, Document string }
	type trace struct {
		Id       string
		Segments []segment
	}
	var asked struct{ TraceIds []string }
	var traces []trace
	_ = json.NewDecoder(r.Body).Decode(&asked)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range asked.TraceIds {
		t := trace{Id: id}
		for _, d := range a.traces[id] {
			t.Segments = append(t.Segments, segment{"x", d})
		}
		traces = append(traces, t)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Traces": traces})
}

// command is this binary as afirgen, without the tracing variables of whoever runs the tests.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "API_KEY=secret", "FIR_AUTH_KEY=another secret", "HOME=" + t.TempDir()}
	return cmd
}

func TestUpShowsSixComplaintsAndStopsEverything(t *testing.T) {
	data := t.TempDir()
	cmd := command(t, "up", "--once", "--port-base", "0", "--roentgen", os.Args[0], "--data", data)
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Fatalf("%v; printed is:\n%s", err, text)
	}
	for _, want := range []string{
		`(?m)^  finalise +200 +[0-9.]+ ms  http://127\.0\.0\.1:[0-9]+/#/traces/1-[0-9a-f]{8}-[0-9a-f]{24}$`,
		`(?m)^  → signed and locked as LKS/0001/20[0-9]{2}$`,
		`(?m)^  → refused with 400 `,
		`(?m)^  → failed with 503 .*, then passed: it waits at summary_review$`,
		`(?m)^  afirgen-main-backend  [0-9.]+ ms  503  fault$`,
		`(?m)^  afirgen-main-backend  [0-9.]+ ms  400  error$`,
		`(?m)[└├]─ process_fir_request  [0-9.]+ ms$`,
		`(?m)[└├]─ violation_check  [0-9.]+ ms$`,
		`(?m)[└├]─ afirgen\.db  \[remote\]  [0-9.]+ ms$`,
		`(?m)[└├]─ afirgen-gguf-server  \[remote\]  [0-9.]+ ms  200$`,
		`(?m)└─ afirgen-asr-ocr-server  [0-9.]+ ms  200$`,
		`(?m)endpoint=/ocr .*language=eng`,
		`(?m)^up +\| backend has stopped \(exit status 0\)$`,
		`(?m)^up +\| gguf has stopped \(exit status 0\)$`,
		`(?m)^up +\| asrocr has stopped \(exit status 0\)$`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%s is not in what was printed", want)
		}
	}
	if strings.Contains(text, "has died") {
		t.Error("a program died")
	}
	if t.Failed() {
		t.Logf("printed is:\n%s", text)
	}
	if _, err := os.Stat(filepath.Join(data, "up.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the process id is still there: %v", err)
	}
}

// startUp starts `up` without --once and reads its lines until everything runs. It returns the programs' addresses.
func startUp(t *testing.T, data string) (cmd *exec.Cmd, out *bufio.Reader, addresses []string) {
	t.Helper()
	cmd = command(t, "up", "--port-base", "0", "--roentgen", os.Args[0], "--data", data)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out = bufio.NewReader(pipe)
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting until everything runs: %v", err)
		}
		if _, addr, found := strings.Cut(line, " is ready on "); found {
			// The model server is started twice: it is stopped for one of the complaints.
			if addr = strings.TrimSpace(addr); !slices.Contains(addresses, addr) {
				addresses = append(addresses, addr)
			}
		}
		if strings.HasPrefix(line, "Everything runs.") {
			return cmd, out, addresses
		}
	}
}

func TestUpKeepsRunningUntilItIsStopped(t *testing.T) {
	data := t.TempDir()
	cmd, out, addresses := startUp(t, data)
	if pid, err := os.ReadFile(filepath.Join(data, "up.pid")); err != nil || strings.TrimSpace(string(pid)) != strconv.Itoa(cmd.Process.Pid) {
		t.Errorf("up.pid holds %q (%v), want %d", pid, err, cmd.Process.Pid)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Errorf("up ended with %v and last said:\n%s", err, rest)
	}
	for _, addr := range addresses {
		if listens(addr) {
			t.Errorf("something still listens on %s", addr)
		}
	}
}

func TestNothingOutlivesASupervisorThatIsKilled(t *testing.T) {
	cmd, _, addresses := startUp(t, t.TempDir())
	if len(addresses) != 4 {
		t.Fatalf("the addresses are %q", addresses)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a killed supervisor ended well")
	}
	for _, addr := range addresses {
		// The kernel kills at once but not before Wait returns.
		for tries := 0; listens(addr); tries++ {
			if tries == 1500 {
				t.Fatalf("something still listens on %s", addr)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func listens(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func TestUpSaysWhichPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	out, err := command(t, "up", "--once", "--port-base", "0", "--addr-gguf", taken.Addr().String(), "--roentgen", os.Args[0], "--data", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), taken.Addr().String()) || !strings.Contains(string(out), "--addr-gguf") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAServiceStopsAfterSIGTERMWithCode0(t *testing.T) {
	for _, args := range [][]string{
		{"gguf"}, {"asrocr"}, {"backend", "--database", "sqlite:" + filepath.Join(t.TempDir(), "afirgen.db"), "--archive", t.TempDir(), "--station-code", "KTW"},
	} {
		t.Run(args[0], func(t *testing.T) {
			cmd := command(t, append(args, "--addr", "127.0.0.1:0")...)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			awaitLine(t, lines, `"msg":"listening"`)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			awaitLine(t, lines, `"msg":"stopped"`)
			rest, err := io.ReadAll(lines)
			if err := errors.Join(err, cmd.Wait()); err != nil {
				t.Errorf("it ended with %v, and last said %s", err, rest)
			}
		})
	}
}

func awaitLine(t *testing.T, lines *bufio.Reader, want string) {
	t.Helper()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		if strings.Contains(line, want) {
			return
		}
	}
}

func TestWhatIsWrongWithACommandIsSaid(t *testing.T) {
	none := func(string) string { return "" }
	with := func(name, value string) func(string) string {
		return func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		}
	}
	for _, c := range []struct {
		title  string
		getenv func(string) string
		args   []string
		want   string
	}{
		{"an unknown flag", none, []string{"gguf", "--bogus"}, "unknown flag: --bogus"},
		{"an unknown command", none, []string{"bogus"}, `unknown command "bogus"`},
		{"an argument too many", none, []string{"gguf", "bogus"}, `unknown command "bogus"`},
		{"no station", none, []string{"backend", "--addr", "127.0.0.1:0"}, "STATION_CODE"},
		{"a station code that is none", none, []string{"backend", "--station-code", "k"}, "header.station.code"},
		{"no API key", none, []string{"backend", "--addr", "127.0.0.1:0", "--station-code", "KTW", "--database", "sqlite:" + filepath.Join(t.TempDir(), "a.db"), "--archive", t.TempDir()}, "API_KEY"},
		{"a port that is no number", with("PORT", "http"), []string{"backend"}, `PORT="http"`},
		{"a count of nought", with("MAX_CONCURRENT_REQUESTS", "0"), []string{"backend"}, `MAX_CONCURRENT_REQUESTS="0"`},
		{"a level that is none", with("LOG_LEVEL", "loud"), []string{"gguf"}, `"loud"`},
		{"an address that is none", none, []string{"gguf", "--addr", "nowhere"}, "--addr"},
		{"no roentgen program", none, []string{"up", "--roentgen", "/nowhere/roentgen"}, "--roentgen"},
		{"ports beyond the last", none, []string{"up", "--port-base", "65535"}, "--port-base"},
	} {
		var out, errs bytes.Buffer
		if code := run(c.args, c.getenv, &out, &errs); code != 1 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: code %d, said %q; want %q", c.title, code, errs.String(), c.want)
		}
	}
}

func TestHelpGivesAnExampleOfEachCommand(t *testing.T) {
	for _, name := range []string{"backend", "gguf", "asrocr", "up"} {
		var out bytes.Buffer
		if code := run([]string{name, "--help"}, os.Getenv, &out, &out); code != 0 || !strings.Contains(out.String(), "Examples:\n") {
			t.Errorf("%s: code %d, %s", name, code, out.String())
		}
	}
	var out bytes.Buffer
	if code := run([]string{"--version"}, os.Getenv, &out, &out); code != 0 || !strings.Contains(out.String(), version) {
		t.Errorf("--version: code %d, %s", code, out.String())
	}
}

func TestPrefixes(t *testing.T) {
	got, err := prefixes([]string{"10.0.0.0/8", "192.0.2.7", "::1"})
	if err != nil || len(got) != 3 || got[1].String() != "192.0.2.7/32" || got[2].String() != "::1/128" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := prefixes([]string{"proxy"}); err == nil || !strings.Contains(err.Error(), `"proxy"`) {
		t.Errorf("a name: %v", err)
	}
	env := &environment{get: func(string) string { return " a, ,b" }}
	if got := env.list("X"); len(got) != 2 || got[1] != "b" {
		t.Errorf("the list is %q", got)
	}
	if got := (&environment{get: func(string) string { return "90" }}).seconds("X", time.Hour); got != 90*time.Second {
		t.Errorf("90 became %s", got)
	}
}

func TestTheStartIsNamedAsTheRequestsAre(t *testing.T) {
	collector := tracetest.Start(t)
	s := backendSettings{
		service: service{segmentName: "as configured"}, database: "sqlite:" + filepath.Join(t.TempDir(), "afirgen.db"),
		archive: t.TempDir(), secrets: "env",
		getenv: func(name string) string {
			return map[string]string{"API_KEY": "a secret of the test", "FIR_AUTH_KEY": "another of the test"}[name]
		},
	}
	tr := collector.Setup(t, "as AWS_XRAY_TRACING_NAME has it")
	what, err := s.build(t.Context(), base{tracing: tr, log: slog.New(slog.DiscardHandler), metrics: web.NewMetrics(contract.Backend, tr), drain: &web.Drain{}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = what.close() }()
	collector.Await(t, "as AWS_XRAY_TRACING_NAME has it", func(tracetest.Document) bool { return true })
}
