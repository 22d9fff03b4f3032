package upstream

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// clock is a time that stands still until it is moved; for several goroutines.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(1_700_000_000, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func TestABreakerOpensRestsTriesOnceAndCloses(t *testing.T) {
	c := &clock{}
	b := newBreaker(3, time.Minute, c.now)
	fail := func() {
		t.Helper()
		p, _, ok := b.enter()
		if !ok {
			t.Fatal("no permit")
		}
		b.leave(p, fails, contract.UpstreamFailed)
	}
	fail()
	fail()
	p, _, _ := b.enter()
	b.leave(p, works, "") // the row is broken
	fail()
	fail()
	if s := b.stands(); s.State != Closed || s.Failures != 2 || s.OpenedAt != nil {
		t.Fatalf("after two in a row: %+v", s)
	}
	fail()
	if s := b.stands(); s.State != Open || !s.OpenedAt.Equal(c.now()) || s.LastError != contract.UpstreamFailed {
		t.Fatalf("after three in a row: %+v", s)
	}
	c.advance(20 * time.Second)
	if _, wait, ok := b.enter(); ok || wait != 40*time.Second {
		t.Errorf("while open: %t, wait %s", ok, wait)
	}
	c.advance(40 * time.Second)
	trial, _, ok := b.enter()
	if _, _, second := b.enter(); !ok || second {
		t.Errorf("half open: the first may %t, the second %t", ok, second)
	}
	b.leave(trial, noVerdict, "") // its caller has gone
	trial, _, ok = b.enter()
	if !ok {
		t.Fatal("after a trial without a verdict nobody may try")
	}
	b.leave(trial, fails, contract.UpstreamTimeout)
	if s := b.stands(); s.State != Open {
		t.Errorf("after a failed trial: %+v", s)
	}
	c.advance(time.Minute)
	trial, _, _ = b.enter()
	b.leave(trial, works, "")
	if s := b.stands(); s.State != Closed || s.Failures != 0 {
		t.Errorf("after a good trial: %+v", s)
	}
}

func TestWhatBeganBeforeAChangeIsNoVerdict(t *testing.T) {
	c := &clock{}
	b := newBreaker(1, time.Minute, c.now)
	slow, _, _ := b.enter()
	quick, _, _ := b.enter()
	b.leave(quick, fails, contract.UpstreamFailed)
	b.leave(slow, works, "")
	if s := b.stands(); s.State != Open {
		t.Errorf("a late success of old has closed it: %+v", s)
	}
	c.advance(time.Minute)
	trial, _, _ := b.enter()
	b.leave(trial, works, "")
	late, _, _ := b.enter()
	b.reset()
	b.leave(late, fails, contract.UpstreamFailed)
	if s := b.stands(); s.State != Closed || s.Failures != 0 {
		t.Errorf("a late failure of old has counted: %+v", s)
	}
}

// The model keeps the whole history of verdicts and derives the state from it anew each time.
func TestABreakerAgreesWithItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 4).Draw(t, "most")
		rest := time.Duration(rapid.IntRange(1, 5).Draw(t, "rest")) * time.Second
		c := &clock{}
		b := newBreaker(most, rest, c.now)
		type call struct {
			permit permit
			era    int
		}
		var running []call
		era, row, state, trial := 0, 0, Closed, false
		var opened time.Time
		ripen := func() {
			if state == Open && !c.now().Before(opened.Add(rest)) {
				state, trial = HalfOpen, false
				era++
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"time passes": func(t *rapid.T) {
				c.advance(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			},
			"a call comes": func(t *rapid.T) {
				ripen()
				want := state == Closed || state == HalfOpen && !trial
				p, wait, ok := b.enter()
				if ok != want || ok == (wait > 0) {
					t.Fatalf("in %s, trial %t: let in %t, wait %s", state, trial, ok, wait)
				}
				if ok {
					trial = state == HalfOpen
					running = append(running, call{p, era})
				}
			},
			"a call ends": func(t *rapid.T) {
				if len(running) == 0 {
					return
				}
				i := rapid.IntRange(0, len(running)-1).Draw(t, "which")
				ended := running[i]
				running = append(running[:i], running[i+1:]...)
				o := outcome(rapid.IntRange(int(noVerdict), int(fails)).Draw(t, "outcome"))
				changed := b.leave(ended.permit, o, contract.UpstreamFailed)
				before := era
				if ended.era == era {
					trial = false
					switch {
					case o == works && state == Closed:
						row = 0
					case o == works:
						row, state = 0, Closed
						era++
					case o == fails:
						row++
						if state == HalfOpen || row >= most {
							state, opened = Open, c.now()
							era++
						}
					}
				}
				if changed != (before != era) {
					t.Fatalf("changed %t", changed)
				}
			},
			"somebody resets it": func(*rapid.T) {
				b.reset()
				row, state, trial = 0, Closed, false
				era++
			},
			"": func(t *rapid.T) {
				ripen()
				if s := b.stands(); s.State != state || s.Failures != row {
					t.Fatalf("it stands at %+v, the model at %s with %d", s, state, row)
				}
			},
		})
	})
}

func TestManyAtOnceAreOneTrial(t *testing.T) {
	c := &clock{}
	b := newBreaker(1, time.Minute, c.now)
	p, _, _ := b.enter()
	b.leave(p, fails, contract.UpstreamFailed)
	for round := range 200 {
		c.advance(time.Minute)
		var let atomic.Int32
		var wait sync.WaitGroup
		start := make(chan struct{})
		trials := make(chan permit, 16)
		for range cap(trials) {
			wait.Go(func() {
				<-start
				if p, _, ok := b.enter(); ok {
					let.Add(1)
					trials <- p
				}
			})
		}
		close(start)
		wait.Wait()
		if let.Load() != 1 {
			t.Fatalf("round %d: %d were let in, want the one trial", round, let.Load())
		}
		b.leave(<-trials, fails, contract.UpstreamFailed)
	}
}
