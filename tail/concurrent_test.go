package tail

import (
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
)

// While the owner offers, others look, send notices, change triggers and pressure; and look on after Close.
func TestEverythingButTheOwnersCallsIsForAnyone(t *testing.T) {
	tl := mustOpen(t, Options{Dir: t.TempDir(), RingBytes: 1 << 20})
	done := make(chan struct{})
	var others sync.WaitGroup
	for _, do := range []func(){
		func() { tl.Stats() },
		func() { tl.Sent(len(tl.Unsent(5)) / 2) },
		func() { tl.SetTriggers(DefaultTriggers()) },
		func() { tl.SetPressure(0.01) },
		func() { tl.Describe() },
	} {
		others.Go(func() {
			for {
				do()
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	sum := 0
	for n := range 3000 {
		how := ""
		if n%10 == 0 {
			how = "error"
		}
		tl.Offer(segment(n/3, how), document(n/3, n), MarkUndecided, 0, func([]byte, roentgen.Keep) { sum++ })
		if n%500 == 0 {
			tl.Tick()
		}
	}
	if err := tl.Close(); err != nil {
		t.Error(err)
	}
	close(done)
	others.Wait()
	s := tl.Stats()
	if s.Offered != 3000 || s.Offered != s.Forwarded+s.Drained+s.Overwritten+s.Shed+s.Ring.Documents || int(s.Forwarded+s.Drained) != sum {
		t.Errorf("%d left: %+v", sum, s)
	}
	if err := tl.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
