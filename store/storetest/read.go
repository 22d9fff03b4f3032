package storetest

import (
	"context"
	"iter"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func (s suite) tracesAsAsked(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0), segment(2, 1, 0), segment(2, 2, 0), segment(3, 1, 0))
	var got []int
	for _, trace := range h.traces(TraceID(3), TraceID(9), TraceID(1), TraceID(3), TraceID(2), roentgen.TraceID{}) {
		got = append(got, number(trace.ID))
	}
	if !slices.Equal(got, []int{3, 1, 2}) {
		t.Errorf("traces %v", got)
	}
	if got := h.traces(); got != nil {
		t.Errorf("nothing was asked for: %v", got)
	}
}

func (s suite) windowBounds(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0), segment(2, 1, time.Second), segment(3, 1, 2*time.Second))
	w := func(from, to roentgen.Time) roentgen.Window { return roentgen.Window{From: from, To: to} }
	h.wantOrder(w(at(0), at(2*time.Second)), 2, 1)
	h.wantOrder(w(at(0)+1, at(2*time.Second)+1), 3, 2)
	h.wantOrder(w(at(time.Second), at(time.Second)))
	h.wantOrder(w(at(2*time.Second), at(0)))
	h.wantOrder(w(math.MinInt64, math.MinInt64))
	h.wantOrder(w(0, math.MaxInt64), 3, 2, 1)
	h.wantOrder(roentgen.Window{})
}

func (s suite) ties(t *testing.T) {
	h := s.start(t)
	for _, n := range []int{5, 300, 1, 7} {
		h.append(segment(n, 1, 0))
	}
	h.wantOrder(everything(roentgen.ClockStart), 1, 5, 7, 300)
	h.wantOrder(everything(roentgen.ClockUpdated), 1, 5, 7, 300)
	w := everything(roentgen.ClockEnd)
	w.After = &roentgen.Place{At: at(time.Second), Trace: TraceID(5)}
	h.wantOrder(w, 7, 300)
}

func (s suite) ownOrders(t *testing.T) {
	h := s.start(t)
	h.append(
		segment(1, 1, 0).with(func(d *Document) { d.End, d.Received = at(9*time.Second), at(time.Minute) }),
		segment(2, 1, time.Second).with(func(d *Document) { d.End, d.Received = at(7*time.Second), at(3*time.Minute) }),
		segment(3, 1, 2*time.Second).with(func(d *Document) { d.End, d.Received = at(8*time.Second), at(2*time.Minute) }),
	)
	h.wantOrder(everything(roentgen.ClockStart), 3, 2, 1)
	h.wantOrder(everything(roentgen.ClockUpdated), 2, 3, 1)
	h.wantOrder(everything(roentgen.ClockEnd), 1, 3, 2)
	h.check()
}

func (s suite) noEnd(t *testing.T) {
	h := s.start(t)
	open := segment(1, 1, 0).with(func(d *Document) { d.End = 0 })
	h.append(open, segment(2, 1, 0))
	h.wantOrder(everything(roentgen.ClockEnd), 2)
	h.append(segment(1, 2, -time.Minute))
	h.wantOrder(everything(roentgen.ClockEnd), 2, 1)
}

// oddTimes has no start that a retention could refuse.
func (s suite) oddTimes(t *testing.T) {
	h := s.start(t)
	last := roentgen.At(time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC))
	h.append(
		segment(1, 1, 0).with(func(d *Document) { d.Start, d.End = last, last }),
		segment(2, 1, 0).with(func(d *Document) { d.End = at(-time.Hour) }), // ends before it starts
		segment(3, 1, 0).with(func(d *Document) { d.Received = last }),
		segment(4, 1, 0).with(func(d *Document) { d.Received = 1 }),
		segment(5, 1, 0).with(func(d *Document) { d.End = 1 }),
	)
	h.check()
	h.wantOrder(everything(roentgen.ClockStart), 1, 2, 3, 4, 5)
	h.wantOrder(everything(roentgen.ClockUpdated), 3, 1, 2, 5, 4)
	h.wantOrder(everything(roentgen.ClockEnd), 1, 3, 4, 2, 5)
}

func (s suite) pages(t *testing.T) {
	h := s.start(t)
	r := NewRandom(7)
	r.Traces = 60
	for range 200 {
		h.append(r.Document())
	}
	for c := range roentgen.ClockEnd + 1 {
		for _, size := range []int{1, 7, 1000} {
			h.wantSame("pages", h.pageThrough(everything(c), size), h.model.Partials(everything(c)))
		}
	}
}

// pageThrough reads a window in pages.
func (h *harness) pageThrough(w roentgen.Window, size int) (out []roentgen.Partial) {
	h.Helper()
	for range 1000 {
		page := h.page(w, size)
		out = append(out, page...)
		if len(page) < size {
			return out
		}
		last, _ := PlaceOf(page[size-1], w.Clock)
		w.After = &last
	}
	h.Fatal("the pages do not end")
	return nil
}

func (h *harness) page(w roentgen.Window, size int) (out []roentgen.Partial) {
	h.Helper()
	for p, err := range h.store.Partials(context.Background(), w) {
		if err != nil {
			h.Fatalf("read partials: %v", err)
		}
		if out = append(out, p); len(out) == size {
			break
		}
	}
	return out
}

func (s suite) moves(t *testing.T) {
	h := s.start(t)
	open := segment(1, 1, 5*time.Second).with(func(d *Document) { d.End = 0 })
	h.append(open, segment(2, 1, 3*time.Second))
	h.wantOrder(everything(roentgen.ClockStart), 1, 2)
	h.append(segment(1, 2, 2*time.Second)) // an earlier entity
	h.wantOrder(everything(roentgen.ClockStart), 2, 1)
	h.append(segment(1, 2, 4*time.Second)) // supersedes it, and starts later
	h.wantOrder(everything(roentgen.ClockStart), 1, 2)
	h.append(segment(2, 1, time.Second).with(func(d *Document) { d.End = 0; d.Received = at(time.Hour) })) // superseded, and new
	h.wantOrder(everything(roentgen.ClockStart), 1, 2)
	h.wantOrder(everything(roentgen.ClockUpdated), 2, 1)
	h.check()
}

// appendWithinLoop moves traces while a loop stands at the second newest.
func (s suite) appendWithinLoop(t *testing.T) {
	h := s.start(t)
	h.wantSeenWhileAppending(func(yield func(roentgen.TraceID, error) bool) {
		for p, err := range h.store.Partials(context.Background(), everything(roentgen.ClockStart)) {
			if !yield(p.Trace, err) {
				return
			}
		}
	})
}

// wantSeenWhileAppending wants a loop over everything by its start to see what
// lies ahead of it, as it is when the loop comes there.
func (h *harness) wantSeenWhileAppending(loop iter.Seq2[roentgen.TraceID, error]) {
	h.Helper()
	for n := range 400 {
		h.append(segment(n, 1, time.Duration(n)*time.Second))
	}
	var got []int
	for id, err := range loop {
		if err != nil {
			h.Fatal(err)
		}
		if got = append(got, number(id)); len(got) == 2 {
			h.append(
				segment(500, 1, time.Hour),           // newer than the place: not seen
				segment(501, 1, 100*time.Second+5e8), // older: seen
				segment(397, 2, 50*time.Second+5e8),  // moves from the next place to a later one
				segment(396, 2, 1e8-time.Hour),       // moves to the last
			)
		}
	}
	want := []int{399, 398}
	for n := 395; n >= 0; n-- {
		if n == 100 {
			want = append(want, 501)
		}
		if n == 50 {
			want = append(want, 397)
		}
		want = append(want, n)
	}
	if want = append(want, 396); !slices.Equal(got, want) {
		h.Errorf("traces %v, want %v", got, want)
	}
}

func (s suite) endEarly(t *testing.T) {
	h := s.start(t)
	h.append(segment(1, 1, 0), segment(2, 1, 0))
	for range 3 {
		h.page(everything(roentgen.ClockStart), 1)
		for range h.store.Traces(context.Background(), []roentgen.TraceID{TraceID(1), TraceID(2)}) {
			break
		}
		h.append(segment(1, 2, 0), segment(3, 1, 0))
	}
	h.check()
}
