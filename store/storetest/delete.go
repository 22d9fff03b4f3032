package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// delete deletes a trace from the store and the model, and compares whether
// there was one.
func (h *harness) delete(id roentgen.TraceID) {
	h.Helper()
	err := h.store.Delete(context.Background(), id)
	there := h.model.Delete(id)
	switch {
	case there && err != nil:
		h.Fatalf("delete trace %d: %v", number(id), err)
	case !there && roentgen.KindOf(err) != roentgen.NotFound:
		h.Fatalf("delete trace %d, which does not exist: %v, want an error of kind not found", number(id), err)
	}
}

func (s suite) deleted(t *testing.T) {
	h := s.start(t)
	h.delete(TraceID(1))
	h.append(
		segment(1, 1, 0), segment(1, 2, 0).with(func(d *Document) { d.End = 0 }), segment(1, 2, 0),
		segment(2, 1, time.Second), segment(3, 1, 2*time.Second),
	)
	h.checkGraph(always(""))
	h.delete(TraceID(1))
	h.check()
	h.checkGraph(always(""))
	h.delete(TraceID(1))
	for c := range roentgen.ClockEnd + 1 {
		h.checkFind(everything(c), "")
	}
	h.delete(TraceID(3))
	h.delete(TraceID(2))
	h.check()
	h.checkGraph(always(""))
	if got, err := h.store.Stats(context.Background()); err != nil || got.Traces != 0 || got.Documents != 0 || got.Bytes != 0 || got.Oldest != 0 || got.Evicted != 0 {
		t.Errorf("everything was deleted: %+v, %v", got, err)
	}
}

func (s suite) deletedAnew(t *testing.T) {
	h := s.start(t)
	large := segment(1, 2, 0).with(func(d *Document) { d.More = padding(TraceBytes) })
	h.append(segment(1, 1, 0), large)
	h.delete(TraceID(1))
	late := segment(1, 1, 0).with(func(d *Document) { d.Received += 1e9 })
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, late)
	h.check() // nothing is remembered: neither Received nor LimitExceeded
	h.checkGraph(always(""))
	h.append(segment(1, 3, time.Second))
	h.delete(TraceID(1))
	h.append(segment(1, 3, time.Minute))
	h.check()
	h.checkGraph(always(""))
}

func (s suite) deletedFromGroups(t *testing.T) {
	h := s.start(t)
	h.setGroups(group(t, "g", `user = "u"`, 1), group(t, "h", ``, 1))
	user := func(trace int) Document {
		return segment(trace, 1, time.Duration(trace)*time.Second).with(func(d *Document) { d.More = `,"user":"u"` })
	}
	h.append(user(1), user(2), user(3))
	h.wantMembers("g", 1, 2, 3)
	h.delete(TraceID(2))
	h.wantMembers("g", 1, 3)
	h.append(segment(2, 2, 2*time.Second)) // matches no more, so that it is no member
	h.wantMembers("g", 1, 3)
	h.wantMembers("h", 1, 2, 3)
	h.delete(TraceID(3))
	h.append(user(3))
	h.delete(TraceID(1)) // before anybody asks
	h.wantMembers("g", 3)
	h.setGroups(group(t, "h", ``, 1))
	h.delete(TraceID(3))
	h.checkGraphs()
}

// deleteWithinLoop deletes what a loop has passed and what lies ahead of it.
func (s suite) deleteWithinLoop(t *testing.T) {
	h := s.start(t)
	for n := range 300 {
		h.append(segment(n, 1, time.Duration(n)*time.Second))
	}
	gone, seen := map[int]bool{}, map[int]int{}
	for f, err := range h.store.Find(context.Background(), everything(roentgen.ClockStart), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Trace == nil {
			continue
		}
		n := number(f.Trace.ID)
		if seen[n]++; n%10 == 0 {
			for _, other := range []int{n, n + 3, n - 1, n - 7} {
				gone[other] = gone[other] || h.model.Trace(TraceID(other)) != nil
				h.delete(TraceID(other))
			}
		}
	}
	for n := range 300 {
		if !gone[n] && seen[n] != 1 || seen[n] > 1 {
			t.Errorf("trace %d was seen %d times", n, seen[n])
		}
	}
	h.check()
}

// deleteWhileAppending has writers and those who delete what is being written.
func (s suite) deleteWhileAppending(t *testing.T) {
	h, r := s.start(t), NewRandom(77)
	pool := make([]roentgen.Stored, 300)
	for i := range pool {
		pool[i] = r.Document().Stored(t)
		pool[i].Received = at(time.Duration(i) * time.Millisecond)
	}
	pool = distinctDocuments(pool)
	var work, watch sync.WaitGroup
	done := make(chan struct{})
	for w := range 3 {
		work.Go(func() { appendAndDelete(t, h.store, pool, NewRandom(uint64(w))) })
	}
	watch.Go(func() { keepGraphing(t, h.store, done) })
	work.Wait()
	close(done)
	watch.Wait()
	if err := h.store.SetGroups(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	for n := range r.Traces {
		if err := h.store.Delete(context.Background(), TraceID(n)); err != nil && roentgen.KindOf(err) != roentgen.NotFound {
			t.Errorf("delete: %v", err)
		}
	}
	h.check()
	h.checkGraph(always(""))
	h.appendStored(pool)
	h.check()
	h.checkGraph(always(""))
}

func appendAndDelete(t *testing.T, to store.Store, pool []roentgen.Stored, r *Random) {
	for range 200 {
		if _, err := to.Append(context.Background(), []roentgen.Stored{pool[r.IntN(len(pool))], pool[r.IntN(len(pool))]}); err != nil {
			t.Errorf("append: %v", err)
			return
		}
		if r.IntN(3) > 0 {
			continue
		}
		if err := to.Delete(context.Background(), TraceID(r.IntN(r.Traces))); err != nil && roentgen.KindOf(err) != roentgen.NotFound {
			t.Errorf("delete: %v", err)
			return
		}
	}
}
