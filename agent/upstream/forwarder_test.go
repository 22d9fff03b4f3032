package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/wire"
)

// upstreamer answers batches by a script.
type upstreamer struct {
	mu     sync.Mutex
	began  time.Time
	takes  []taken
	busy   int
	most   int
	answer func(ctx context.Context, b *wire.Batch) error
}

// taken is one attempt.
type taken struct {
	at        time.Duration
	seq       uint64
	documents []string
	notices   int
	statement string
}

func (u *upstreamer) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	t := taken{at: time.Since(u.began), seq: b.Header.Seq, notices: len(b.Notices), statement: string(b.Statement)}
	for _, d := range b.Documents {
		t.documents = append(t.documents, string(d.Document))
	}
	u.mu.Lock()
	u.takes = append(u.takes, t)
	u.busy++
	u.most = max(u.most, u.busy)
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		u.busy--
		u.mu.Unlock()
	}()
	if err := u.answer(ctx, b); err != nil {
		return wire.BatchAnswer{}, err
	}
	return wire.BatchAnswer{Seq: b.Header.Seq, Outcomes: map[string]int64{"stored": int64(len(b.Documents))}}, nil
}

func (u *upstreamer) seen() []taken {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.takes)
}

func (u *upstreamer) atOnce() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.most
}

func (r *relay) sums() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.booked)
}

// lockedText is a log that may be read while it is written.
type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (u *upstreamer) Describe() string            { return "a script" }
func (u *upstreamer) Check(context.Context) error { return nil }

func always(context.Context, *wire.Batch) error { return nil }

// relay is a spool in memory, a script, and a forwarder between them.
type relay struct {
	*upstreamer
	spool   *spool.Spool
	forward *Forwarder
	booked  map[string]int64 // documents by outcome
	stop    func()
}

// newRelay starts one within a bubble. stop ends it and waits.
func newRelay(t *testing.T, change func(*Config), answer func(context.Context, *wire.Batch) error) *relay {
	t.Helper()
	s, err := spool.Open(spool.Options{MaxBytes: 1 << 20, FileBytes: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{upstreamer: &upstreamer{began: time.Now(), answer: answer}, spool: s, booked: map[string]int64{}}
	cfg := Config{
		Source: s, Sender: r, Agent: strings.Repeat("a", 32), Limit: spool.Limit{Documents: 10, Age: time.Second}, Concurrency: 1,
		Jitter: func() float64 { return 1 },
		OnAnswer: func(cut *spool.Cut, answer wire.BatchAnswer, err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			for outcome, n := range answer.Outcomes {
				r.booked[outcome] += n
			}
			if err != nil {
				r.booked["rejected"] += int64(len(cut.Documents))
			}
		},
	}
	if change != nil {
		change(&cfg)
	}
	r.forward = New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.forward.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *relay) append(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if !r.spool.Append([]byte(fmt.Sprint(i)), roentgen.Keep{}) {
			t.Fatalf("document %d: no room", i)
		}
	}
}

func TestDocumentsArriveOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, nil, always)
		defer r.stop()
		r.append(t, 0, 95)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var got []string
		for _, x := range r.seen() {
			got = append(got, x.documents...)
		}
		if len(got) != 95 || got[0] != "0" || got[94] != "94" || !slices.IsSortedFunc(got, func(a, b string) int { return len(a) - len(b) }) {
			t.Errorf("%d documents: %v", len(got), got)
		}
		st := r.forward.Stats()
		if r.sums()["stored"] != 95 || st.Documents != 95 || st.Batches != 10 || st.InFlight != 0 || st.LastSuccess.IsZero() || r.spool.Stats().Documents != 0 {
			t.Errorf("booked %v, %+v", r.sums(), st)
		}
	})
}

func TestAnOutageIsSatOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(lockedText)
		var down atomic.Bool
		down.Store(true)
		r := newRelay(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) }, func(context.Context, *wire.Batch) error {
			if down.Load() {
				return &Error{Category: CategoryRefused, Text: "refused, and what to do"}
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 30)
		time.Sleep(10*time.Minute + 50*time.Millisecond)
		synctest.Wait()
		st := r.forward.Stats()
		if st.Errors[CategoryRefused] != int64(len(r.seen())) || st.LastError != "refused, and what to do" || r.spool.Stats().Documents != 30 {
			t.Errorf("%+v after %d attempts", st, len(r.seen()))
		}
		// Pauses of 100 ms, doubled up to 30 s.
		for i, want := range []time.Duration{0, 100, 300, 700, 1500, 3100, 6300, 12700, 25500, 51100, 81100, 111100} {
			if got := r.seen()[i].at - r.seen()[0].at; got != want*time.Millisecond {
				t.Errorf("attempt %d came after %v, want %v", i, got, want*time.Millisecond)
			}
		}
		if n := strings.Count(log.String(), "what to do"); n < 9 || n > 12 {
			t.Errorf("the error was logged %d times in ten minutes, want about once a minute", n)
		}
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if r.sums()["stored"] != 30 || r.forward.Stats().LastError != "" || !strings.Contains(log.String(), "takes batches again") {
			t.Errorf("booked %v, %+v", r.sums(), r.forward.Stats())
		}
	})
}

func TestTheUpstreamSetsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		r := newRelay(t, func(c *Config) { c.Jitter = func() float64 { return 0 } }, func(context.Context, *wire.Batch) error {
			if first {
				first = false
				return &Error{Category: Category5XX, RetryAfter: 7 * time.Second, Text: "busy"}
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 10)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if len(r.seen()) != 2 || r.seen()[1].at-r.seen()[0].at != 7*time.Second {
			t.Errorf("%+v", r.seen())
		}
	})
}

func TestARefusalForGoodIsBookedAndNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, nil, func(_ context.Context, b *wire.Batch) error {
			if b.Header.Seq == 2 {
				return &Error{Category: Category4XX, Status: 400, Permanent: true, Text: "bad"}
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 30)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(r.seen()) != 3 || r.sums()["stored"] != 20 || r.sums()["rejected"] != 10 || r.spool.Stats().Documents != 0 {
			t.Errorf("%d attempts, booked %v", len(r.seen()), r.sums())
		}
		if st := r.forward.Stats(); st.Refused != 1 || st.Errors[Category4XX] != 1 || st.Retries != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestBatchesAreInFlightAtOnceUpToTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, func(c *Config) { c.Concurrency = 4 }, func(ctx context.Context, _ *wire.Batch) error { return sleep(ctx, time.Second, nil) })
		defer r.stop()
		r.append(t, 0, 200)
		time.Sleep(time.Minute)
		synctest.Wait()
		if r.atOnce() != 4 || r.sums()["stored"] != 200 {
			t.Errorf("%d at once, booked %v", r.atOnce(), r.sums())
		}
	})
}

func TestOneBatchAtATimeCarriesTheExtraUntilItIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, acknowledged := 0, 0
		failures := 2
		r := newRelay(t, func(c *Config) {
			c.Concurrency = 3
			c.Extra = func() Extra {
				asked++
				return Extra{Notices: make([]wire.Notice, asked), Statement: []byte(fmt.Sprint(asked)), Taken: func() { acknowledged++ }}
			}
		}, func(ctx context.Context, b *wire.Batch) error {
			if err := sleep(ctx, time.Second, nil); err != nil {
				return err
			}
			if b.Statement != nil && failures > 0 {
				failures--
				return &Error{Category: CategoryTimeout, Text: "slow"}
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 30)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.append(t, 30, 40)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		var carried []string
		for _, x := range r.seen() {
			if x.statement != "" {
				carried = append(carried, fmt.Sprintf("%s with %d", x.statement, x.notices))
			}
		}
		// Asked for the first batch, repeated as it was; then for the next one.
		if want := []string{"1 with 1", "1 with 1", "1 with 1", "2 with 2"}; !slices.Equal(carried, want) || acknowledged != 2 {
			t.Errorf("carried %v and acknowledged %d, want %v and 2", carried, acknowledged, want)
		}
	})
}

func TestShutdownSendsWhatIsInFlightAndEmptiesASpoolInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, func(c *Config) { c.Concurrency = 2 }, func(ctx context.Context, _ *wire.Batch) error { return sleep(ctx, 100*time.Millisecond, nil) })
		r.append(t, 0, 105)
		r.stop()
		if r.sums()["stored"] != 105 {
			t.Errorf("booked %v", r.sums())
		}
	})
}

func TestShutdownEndsInTimeWhenTheUpstreamIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, func(c *Config) { c.Drain = 3 * time.Second }, func(ctx context.Context, _ *wire.Batch) error {
			<-ctx.Done()
			return &Error{Category: CategoryTimeout, Text: "away", Err: ctx.Err()}
		})
		r.append(t, 0, 20)
		time.Sleep(time.Second)
		synctest.Wait()
		began := time.Now()
		r.stop()
		if took := time.Since(began); took != 3*time.Second || len(r.sums()) != 0 {
			t.Errorf("it took %v, want 3 s; booked %v", took, r.sums())
		}
	})
}

func TestARestartSendsTheSameBatchesAgainAndOnDiskNothingIsLost(t *testing.T) {
	dir := t.TempDir()
	up := &upstreamer{began: time.Now(), answer: func(context.Context, *wire.Batch) error { return &Error{Category: CategoryRefused, Text: "away"} }}
	run := func(until func() bool) {
		s, err := spool.Open(spool.Options{Dir: dir, FileBytes: 8 << 10})
		if err != nil {
			t.Fatal(err)
		}
		f := New(Config{Source: s, Sender: up, Limit: spool.Limit{Documents: 10, Age: time.Nanosecond}, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
			Extra: func() Extra { return Extra{Statement: []byte("{}")} }})
		if s.Stats().Documents == 0 {
			for i := range 100 {
				s.Append([]byte(fmt.Sprint(i)), roentgen.Keep{})
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		for deadline := time.Now().Add(20 * time.Second); !until() && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		cancel()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	attempts := func() int {
		up.mu.Lock()
		defer up.mu.Unlock()
		return len(up.takes)
	}
	run(func() bool { return attempts() >= 5 })
	before := up.takes
	up.takes, up.answer = nil, always
	run(func() bool { return attempts() >= 10 })
	got := map[string]uint64{}
	for _, x := range up.takes {
		for _, d := range x.documents {
			got[d] = x.seq
		}
		if x.seq <= 2 && x.statement != "" {
			t.Errorf("batch %d, which may have been answered, carries a statement", x.seq)
		}
	}
	for _, x := range before {
		for _, d := range x.documents {
			if got[d] != x.seq {
				t.Errorf("document %s went with batch %d, and again with %d", d, x.seq, got[d])
			}
		}
	}
	if len(got) != 100 {
		t.Errorf("%d documents arrived, want 100", len(got))
	}
}
