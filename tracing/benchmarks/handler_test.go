package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// handlerVariable makes this binary a server that the others send requests to.
// Its value is "untraced", or the addresses of an agent: UDP and TCP, with a space between.
const handlerVariable = "TRACING_BENCHMARKS_HANDLER"

// handle is what a small endpoint does: it reads a body, works in five steps,
// and answers with JSON. Untraced, the steps cost a call each.
func handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var in payload
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx := r.Context()
	describe(ctx, &in)
	for _, name := range children() {
		_ = tracing.Trace(ctx, name, func(context.Context) error { return nil })
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(&in)
}

func beHandler(agent string) error {
	cfg := tracing.Config{ServiceName: service, SamplingRate: rate(0.1), LookupEnv: func(string) (string, bool) { return "", false }}
	udp, tcp, traced := strings.Cut(agent, " ")
	cfg.Disabled = !traced
	if traced {
		cfg.DaemonAddress = "tcp:" + tcp + " udp:" + udp
	}
	tr, shutdown, err := tracing.Setup(context.Background(), cfg)
	if err != nil {
		return err
	}
	var h http.Handler = http.HandlerFunc(handle)
	if traced {
		h = tr.Middleware(h)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent goes
	_ = s.Close()
	return shutdown(context.Background())
}

// endpoint is a running server, and what its answers took.
type endpoint struct {
	url  string
	pid  int
	stop func()

	mu    sync.Mutex
	times []time.Duration
}

func startEndpoint(b *testing.B, agent string) *endpoint {
	b.Helper()
	var address string
	pid, stop, err := startSelf(handlerVariable+"="+agent, &address)
	if err != nil {
		b.Fatal(err)
	}
	return &endpoint{url: "http://" + address + "/", pid: pid, stop: stop}
}

// used returns the processor time that the server has used, and the most memory it had, in bytes.
func (e *endpoint) used(b *testing.B) (cpu time.Duration, rss float64) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):]))
	for _, f := range fields[12:14] { // utime and stime, in hundredths of a second
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		cpu += time.Duration(n) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return cpu, kb * 1024
}

// ask sends one request and takes down how long it took.
func (e *endpoint) ask(client *http.Client, body string) error {
	begin := time.Now()
	r, err := client.Post(e.url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	took := time.Since(begin)
	r.Body.Close()
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", e.url, r.Status)
	}
	e.mu.Lock()
	e.times = append(e.times, took)
	e.mu.Unlock()
	return err
}

func (e *endpoint) quantile(q float64) float64 {
	slices.Sort(e.times)
	return float64(e.times[int(q*float64(len(e.times)-1))].Nanoseconds()) / 1e3
}

// handlerBench sends perSecond requests a second to each of two servers, one
// traced and one not, in turns, so that what else the machine does meets both.
// One operation is a request to each. A request waits for its moment, not for
// the answer to the one before.
func handlerBench(b *testing.B, perSecond int) {
	plain, traced := startEndpoint(b, "untraced"), startEndpoint(b, theSink.udp+" "+theSink.http)
	defer plain.stop()
	defer traced.stop()
	sent, err := json.Marshal(meta())
	if err != nil {
		b.Fatal(err)
	}
	body := string(sent)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	for range 200 { // connections, heaps, and the question to the agent
		for _, e := range []*endpoint{plain, traced} {
			if err := e.ask(client, body); err != nil {
				b.Fatal(err)
			}
		}
	}
	plain.times, traced.times = plain.times[:0], traced.times[:0]
	plainCPU, _ := plain.used(b)
	tracedCPU, _ := traced.used(b)
	before, begin, n := arrived(b), time.Now(), 0
	gap := time.Second / time.Duration(2*perSecond)
	var all sync.WaitGroup
	failed := make(chan error, 1)
	for b.Loop() {
		for i, e := range []*endpoint{plain, traced} {
			time.Sleep(time.Until(begin.Add(time.Duration(2*n+i) * gap)))
			all.Go(func() {
				if err := e.ask(client, body); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			})
		}
		n++
	}
	all.Wait()
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
	seconds := time.Since(begin).Seconds()
	plainAfter, plainRSS := plain.used(b)
	tracedAfter, tracedRSS := traced.used(b)
	b.ReportMetric(plain.quantile(0.5), "plain-p50-µs")
	b.ReportMetric(traced.quantile(0.5)-plain.quantile(0.5), "added-p50-µs")
	b.ReportMetric(plain.quantile(0.99), "plain-p99-µs")
	b.ReportMetric(traced.quantile(0.99)-plain.quantile(0.99), "added-p99-µs")
	b.ReportMetric(100*((tracedAfter-tracedCPU)-(plainAfter-plainCPU)).Seconds()/seconds, "added-%-of-a-core")
	b.ReportMetric((tracedRSS-plainRSS)/1e6, "added-MB")
	b.ReportMetric(float64(arrived(b)-before)/float64(n), "documents/op")
}

func BenchmarkHandlerAt100PerSecond(b *testing.B)  { handlerBench(b, 100) }
func BenchmarkHandlerAt1000PerSecond(b *testing.B) { handlerBench(b, 1000) }
