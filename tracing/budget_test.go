package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// What tracing may cost, as far as it is the same on every machine: how often
// memory is asked for, how much of it is held, and that what is not recorded
// is neither encoded nor sent. Times are the affair of `afirgen overhead` and
// of the benchmarks.

// unsent is an instance whose sender never runs, as if the agent took
// documents infinitely slowly.
func unsent(t *testing.T, cfg Config) *Tracing {
	t.Helper()
	cfg.LookupEnv, cfg.Logger = emptyEnv, quiet()
	set, err := resolve(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return newTracing(set)
}

// TestARequestAsksForMemoryNoMoreOftenThanItMay holds a request of a segment
// and five subsegments, with annotations and metadata, to the aims of
// docs/performance.md.
func TestARequestAsksForMemoryNoMoreOftenThanItMay(t *testing.T) {
	for _, c := range []struct {
		name   string
		cfg    Config
		budget float64
	}{
		{"off", Config{Disabled: true}, 0},
		{"not recorded", Config{SamplingRate: rate(0)}, 1},
		{"recorded", Config{SamplingRate: rate(1), QueueSize: 1}, 25 + pooled},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := unsent(t, c.cfg)
			ctx := context.Background()
			if got := testing.AllocsPerRun(200, func() { ownBench(tr, ctx) }); got > c.budget {
				t.Errorf("%v allocations, at most %v are allowed", got, c.budget)
			}
		})
	}
}

// TestWithTracingOffNothingIsAddedToARequest wants no wrapper around a handler,
// so that the request costs what it did without us.
func TestWithTracingOffNothingIsAddedToARequest(t *testing.T) {
	tr := unsent(t, Config{Disabled: true})
	served := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	r := httptest.NewRequest(http.MethodPost, "http://shop.test/process", nil)
	w := httptest.NewRecorder()
	count := func(h http.Handler) float64 {
		return testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) })
	}
	if with, without := count(tr.Middleware(served)), count(served); with != without {
		t.Errorf("%v allocations, without us %v", with, without)
	}
	if got := w.Header().Get(HeaderName); got != "" {
		t.Errorf("the answer says %s: %s", HeaderName, got)
	}
}

// mostHeld is what an agent that is away or slow may make a service hold, in
// bytes.
const mostHeld = 10 << 20

// live returns how many bytes of the heap are in use after a collection.
func live() int64 {
	runtime.GC()
	runtime.GC() // what had a finaliser in the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// requests of a segment and five subsegments each: 120,000 documents if each
// were sent alone.
const requests = 20_000

// TestASlowAgentMakesNoServiceLarge lets requests end while nobody takes what
// they leave.
func TestASlowAgentMakesNoServiceLarge(t *testing.T) {
	before := live()
	tr := unsent(t, Config{SamplingRate: rate(1)})
	for range requests {
		ownBench(tr, context.Background())
	}
	if held := live() - before; held > mostHeld {
		t.Errorf("%d bytes are held, at most %d are allowed", held, mostHeld)
	}
	if st := tr.Stats(); tr.queue.len() != defaultQueueSize || st.QueueFull != requests-defaultQueueSize {
		t.Errorf("%d wait and %d are counted as lost, of %d", tr.queue.len(), st.QueueFull, requests)
	}
	runtime.KeepAlive(tr)
}

// TestAnAgentThatIsAwayMakesNoServiceLarge is the same with a sender, who
// finds nobody at the address.
func TestAnAgentThatIsAwayMakesNoServiceLarge(t *testing.T) {
	a := newAgent(t)
	addr := a.conn.LocalAddr().String()
	a.close()
	before := live()
	tr := startAt(t, Config{DaemonAddress: addr})
	for range requests {
		ownBench(tr, context.Background())
	}
	if held := live() - before; held > mostHeld {
		t.Errorf("%d bytes are held, at most %d are allowed", held, mostHeld)
	}
	if n := tr.Stats().Sampled; n != requests {
		t.Errorf("%d requests were recorded, want all %d", n, requests)
	}
}

// TestWhatIsNotRecordedIsNeitherEncodedNorSent looks at the queue, the
// counters and the agent's socket.
func TestWhatIsNotRecordedIsNeitherEncodedNorSent(t *testing.T) {
	var logged strings.Builder
	tr, a := start(t, Config{SamplingRate: rate(0), Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := ownRequest(r.Context()); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusInternalServerError) // not even a fault
	}))
	const unrecorded = 1000
	for range unrecorded {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/process", nil))
	}
	if got, want := tr.Stats(), (Stats{Unsampled: unrecorded}); got != want || tr.queue.len() != 0 {
		t.Errorf("stats %+v, %d wait", got, tr.queue.len())
	}
	forced := httptest.NewRequest(http.MethodPost, "/process", nil)
	forced.Header.Set(HeaderName, "Root=1-65f00000-0123456789abcdef01234567;Sampled=1")
	h.ServeHTTP(httptest.NewRecorder(), forced)
	if docs := a.wait(1); len(docs) != 1 || text(t, docs[0], "trace_id") != `"1-65f00000-0123456789abcdef01234567"` {
		t.Errorf("%d documents came before the one that was asked for", len(docs)-1)
	}
	if logged.Len() > 0 {
		t.Errorf("it was logged: %s", &logged)
	}
}

// TestTheVariableIsARealRate sends requests through the middleware of an
// instance that knows its rate from the environment alone, and counts what
// arrives. Five standard deviations are allowed, and the seed is fixed.
func TestTheVariableIsARealRate(t *testing.T) {
	const few = 5_000 // more of them: TestTheRateIsWhatTheVariableSaysAlsoWithUndecided
	for value, p := range map[string]float64{"": 0.1, "0.1": 0.1, "0.25": 0.25, "0": 0, "1.0": 1} {
		t.Run(fmt.Sprintf("XRAY_SAMPLING_RATE=%s", value), func(t *testing.T) {
			vars := map[string]string{"XRAY_SAMPLING_RATE": value}
			if value == "" {
				vars = nil
			}
			set, err := resolve(Config{LookupEnv: envOf(vars), Logger: quiet(), Rand: seeded(), QueueSize: few})
			if err != nil {
				t.Fatal(err)
			}
			tr := newTracing(set)
			h := tr.Middleware(http.NotFoundHandler())
			said := 0
			for range few {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/process", nil))
				if strings.HasSuffix(w.Header().Get(HeaderName), "Sampled=1") {
					said++
				}
			}
			bound := 5 * math.Sqrt(few*p*(1-p))
			if off := math.Abs(float64(said) - few*p); off > bound {
				t.Errorf("%d of %d, off by %.0f, allowed %.0f", said, few, off, bound)
			}
			if tr.queue.len() != said || tr.Stats().Sampled != uint64(said) {
				t.Errorf("%d answers say that they are recorded, %d wait to be sent", said, tr.queue.len())
			}
		})
	}
}
