package benchmarks

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// addresses of the sink process.
type sink struct{ udp, http string }

const sinkVariable = "TRACING_BENCHMARKS_SINK"

// theSink is set once, before any benchmark.
var theSink sink

// TestMain starts this binary again, as a sink for UDP and HTTP that lives as
// long as its standard input; benchmarks of handlers start it as servers.
func TestMain(m *testing.M) {
	if agent := os.Getenv(handlerVariable); agent != "" {
		if err := beHandler(agent); err != nil {
			fmt.Fprintln(os.Stderr, "running the handler:", err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(sinkVariable) != "" {
		if err := beSink(); err != nil {
			fmt.Fprintln(os.Stderr, "running the sink:", err)
			os.Exit(1)
		}
		return
	}
	stop, err := startSink()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the sink:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func startSink() (stop func(), err error) {
	_, stop, err = startSelf(sinkVariable+"=1", &theSink.udp, &theSink.http)
	return stop, err
}

// startSelf starts this binary again with a variable that says what it is, and
// reads the words that it first says. stop lets it end.
func startSelf(variable string, words ...any) (pid int, stop func(), err error) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), variable)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := c.StdinPipe()
	if err != nil {
		return 0, nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, nil, err
	}
	if err := c.Start(); err != nil {
		return 0, nil, err
	}
	if _, err := fmt.Fscan(bufio.NewReader(out), words...); err != nil {
		return 0, nil, err
	}
	return c.Process.Pid, func() { in.Close(); _ = c.Wait() }, nil
}

func beSink() error {
	u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	if err := u.SetReadBuffer(4 << 20); err != nil {
		return err
	}
	var docs atomic.Int64
	go func() {
		b := make([]byte, 1<<16)
		for {
			n, _, err := u.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			docs.Add(documentsIn(b[:n]))
		}
	}()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/docs", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, docs.Load()) })
	// As an agent of Roentgen's: it holds what is undecided, nobody has made rules,
	// and it takes several documents in a datagram.
	mux.HandleFunc("GET /.well-known/roentgen-agent", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"agent":"roentgen","undecided":true,"triggers":["error","fault","throttle"],"rules":"default","documents_per_datagram":`+together+`}`)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	})
	go func() { _ = http.Serve(l, mux) }()
	fmt.Println(u.LocalAddr(), l.Addr())
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent goes
	return err
}

// together is how many documents the sink takes in a datagram.
const together = "64"

// documentsIn is how many documents are in a datagram.
func documentsIn(datagram []byte) int64 {
	line, docs, _ := bytes.Cut(datagram, []byte{'\n'})
	if !bytes.Contains(line, []byte(`,"documents":`)) {
		return 1
	}
	return int64(bytes.Count(docs, []byte{'\n'}))
}

// arrived returns how many documents the sink has received.
func arrived(b *testing.B) (n int64) {
	b.Helper()
	r, err := http.Get("http://" + theSink.http + "/docs")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fscan(strings.NewReader(string(body)), &n); err != nil {
		b.Fatal(err)
	}
	return n
}

func cpuTime() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

// measure runs f, then flush, whose CPU time counts and whose wall time does
// not. spans tells how many have been delivered so far.
func measure(b *testing.B, f, flush func(), spans func() int64) {
	b.Helper()
	b.ReportAllocs()
	before, c0, n := spans(), cpuTime(), 0
	for b.Loop() {
		f()
		n++
	}
	flush()
	b.ReportMetric(float64(cpuTime()-c0)/float64(n), "cpu-ns/op")
	b.ReportMetric(float64(spans()-before)/float64(n), "spans/op")
}

// payload is a metadata value as services have them.
type payload struct {
	Prompt string         `json:"prompt"`
	Tokens int            `json:"tokens"`
	Extra  map[string]int `json:"extra"`
}

func meta() *payload {
	return &payload{Prompt: "summarise the complaint and list the sections", Tokens: 812, Extra: map[string]int{"a": 1, "b": 2}}
}

const (
	service = "afirgen-main-backend"
	model   = "mistral-7b-instruct-q4_k_m"
	session = "e3170d14-b82b-4739-b409-9646567b3ae7"
)

func children() [5]string { return [5]string{"validate_session", "mysql.select", "S3", "asr", "gguf"} }
