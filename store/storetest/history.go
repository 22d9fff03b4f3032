package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

func (s suite) randomHistories(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h, r := s.start(t), NewRandom(seed)
			for range 120 {
				h.append(r.call()...)
				h.checkWindow(r.window())
				if r.IntN(12) == 0 {
					h.delete(TraceID(r.IntN(r.Traces)))
				}
			}
			h.check()
		})
	}
}

// call draws one to ten documents.
func (r *Random) call() []Document {
	docs := make([]Document, 1+r.IntN(10))
	for i := range docs {
		docs[i] = r.Document()
	}
	return docs
}

// window draws any window, some of them upside down.
func (r *Random) window() roentgen.Window {
	minute := func() roentgen.Time { return at(time.Duration(r.IntN(25)) * time.Minute) }
	w := roentgen.Window{Clock: roentgen.Clock(r.IntN(3)), From: minute(), To: minute()}
	if r.IntN(2) == 0 {
		w.After = &roentgen.Place{At: minute(), Trace: TraceID(r.IntN(r.Traces))}
	}
	return w
}

const (
	writers       = 4
	readers       = 3
	documentsEach = 300
)

// concurrent has writers whose documents overlap, so that each is appended
// about twice, and readers that hold what they see to the promise.
func (s suite) concurrent(t *testing.T) {
	h := s.start(t)
	r := NewRandom(42)
	r.Traces = 40
	pool := make([]roentgen.Stored, 600)
	for i := range pool {
		// Received is part of the pool, so that what stands does not depend
		// on which writer came first.
		pool[i] = r.Document().Stored(t)
		pool[i].Received = at(time.Duration(i) * time.Millisecond)
	}
	pool = distinctDocuments(pool)
	var fresh atomic.Int64
	var work, watch sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		work.Go(func() { fresh.Add(write(t, h.store, pool, uint64(w))) })
	}
	watch.Go(func() { keepGraphing(t, h.store, done) })
	for n := range readers {
		watch.Go(func() { keepReading(t, h.store, roentgen.Clock(n), done) })
	}
	work.Wait()
	close(done)
	watch.Wait()
	h.settle(pool, int(fresh.Load()))
}

// distinctDocuments leaves the first copy of each.
func distinctDocuments(docs []roentgen.Stored) (out []roentgen.Stored) {
	for _, d := range docs {
		if !slices.ContainsFunc(out, func(e roentgen.Stored) bool {
			return d.Segment.Trace == e.Segment.Trace && sameDocument(d, e)
		}) {
			out = append(out, d)
		}
	}
	return out
}

// write appends documents of the pool and returns how many of them were new.
// What it appended it reads back at once.
func write(t *testing.T, to store.Store, pool []roentgen.Stored, seed uint64) (fresh int64) {
	r := NewRandom(seed)
	for n := 0; n < documentsEach; n += 3 {
		docs := []roentgen.Stored{pool[r.IntN(len(pool))], pool[r.IntN(len(pool))], pool[r.IntN(len(pool))]}
		outcomes, err := to.Append(context.Background(), docs)
		if err != nil {
			t.Errorf("append: %v", err)
			return fresh
		}
		for i, outcome := range outcomes {
			if outcome == roentgen.StoredNew || outcome == roentgen.Replaced {
				fresh++
			}
			if outcome != roentgen.RefusedTraceTooLarge {
				wantThere(t, to, docs[i].Segment)
			}
		}
	}
	return fresh
}

// wantThere reads a document's trace back: it, or one that supersedes it.
func wantThere(t *testing.T, from store.Store, seg *roentgen.Segment) {
	for trace, err := range from.Traces(context.Background(), []roentgen.TraceID{seg.Trace}) {
		if err != nil {
			t.Errorf("read trace: %v", err)
			return
		}
		if slices.ContainsFunc(trace.Documents, func(d roentgen.Stored) bool { return d.Segment.ID == seg.ID }) {
			return
		}
	}
	t.Errorf("segment %s was appended and is not there", seg.ID)
}

// keepReading reads all of a clock's window again and again until done.
func keepReading(t *testing.T, from store.Store, c roentgen.Clock, done <-chan struct{}) {
	revisions := map[roentgen.TraceID]int{}
	for {
		var last *roentgen.Place
		for p, err := range from.Partials(context.Background(), everything(c)) {
			if err != nil {
				t.Errorf("read partials: %v", err)
				return
			}
			here, ok := PlaceOf(p, c)
			if !ok || last != nil && !here.Behind(*last) {
				t.Errorf("%v comes after %v", here, last)
			}
			s := p.Summary()
			if s.Revision < revisions[p.Trace] {
				t.Errorf("revision of %s fell from %d to %d", p.Trace, revisions[p.Trace], s.Revision)
			}
			revisions[p.Trace], last = s.Revision, &here
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

// settle appends the whole pool once more, so that the model knows all that
// the store has, and compares.
func (h *harness) settle(pool []roentgen.Stored, fresh int) {
	h.Helper()
	outcomes, err := h.store.Append(context.Background(), pool)
	if err != nil {
		h.Fatal(err)
	}
	for i, outcome := range outcomes {
		if outcome == roentgen.StoredNew || outcome == roentgen.Replaced {
			fresh++
		}
		if got := h.model.Append(pool[i]); got == roentgen.RefusedTraceTooLarge || outcome == roentgen.RefusedTraceTooLarge {
			h.Fatal("the pool of this test must stay below the limit of a trace")
		}
	}
	h.checkGraph(always(""))
	if fresh != len(pool) {
		h.Errorf("%d documents were new or replaced, want %d: each once", fresh, len(pool))
	}
	h.check()
}
