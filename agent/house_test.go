package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// patience bounds every wait for something that happens soon.
const patience = 20 * time.Second

// eventually waits until what is true.
func eventually(t testing.TB, what func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	err := what()
	for ; err != nil && time.Now().Before(deadline); err = what() {
		time.Sleep(2 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// house is a real server: store, doors, fleet and API.
type house struct {
	*httptest.Server
	store *memory.Store
	fleet *fleet.Fleet
	down  atomic.Bool // answers 503

	mu    sync.Mutex
	rules []roentgen.Rule
	rolls [][]byte // roll-ups that came
}

// Add implements api.Rates.
func (h *house) Add(_ string, _, _ uint64, rollups ...[]byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range rollups {
		h.rolls = append(h.rolls, bytes.Clone(b))
	}
	return nil
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{store: memory.New(memory.Options{}), rules: []roentgen.Rule{roentgen.DefaultRule()}}
	var err error
	if h.fleet, err = fleet.Open(vfs.OS{}, t.TempDir(), fleet.Options{}); err != nil {
		t.Fatal(err)
	}
	acceptor := accept.New(accept.Config{}, h.store)
	a := api.New(api.Config{Sampling: sampling.New(h, sampling.Config{}), Put: putter{acceptor}})
	mux := http.NewServeMux()
	a.RegisterDaemon(mux)
	a.RegisterAgents(mux, api.Agents{Intake: api.NewIntake(api.IntakeConfig{Documents: acceptor, Book: h.fleet, Rates: h}), Fleet: h.fleet})
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.down.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		h.fleet.EndPolls()
		h.Server.Close()
		if err := h.fleet.Close(); err != nil {
			t.Error(err)
		}
		h.store.Close()
	})
	return h
}

func (h *house) counted() [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.rolls)
}

// requests is how many of the service pay are in roll-ups.
func (h *house) requests(t testing.TB, rolls ...[]byte) int64 {
	t.Helper()
	sums := graph.NewSums(graph.Options{})
	for _, b := range rolls {
		m, err := graph.ParseMinutes(b)
		if err != nil {
			t.Fatal(err)
		}
		sums.AddAll(m)
	}
	r, _ := sums.Node(roentgen.ServiceID{Name: "pay"})
	return r.Stats.OK
}

type putter struct{ *accept.Acceptor }

func (p putter) Put(ctx context.Context, docs []wire.Text) ([]*roentgen.Rejection, error) {
	return p.Accept(ctx, accept.DoorAPI, docs)
}

// Rules implements sampling.Rules.
func (h *house) Rules(context.Context) ([]roentgen.Rule, roentgen.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rules, roentgen.At(time.Unix(1_700_000_000, 0)), nil
}

// documents are those that the server has of a trace.
func (h *house) documents(t testing.TB, id roentgen.TraceID) (docs []roentgen.Stored) {
	t.Helper()
	for trace, err := range h.store.Traces(context.Background(), []roentgen.TraceID{id}) {
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, trace.Documents...)
	}
	return docs
}

// await waits until the server has n documents of a trace.
func (h *house) await(t testing.TB, id roentgen.TraceID, n int) (docs []roentgen.Stored) {
	t.Helper()
	eventually(t, func() error {
		if docs = h.documents(t, id); len(docs) != n {
			return fmt.Errorf("the server has %d documents of trace %s and not %d", len(docs), id, n)
		}
		return nil
	})
	return docs
}

// running is an agent that runs.
type running struct {
	*Agent
	dir  string
	stop func() error
	log  *strings.Builder
}

// startAgent runs an agent for a house on a state directory; change may be nil.
func startAgent(t testing.TB, h *house, dir string, change func(*Config)) *running {
	t.Helper()
	state, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	up, err := upstream.NewRoentgen(upstream.RoentgenConfig{URL: h.URL, Agent: state.Agent()})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{dir: dir, log: new(strings.Builder)}
	cfg := Config{
		State: state, UDP: listenUDP(t), TCP: listenTCP(t), Sender: up, Notices: up, Ask: up, Roentgen: true,
		Triggers: tail.DefaultTriggers(), RingBytes: 8 << 20, SpoolBytes: 64 << 20, QueueBytes: 1 << 20,
		Limit: spool.Limit{Age: 20 * time.Millisecond}, RollUpEvery: time.Second, Host: "test", Version: "1", Kind: "roentgen", URL: h.URL,
		Logger: slog.New(slog.NewTextHandler(&locked{w: r.log}, nil)), Registry: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&cfg)
	}
	if r.Agent, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		up.Close()
		return err
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
	return r
}

// locked lets many write, one at a time.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func listenUDP(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func listenTCP(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Headers of datagrams.
const (
	plain     = `{"format":"json","version":1}`
	undecided = `{"format":"json","version":1,"undecided":true}`
	toldKept  = `{"format":"json","version":1,"undecided":true,"kept":true}`
)

// send sends documents over UDP, and waits now and then, so that the kernel's
// buffer holds them all.
func (r *running) send(t testing.TB, header string, docs ...string) {
	t.Helper()
	c, err := net.Dial("udp", r.cfg.UDP.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := r.received("udp")
	for i, doc := range docs {
		if _, err := c.Write([]byte(header + "\n" + doc)); err != nil {
			t.Fatal(err)
		}
		if i%200 == 199 || i == len(docs)-1 {
			eventually(t, func() error {
				if n := r.received("udp") - before; n < int64(i+1) {
					return fmt.Errorf("%d of %d datagrams were received", n, i+1)
				}
				return nil
			})
		}
	}
}

func (r *running) received(door string) int64 { return r.Statement().Received[door] }

// url is where a path of the TCP door is.
func (r *running) url(path string) string { return "http://" + r.cfg.TCP.Addr().String() + path }

// ask asks the TCP door and reads JSON.
func (r *running) ask(t testing.TB, method, path, body string, header http.Header, answer any) int {
	t.Helper()
	request, err := http.NewRequest(method, r.url(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for key, values := range header {
		request.Header[key] = values
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			t.Fatalf("%s %s: %d %q: %v", method, path, resp.StatusCode, text, err)
		}
	}
	return resp.StatusCode
}

// balanced waits until nothing moves and the books balance.
func (r *running) balanced(t testing.TB) Statement {
	t.Helper()
	var s Statement
	eventually(t, func() error {
		if s = r.Statement(); s.Difference != 0 || s.Waiting.Queue != 0 || s.Waiting.Spool != 0 {
			return fmt.Errorf("difference %d, waiting %+v: %+v", s.Difference, s.Waiting, s.Books)
		}
		return nil
	})
	return s
}

var serial atomic.Uint64

// newTrace is an id that no other test has.
func newTrace() roentgen.TraceID {
	id, err := roentgen.ParseTraceID(fmt.Sprintf("1-%08x-%024x", time.Now().Unix(), serial.Add(1)))
	if err != nil {
		panic(err)
	}
	return id
}

// document is a segment with further members.
func document(trace roentgen.TraceID, members string) string {
	now := float64(time.Now().UnixMicro()) / 1e6
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(`{"trace_id":"%s","id":"%016x","name":"pay","start_time":%.6f,"end_time":%.6f%s}`, trace, serial.Add(1), now-0.1, now, members)
}
