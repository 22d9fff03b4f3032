package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
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

// broken is what an upstream answers that breaks down over a batch.
func broken() error { return &Error{Category: Category5XX, Status: 500, Text: "500: it broke down"} }

// failsOn makes an upstream break down over batches with such a document.
func failsOn(bad func(doc string) bool, how func() error) func(context.Context, *wire.Batch) error {
	return func(_ context.Context, b *wire.Batch) error {
		for _, d := range b.Documents {
			if bad(string(d.Document)) {
				return how()
			}
		}
		return nil
	}
}

// hunted is a relay that takes note of what is set aside.
type hunted struct {
	*relay
	aside []string
	at    []time.Duration
}

func newHunted(t *testing.T, change func(*Config), answer func(context.Context, *wire.Batch) error) *hunted {
	h := new(hunted)
	h.relay = newRelay(t, func(c *Config) {
		c.Concurrency = 2
		book := c.OnAnswer
		c.OnAnswer = func(cut *spool.Cut, answer wire.BatchAnswer, err error) {
			if aside := new(SetAsideError); errors.As(err, &aside) {
				for _, d := range cut.Documents {
					h.aside, h.at = append(h.aside, string(d.Document)), append(h.at, time.Since(h.began))
				}
			}
			book(cut, answer, err)
		}
		if change != nil {
			change(c)
		}
	}, answer)
	return h
}

// steady appends ten documents a second.
func (h *hunted) steady(t *testing.T, seconds int) {
	t.Helper()
	for i := range seconds {
		h.append(t, 10*i, 10*i+10)
		time.Sleep(time.Second)
	}
	synctest.Wait()
}

// balance compares what was set aside with want, and what was stored with all
// the others.
func (h *hunted) balance(t *testing.T, documents int, want ...string) {
	t.Helper()
	slices.Sort(h.aside)
	slices.Sort(want)
	if !slices.Equal(h.aside, want) {
		t.Errorf("%v were set aside, want %v", h.aside, want)
	}
	sums, st := h.sums(), h.forward.Stats()
	if sums["stored"] != int64(documents-len(want)) || sums["rejected"] != int64(len(want)) || st.SetAside != int64(len(want)) || h.spool.Stats().Documents != 0 {
		t.Errorf("of %d documents booked %v, and %d wait; %+v", documents, sums, h.spool.Stats().Documents, st)
	}
}

func TestTheDocumentOnWhichTheUpstreamFailsIsSetAsideAndAllOthersArrive(t *testing.T) {
	for name, how := range map[string]func() error{
		"500":                     broken,
		"it hangs up":             func() error { return &Error{Category: CategoryOther, Text: "it closed the connection"} },
		"502, of a proxy between": func() error { return &Error{Category: Category5XX, Status: 502, Text: "502"} },
	} {
		for _, workers := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s, %d at once", name, workers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					log := new(lockedText)
					h := newHunted(t, func(c *Config) {
						c.Concurrency = workers
						c.Logger = slog.New(slog.NewTextHandler(log, nil))
					}, failsOn(func(doc string) bool { return doc == "137" }, how))
					defer h.stop()
					h.steady(t, 300)
					h.balance(t, 3000, "137")
					if len(h.at) != 1 || h.at[0] < 2*time.Minute || h.at[0] > 3*time.Minute {
						t.Errorf("set aside after %v", h.at)
					}
					if n := strings.Count(log.String(), "\n"); n > 12 {
						t.Errorf("%d lines of log:\n%s", n, log)
					}
					numbers := map[uint64]bool{}
					for _, x := range h.seen() {
						numbers[x.seq] = true
					}
					for seq := range uint64(len(numbers)) {
						if !numbers[seq+1] {
							t.Errorf("number %d never came: the server misses it", seq+1)
						}
					}
				})
			})
		}
	}
}

func TestManyBatchesWithSuchADocumentAreGotThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHunted(t, nil, failsOn(func(doc string) bool { return len(doc) == 3 && doc[1:] == "55" }, broken))
		defer h.stop()
		h.append(t, 0, 1000)
		time.Sleep(time.Hour)
		synctest.Wait()
		for i := range 10 { // others have to pass, so that it can be told from an outage
			h.append(t, 1000+i, 1001+i)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		h.balance(t, 1010, "155", "255", "355", "455", "555", "655", "755", "855", "955")
	})
}

func TestEachBatchHasOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := func(doc string) bool { return strings.HasSuffix(doc, "7") }
		h := newHunted(t, nil, failsOn(bad, broken))
		defer h.stop()
		h.append(t, 0, 200)
		time.Sleep(3 * time.Hour)
		for i := range 20 {
			h.append(t, 10*(20+i), 10*(20+i)+6)
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		var want []string
		for i := 7; i < 200; i += 10 {
			want = append(want, fmt.Sprint(i))
		}
		h.balance(t, 320, want...)
	})
}

func TestNothingIsSetAsideInAnOutageHoweverLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		h := newHunted(t, nil, func(_ context.Context, b *wire.Batch) error {
			if down.Load() && len(b.Documents) > 0 { // what holds nothing passes
				return broken()
			}
			return nil
		})
		defer h.stop()
		h.steady(t, 10)
		down.Store(true)
		h.steady(t, 20)
		time.Sleep(12 * time.Hour)
		synctest.Wait()
		if st := h.spool.Stats(); st.Documents != 200 || st.InFlight > 2+blindSplits+mostWitnesses {
			t.Errorf("%d wait in %d cuts", st.Documents, st.InFlight)
		}
		attempts := len(h.seen())
		if attempts > 12*60*2*3 {
			t.Errorf("%d attempts in twelve hours", attempts)
		}
		down.Store(false)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		h.balance(t, 300)
	})
}

func TestNothingIsSetAsideWhereFailuresAreByChance(t *testing.T) {
	for _, share := range []float64{0.1, 0.5, 0.9} {
		synctest.Test(t, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(1, 1))
			h := newHunted(t, func(c *Config) { c.Concurrency = 1 }, func(_ context.Context, b *wire.Batch) error {
				if chance.Float64() < share {
					return broken()
				}
				return nil
			})
			defer h.stop()
			h.steady(t, 600)
			time.Sleep(12 * time.Hour)
			synctest.Wait()
			if share > 0.8 { // it takes days
				if len(h.aside) > 0 {
					t.Errorf("%v were set aside", h.aside)
				}
				return
			}
			h.balance(t, 6000)
		})
	}
}

func TestAPartialOutageOfSecondsSetsNothingAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var locked atomic.Bool
		locked.Store(true)
		h := newHunted(t, nil, failsOn(func(doc string) bool { return locked.Load() && strings.HasPrefix(doc, "1") }, broken))
		defer h.stop()
		h.steady(t, 90)
		locked.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		h.balance(t, 900)
	})
}

func TestARollUpOnWhichTheUpstreamFailsGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHunted(t, nil, func(_ context.Context, b *wire.Batch) error {
			if slices.ContainsFunc(b.Rollups, func(r []byte) bool { return string(r) == "bad" }) {
				return broken()
			}
			return nil
		})
		defer h.stop()
		h.append(t, 0, 5)
		h.spool.AppendRollup([]byte("bad"))
		h.spool.AppendRollup([]byte("good"))
		h.steady(t, 300)
		if h.sums()["stored"] != 3005 || h.forward.Stats().SetAside != 1 || h.spool.Stats().InFlight != 0 {
			t.Errorf("booked %v, %+v, %+v", h.sums(), h.forward.Stats(), h.spool.Stats())
		}
	})
}

func TestARestartInTheMiddleOfAHuntLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		var mu sync.Mutex // of the next two
		seen := map[string]int{}
		var aside []string
		made := 0
		run := func(documents int, span time.Duration) {
			s, err := spool.Open(spool.Options{Dir: dir, FileBytes: 16 << 10})
			if err != nil {
				t.Fatal(err)
			}
			up := &upstreamer{began: time.Now(), answer: failsOn(func(doc string) bool { return doc == "31" }, broken)}
			f := New(Config{Source: s, Sender: up, Limit: spool.Limit{Documents: 40, Age: time.Second}, OnAnswer: func(cut *spool.Cut, answer wire.BatchAnswer, err error) {
				mu.Lock()
				defer mu.Unlock()
				for _, d := range cut.Documents {
					if err != nil {
						aside = append(aside, string(d.Document))
					} else {
						seen[string(d.Document)]++
					}
				}
			}})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- f.Run(ctx) }()
			for end := time.Now().Add(span); time.Now().Before(end); {
				for range 10 {
					if documents > 0 {
						documents--
						made++
						s.Append([]byte(fmt.Sprint("later", made)), roentgen.Keep{})
					}
				}
				time.Sleep(time.Second)
			}
			cancel()
			if err := errors.Join(<-ended, s.Close()); err != nil {
				t.Fatal(err)
			}
		}
		first, err := spool.Open(spool.Options{Dir: dir, FileBytes: 16 << 10})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			first.Append([]byte(fmt.Sprint(i)), roentgen.Keep{})
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			run(30, 20*time.Second)
		}
		run(3000, 5*time.Minute)
		for i := range 100 {
			if name := fmt.Sprint(i); seen[name] != 1 && name != "31" {
				t.Errorf("document %s arrived %d times", name, seen[name])
			}
		}
		if !slices.Equal(aside, []string{"31"}) {
			t.Errorf("%v were set aside", aside)
		}
	})
}

func TestOthersGoOnWhileOneIsHunted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHunted(t, nil, failsOn(func(doc string) bool { return doc == "100" }, broken))
		defer h.stop()
		most := int64(0)
		for i := range 150 {
			h.append(t, 1000*i, 1000*i+1000)
			time.Sleep(time.Second)
			synctest.Wait()
			most = max(most, h.spool.Stats().Documents)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		h.balance(t, 150_000, "100")
		if most > 1500 { // what comes within one second, and the batches that failed at first
			t.Errorf("up to %d documents waited", most)
		}
	})
}
