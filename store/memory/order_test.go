package memory

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roentgen/roentgen/store/storetest"
)

// TestTheClocksFollow puts documents in and takes them out in any order.
func TestTheClocksFollow(t *testing.T) {
	r, random := storetest.NewRandom(5), rand.New(rand.NewPCG(5, 5))
	tr := &trace{}
	var all []*held
	for step := range 5000 {
		if len(all) > 0 && random.IntN(30) == 0 || len(all) > 60 {
			i := random.IntN(len(all))
			tr.remove(all[i])
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
		} else {
			h := newHeld(r.Document().Stored(t))
			if tr.has(h.document()) {
				continue
			}
			tr.add(h)
			all = append(all, h)
		}
		tr.clocks()
		if len(all) > 0 && tr.times != tr.readTimes() {
			t.Fatalf("step %d: %+v, the documents say %+v", step, tr.times, tr.readTimes())
		}
	}
}

// A trace of many documents that come one by one is not read through for each:
// once is enough.
func TestAClockIsReadOffOnce(t *testing.T) {
	c := newClock()
	s := New(Options{MaxTraceBytes: -1, Now: c.Now})
	for n := range 100 {
		mustAppend(t, s, c.doc(t, 1, n, ""))
		if tr := s.mu.traces[storetest.TraceID(1)]; !tr.times.known {
			t.Fatalf("after %d documents the clocks are not known", n)
		}
		c.add(time.Second)
	}
}
