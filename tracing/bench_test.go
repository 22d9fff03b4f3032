package tracing

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// One operation is one request: a segment and five subsegments; two of the six
// carry three annotations and two metadata values. cpu-ns/op is the CPU time
// of this process, the sender included; the sink is another process.

type payload struct {
	Prompt string         `json:"prompt"`
	Tokens int            `json:"tokens"`
	Extra  map[string]int `json:"extra"`
}

var (
	benchMeta  = &payload{Prompt: "summarise the complaint and list the sections", Tokens: 812, Extra: map[string]int{"a": 1, "b": 2}}
	childNames = [5]string{"validate_session", "mysql.select", "S3", "asr", "gguf"}
)

const benchSession = "e3170d14-b82b-4739-b409-9646567b3ae7"

// sink is this test binary, run again to receive and count datagrams.
type sink struct {
	cmd  *exec.Cmd
	addr string
	out  *bufio.Reader
	in   io.Writer
}

const sinkVariable = "TRACING_BENCH_SINK"

// TestSinkProcess is the sink's main function; as a test it only checks that
// it was not asked to be one by accident.
func TestSinkProcess(t *testing.T) {
	if os.Getenv(sinkVariable) == "" {
		return
	}
	u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if err := u.SetReadBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	var docs atomic.Int64
	go func() {
		b := make([]byte, 1<<16)
		for {
			if _, _, err := u.ReadFromUDPAddrPort(b); err != nil {
				return
			}
			docs.Add(1)
		}
	}()
	fmt.Println("sink", u.LocalAddr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println("docs", docs.Load())
	}
}

func newSink(b *testing.B) *sink {
	b.Helper()
	s := &sink{cmd: exec.Command(os.Args[0], "-test.run=^TestSinkProcess$")}
	s.cmd.Env = append(os.Environ(), sinkVariable+"=1")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := s.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	s.addr = s.answer(b, "sink ")
	b.Cleanup(func() {
		in.Close()
		_ = s.cmd.Wait()
	})
	return s
}

func (s *sink) answer(b *testing.B, prefix string) string {
	b.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, prefix) {
		b.Fatalf("the sink said %q: %v", line, err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, prefix))
}

func (s *sink) docs(b *testing.B) int64 {
	fmt.Fprintln(s.in)
	n, err := strconv.ParseInt(s.answer(b, "docs "), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func cpuTime() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

// measure runs f, then flushes: the sender's remaining work counts as CPU time
// but not as wall time.
func measure(b *testing.B, cfg Config, f func(tr *Tracing, ctx context.Context)) {
	s := newSink(b)
	cfg.DaemonAddress, cfg.LookupEnv, cfg.ServiceName, cfg.Logger = s.addr, emptyEnv, "afirgen-main-backend", quiet()
	tr, shutdown, err := Setup(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	c0, n := cpuTime(), 0
	for b.Loop() {
		f(tr, context.Background())
		if n++; n%256 == 0 {
			waitFor(tr)
		}
	}
	if err := shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpuTime()-c0)/float64(n), "cpu-ns/op")
	b.ReportMetric(float64(s.docs(b))/float64(n), "docs/op")
	b.ReportMetric(float64(tr.Stats().QueueFull)/float64(n), "dropped/op")
}

// waitFor lets the sender catch up, so that all documents are delivered and
// the queue stays as short as it is in a program that does other work too.
func waitFor(tr *Tracing) {
	for tr.queue.len() > 256 {
		time.Sleep(100 * time.Microsecond)
	}
}

func nothing(context.Context) error { return nil }

// describe is what instrumented code says about one of the two (sub)segments.
func describe(ctx context.Context) {
	Annotate(ctx, "model_name", "mistral-7b-instruct-q4_k_m")
	Annotate(ctx, "tokens", 812)
	Annotate(ctx, "cached", true)
	Metadata(ctx, "", "prompt", benchMeta)
	Metadata(ctx, "", "session", benchSession)
}

func described(ctx context.Context) error {
	describe(ctx)
	return nil
}

func ownRequest(ctx context.Context) error {
	describe(ctx)
	for i, name := range childNames {
		work := nothing
		if i == 4 {
			work = described
		}
		if err := Trace(ctx, name, work); err != nil {
			return err
		}
	}
	return nil
}

func ownBench(tr *Tracing, ctx context.Context) { _ = tr.Segment(ctx, "", ownRequest) }

func BenchmarkOwnSampled(b *testing.B) {
	measure(b, Config{SamplingRate: rate(1), QueueSize: 1 << 16}, ownBench)
}
func BenchmarkOwnSampledDefaultQueue(b *testing.B) {
	measure(b, Config{SamplingRate: rate(1)}, ownBench)
}
func BenchmarkOwnUnsampled(b *testing.B) { measure(b, Config{SamplingRate: rate(0)}, ownBench) }
func BenchmarkOwnDisabled(b *testing.B)  { measure(b, Config{Disabled: true}, ownBench) }

func benchAttrs() []attribute.KeyValue {
	j, _ := json.Marshal(benchMeta)
	return []attribute.KeyValue{
		attribute.String("model_name", "mistral-7b-instruct-q4_k_m"), attribute.Int("tokens", 812), attribute.Bool("cached", true),
		attribute.String("metadata.prompt", string(j)), attribute.String("metadata.session", benchSession),
	}
}

func otelBench(tr *Tracing, ctx context.Context) {
	t := tr.Tracer("bench")
	ctx, root := t.Start(ctx, "POST /process", trace.WithSpanKind(trace.SpanKindServer))
	if root.IsRecording() {
		root.SetAttributes(benchAttrs()...)
	}
	for i, name := range childNames {
		_, s := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
		if i == 4 && s.IsRecording() {
			s.SetAttributes(benchAttrs()...)
		}
		s.End()
	}
	root.End()
}

func BenchmarkOTelAPISampled(b *testing.B) {
	measure(b, Config{SamplingRate: rate(1), QueueSize: 1 << 16}, otelBench)
}
func BenchmarkOTelAPIUnsampled(b *testing.B) { measure(b, Config{SamplingRate: rate(0)}, otelBench) }

// BenchmarkMiddleware is a whole request through Middleware, without a network;
// the share of httptest is in BenchmarkMiddlewareDisabled.
func middlewareBench(b *testing.B, cfg Config) {
	r := httptest.NewRequest(http.MethodPost, "http://shop.test/process", nil)
	measure(b, cfg, func(tr *Tracing, _ context.Context) {
		h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }))
		h.ServeHTTP(httptest.NewRecorder(), r)
	})
}

func BenchmarkMiddlewareSampled(b *testing.B) {
	middlewareBench(b, Config{SamplingRate: rate(1), QueueSize: 1 << 16})
}
func BenchmarkMiddlewareUnsampled(b *testing.B) { middlewareBench(b, Config{SamplingRate: rate(0)}) }
func BenchmarkMiddlewareDisabled(b *testing.B)  { middlewareBench(b, Config{Disabled: true}) }

// BenchmarkFanOut has one segment and children on all cores at once, to show
// contention for the tree's lock.
func BenchmarkFanOut(b *testing.B) {
	tr, _, err := Setup(context.Background(), Config{SamplingRate: rate(1), LookupEnv: emptyEnv, DaemonAddress: "127.0.0.1:9", Logger: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				_ = Trace(ctx, "child", nothing)
			}
		})
		return nil
	})
}

// onlyCPU reports the CPU time of the process for each round, which a loaded
// machine changes less than the time that passes.
func onlyCPU(b *testing.B) func() {
	c0 := cpuTime()
	return func() { b.ReportMetric(float64(cpuTime()-c0)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkEncode is the sender's share without the socket.
func BenchmarkEncode(b *testing.B) {
	set, err := resolve(Config{SamplingRate: rate(1), LookupEnv: emptyEnv})
	if err != nil {
		b.Fatal(err)
	}
	tr := newTracing(set)
	ownBench(tr, context.Background())
	items, _ := tr.queue.swap(nil)
	e, bytes := newEncoder(tr), 0
	b.ReportAllocs()
	defer onlyCPU(b)()
	for b.Loop() {
		e.documents(items[0], defaultMaxDocumentBytes, func(d []byte) { bytes += len(d) })
	}
	b.SetBytes(int64(bytes / b.N))
}

// BenchmarkRecord is the request's share: the queue is full from the start.
func BenchmarkRecord(b *testing.B) {
	set, err := resolve(Config{SamplingRate: rate(1), LookupEnv: emptyEnv, QueueSize: 1})
	if err != nil {
		b.Fatal(err)
	}
	tr := newTracing(set)
	b.ReportAllocs()
	defer onlyCPU(b)()
	for b.Loop() {
		ownBench(tr, context.Background())
	}
}
