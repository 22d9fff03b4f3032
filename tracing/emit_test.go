package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// shutdownForTest sends everything that waits; the instance is unusable then.
func (tr *Tracing) shutdownForTest(t *testing.T) {
	t.Helper()
	tr.queue.close()
	deadline := time.Now().Add(10 * time.Second)
	before := uint64(0)
	for time.Now().Before(deadline) {
		st := tr.Stats()
		if tr.queue.len() == 0 && st.DocumentsSent+st.SendErrors > 0 && st.DocumentsSent == before {
			return
		}
		before = st.DocumentsSent
		time.Sleep(20 * time.Millisecond) // bounded by the deadline
	}
	t.Fatal("the queue does not drain")
}

func TestShutdownFlushesAndIsIdempotent(t *testing.T) {
	a := newAgent(t)
	tr, shutdown, err := Setup(context.Background(), Config{
		DaemonAddress: a.conn.LocalAddr().String(), SamplingRate: rate(1), LookupEnv: emptyEnv, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	for range 3 {
		if err := shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}
	a.wait(100)
	calls := 0
	_ = tr.Segment(context.Background(), "", func(context.Context) error { calls++; return nil })
	if st := tr.Stats(); st.AfterShutdown != 1 || st.DocumentsSent != 100 || calls != 1 {
		t.Errorf("after shutdown: %d calls, stats %+v", calls, st)
	}
}

func TestShutdownKeepsToItsTime(t *testing.T) {
	tr, shutdown, err := Setup(context.Background(), Config{SamplingRate: rate(1), LookupEnv: emptyEnv, Logger: quiet(), QueueSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for range 20000 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = shutdown(ctx)
	if err != nil && (!errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "segments unsent")) {
		t.Errorf("shutdown says %v", err)
	}
}

func TestAFullQueueDropsTheNewestAndCounts(t *testing.T) {
	set, err := resolve(Config{SamplingRate: rate(1), LookupEnv: emptyEnv, QueueSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracing(set) // nobody sends
	for range 10 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	if n := tr.Stats().QueueFull; n != 7 || tr.queue.len() != 3 {
		t.Errorf("%d dropped, %d wait", n, tr.queue.len())
	}
}

func TestAnAgentThatIsAwayCostsDocumentsAndNothingElse(t *testing.T) {
	a := newAgent(t)
	addr := a.conn.LocalAddr().String()
	a.close()
	var logged safeBuffer
	tr := startAt(t, Config{DaemonAddress: addr, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	deadline := time.Now().Add(10 * time.Second)
	for tr.Stats().SendErrors == 0 && time.Now().Before(deadline) {
		if err := tr.Segment(context.Background(), "", nothing); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // lets the kernel's refusal come back; bounded by the deadline
	}
	if tr.Stats().SendErrors == 0 || !strings.Contains(logged.String(), "agent cannot be reached") {
		t.Errorf("stats %+v, log %q", tr.Stats(), logged.String())
	}
}

func TestANameThatCannotBeLookedUpIsNoFaultOfTheRequest(t *testing.T) {
	tr := startAt(t, Config{DaemonAddress: "no-such-host.invalid:2000"})
	for range 5 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	deadline := time.Now().Add(20 * time.Second)
	for tr.Stats().SendErrors < 5 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // bounded by the deadline
	}
	if st := tr.Stats(); st.SendErrors != 5 || st.DocumentsSent != 0 {
		t.Errorf("stats %+v", st)
	}
}

// safeBuffer is a bytes.Buffer for two goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestSeveralInstancesLiveSideBySide(t *testing.T) {
	one, a := start(t, Config{ServiceName: "one"})
	two, b := start(t, Config{ServiceName: "two"})
	a.is(a.segment(one, func(context.Context) {}), `"one"`, "name")
	b.is(b.segment(two, func(context.Context) {}), `"two"`, "name")
}

func TestDisabledDoesNothing(t *testing.T) {
	a := newAgent(t)
	tr := startAt(t, Config{Disabled: true, DaemonAddress: a.conn.LocalAddr().String()})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		if s, i := current(ctx); s != nil || i != nil || TraceID(ctx) != "" {
			t.Error("there is a segment")
		}
		_, s := tr.Tracer("").Start(ctx, "x")
		if s.IsRecording() {
			t.Error("a span records")
		}
		return nil
	})
	if st := tr.Stats(); st != (Stats{}) {
		t.Errorf("stats %+v", st)
	}
}

func TestTheEncoderSurvivesItsOwnMistakes(t *testing.T) {
	tr := startAt(t, Config{})
	tr.send(&span{parent: &span{}}) // no segment: encoding it must panic
	deadline := time.Now().Add(10 * time.Second)
	for tr.Stats().EncodePanics == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // bounded by the deadline
	}
	if tr.Stats().EncodePanics != 1 {
		t.Error("the panic was not counted")
	}
}

// TestWhatFailedDoesNotWaitForMore lets segments gather and wants the word that ends it.
func TestWhatFailedDoesNotWaitForMore(t *testing.T) {
	hurried := func(tr *Tracing) bool {
		select {
		case <-tr.queue.hurry:
			return true
		default:
			return false
		}
	}
	tr := unsent(t, Config{SamplingRate: rate(1)})
	for range 10 {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	if hurried(tr) {
		t.Error("segments that went well hurry")
	}
	_ = tr.Segment(context.Background(), "", func(context.Context) error { return errors.New("broken") })
	if !hurried(tr) {
		t.Error("a segment that failed waits")
	}
	for tr.queue.len() < maxGathered {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	if !hurried(tr) {
		t.Errorf("%d segments wait", tr.queue.len())
	}
}

// TestABatchIsSentWholeAndInOrder sends more than one batch holds, of all sizes.
func TestABatchIsSentWholeAndInOrder(t *testing.T) {
	tr, a := start(t, Config{})
	const n = 3 * outboxDatagrams
	for i := range n {
		_ = tr.Segment(context.Background(), fmt.Sprint(i), func(ctx context.Context) error {
			Metadata(ctx, "", "x", strings.Repeat("x", i*50))
			return nil
		})
	}
	bytes := uint64(0)
	for i, raw := range a.waitRaw(n) {
		bytes += uint64(len(raw))
		a.is(a.decode(raw), fmt.Sprintf(`"%d"`, i), "name")
	}
	if st := tr.Stats(); st.DocumentsSent != n || st.BytesSent != bytes || st.SendErrors != 0 {
		t.Errorf("stats %+v, %d bytes came", st, bytes)
	}
}

// TestEachDocumentThatNobodyTakesIsCounted sends batches to a port that nobody
// listens on: the kernel tells it of each document when the next one follows.
func TestEachDocumentThatNobodyTakesIsCounted(t *testing.T) {
	a := newAgent(t)
	addr := a.conn.LocalAddr().String()
	a.close()
	tr := startAt(t, Config{DaemonAddress: addr})
	const n = 3 * outboxDatagrams
	for range n {
		_ = tr.Segment(context.Background(), "", nothing)
	}
	for deadline := time.Now().Add(10 * time.Second); tr.Stats().DocumentsSent+tr.Stats().SendErrors < n; time.Sleep(time.Millisecond) { // bounded by the deadline
		if time.Now().After(deadline) {
			t.Fatalf("stats %+v", tr.Stats())
		}
	}
	if st := tr.Stats(); st.SendErrors < n/2 {
		t.Errorf("stats %+v", st)
	}
}
