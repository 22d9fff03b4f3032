package statetest

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/roentgen/roentgen/state"
)

// Disk is where a store lives over several lives of its process.
type Disk struct {
	// Open opens what is there.
	Open func() (state.Store, error)
	// End ends the process: after it the store is not used any more. Called in
	// turn with each way in which a process can end.
	End func(t *testing.T, s state.Store)
}

// RunDurable tests that acknowledged changes survive the end of the process,
// and that versions are not given again after it.
func RunDurable(t *testing.T, disk func(t *testing.T) Disk) {
	t.Run("Many lives are one history", func(t *testing.T) { manyLives(t, disk(t)) })
	t.Run("Versions rise over lives", func(t *testing.T) { versionsOverLives(t, disk(t)) })
}

// live opens the store for the time of fn.
func (d Disk) live(t *testing.T, fn func(h harness)) {
	t.Helper()
	s, err := d.Open()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	fn(harness{t, s})
	d.End(t, s)
}

// manyLives makes enough changes that what is history outweighs what stands.
func manyLives(t *testing.T, d Disk) {
	r, m := rand.New(rand.NewPCG(3, 4)), model{}
	for range 8 {
		d.live(t, func(h harness) {
			m.check(h)
			for range 400 {
				m.step(h, r)
			}
			m.check(h)
		})
	}
	d.live(t, m.check)
}

func versionsOverLives(t *testing.T, d Disk) {
	last := uint64(0)
	for range 6 {
		d.live(t, func(h harness) {
			v := h.put("a", "value", 0)
			if v <= last {
				t.Errorf("version %d after %d", v, last)
			}
			last = v
			if err := h.Delete(context.Background(), "a", v); err != nil {
				t.Fatal(err)
			}
		})
	}
}
