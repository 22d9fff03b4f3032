package upstream

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roentgen/roentgen/wire"
)

// TestNoBatchIsFarAheadOfAnother has one worker stuck while the other could go
// on for ever: the books remember Window batches.
func TestNoBatchIsFarAheadOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, func(c *Config) { c.Concurrency = 2 }, func(ctx context.Context, b *wire.Batch) error {
			if b.Header.Seq == 3 {
				return sleep(ctx, time.Minute, nil)
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 10*(Window+40))
		time.Sleep(30 * time.Second)
		synctest.Wait()
		last := uint64(0)
		for _, x := range r.seen() {
			last = max(last, x.seq)
		}
		if last != 3+Window-1 {
			t.Errorf("batch %d was sent while batch 3 was under way", last)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := r.sums()["stored"]; n != 10*(Window+40) || r.spool.Stats().Documents != 0 {
			t.Errorf("%d documents are stored", n)
		}
	})
}

// TestWhenItIsBetterNobodySleepsOn ends the pauses of all when one gets through.
func TestWhenItIsBetterNobodySleepsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		pauses := []float64{0.2, 1, 0.2, 1} // one tries often, the other seldom
		n := 0
		r := newRelay(t, func(c *Config) {
			c.Concurrency, c.MinBackoff = 2, 30*time.Second
			c.Jitter = func() float64 { n++; return pauses[n%len(pauses)] }
		}, func(context.Context, *wire.Batch) error {
			if time.Since(began) < 5*time.Second {
				return &Error{Category: CategoryRefused, Text: "refused"}
			}
			return nil
		})
		defer r.stop()
		r.append(t, 0, 20)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		if n := r.sums()["stored"]; n != 20 {
			t.Errorf("%d of 20 documents are stored: %+v", n, r.seen())
		}
	})
}
