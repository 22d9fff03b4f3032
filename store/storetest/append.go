package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func (s suite) readBack(t *testing.T) {
	h := s.start(t)
	d := segment(1, 1, 0).with(func(d *Document) {
		d.More = `,"big":12345678901234567890,"z":1.50,"a":{"\u00e9":null},"annotations":{"k":"v","n":3,"b":false},"metadata":{"":[]}`
	})
	h.append(d)
	h.check()
	want, got := d.Stored(t), h.traces(TraceID(1))[0].Documents[0]
	if string(got.Segment.Document) != string(d.text()) || got.Received != want.Received || got.Keep != want.Keep {
		t.Errorf("got %s, %v, %+v", got.Segment.Document, got.Received, got.Keep)
	}
	h.wantSame("segment", got.Segment, want.Segment)
}

func (s suite) outcomes(t *testing.T) {
	h := s.start(t)
	open := segment(1, 1, 0).with(func(d *Document) { d.End = 0 })
	done := segment(1, 1, 0).with(func(d *Document) { d.Received += 1e9 })
	late := open.with(func(d *Document) { d.Received += 5e9; d.More = `,"user":"u"` })
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, open)
	h.wantOutcomes([]roentgen.Outcome{roentgen.Duplicate}, open.with(func(d *Document) { d.Received += 1e9 }))
	h.check() // the first copy's time stands
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew, roentgen.Replaced}, done, late)
	h.wantOutcomes([]roentgen.Outcome{roentgen.Duplicate, roentgen.Duplicate}, late, open)
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, open.with(func(d *Document) { d.Trace = 2 }))
	h.check()
	if got := h.traces(TraceID(1))[0].Revision; got != 3 {
		t.Errorf("revision %d, want 3", got)
	}
}

func (s suite) repeatInCall(t *testing.T) {
	h := s.start(t)
	a, b := segment(1, 1, 0), segment(2, 1, 0)
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew, roentgen.StoredNew, roentgen.Duplicate}, a, b, a)
	h.check()
}

func (s suite) emptyCall(t *testing.T) {
	h := s.start(t)
	h.append()
	h.check()
	if got := h.traces(TraceID(1)); len(got) != 0 {
		t.Errorf("an empty store has %d traces", len(got))
	}
}

func (s suite) largeCall(t *testing.T) {
	h := s.start(t)
	docs := make([]Document, 1500)
	for i := range docs {
		docs[i] = segment(i, 1, time.Duration(i)*time.Millisecond).with(func(d *Document) { d.More = padding(8000) })
	}
	h.append(docs...)
	h.check()
}

// superseding appends the same documents in every order.
func (s suite) superseding(t *testing.T) {
	open := segment(0, 1, 0).with(func(d *Document) { d.End = 0 })
	docs := []Document{
		open,
		open.with(func(d *Document) { d.Received += 9e9; d.More = `,"n":1` }),
		segment(0, 1, 0),
		segment(0, 1, 0).with(func(d *Document) { d.Received += 1e9; d.More = `,"n":2` }),
		segment(0, 1, 0).with(func(d *Document) { d.Received += 1e9; d.More = `,"n":3` }),
	}
	h := s.start(t)
	trace := 0
	permute(docs, func(order []Document) {
		for _, d := range order {
			d.Trace = trace
			h.append(d)
		}
		trace++
	})
	h.check()
	stands := h.traces(TraceID(0))[0].Documents[0].Segment.Hash
	if want := docs[3].Stored(t).Segment.Hash; stands < want {
		t.Errorf("of two complete documents received together that with the smaller hash stands")
	}
}

// permute calls fn with every order of list.
func permute[T any](list []T, fn func([]T)) {
	if len(list) < 2 {
		fn(list)
		return
	}
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		permute(rest, func(order []T) { fn(append([]T{list[i]}, order...)) })
	}
}

func (s suite) traceLimit(t *testing.T) {
	if s.caps.NoTraceLimit {
		t.Skip("the backend declares NoTraceLimit")
	}
	h := s.start(t)
	half := func(id int) Document {
		return segment(1, id, 0).with(func(d *Document) { d.More = padding(TraceBytes / 2) })
	}
	h.wantOutcomes([]roentgen.Outcome{roentgen.RefusedTraceTooLarge}, segment(2, 1, 0).with(func(d *Document) { d.More = padding(TraceBytes) }))
	if got := h.traces(TraceID(2)); len(got) != 0 {
		t.Errorf("a trace of which every document was refused exists")
	}
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew, roentgen.RefusedTraceTooLarge, roentgen.Duplicate}, half(1), half(2), half(1))
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, segment(1, 3, 0))
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, segment(2, 2, 0))
	h.wantOutcomes([]roentgen.Outcome{roentgen.StoredNew}, segment(3, 1, 0))
	h.check()
	for i, want := range []bool{true, true, false} {
		if got := h.traces(TraceID(i + 1))[0]; got.LimitExceeded != want {
			t.Errorf("trace %d: LimitExceeded %v, want %v", i+1, got.LimitExceeded, want)
		}
	}
}

func (s suite) stats(t *testing.T) {
	h := s.start(t)
	h.checkStats()
	h.append(segment(1, 1, time.Minute).with(func(d *Document) { d.End = 0; d.More = padding(500) }), segment(1, 2, 0))
	h.checkStats()
	h.append(segment(1, 1, time.Minute), segment(2, 1, time.Hour))
	h.checkStats()
	got, err := h.store.Stats(context.Background())
	if err != nil || got.Traces != 2 || got.Documents != 3 || got.Oldest != at(0) {
		t.Errorf("stats %+v, %v", got, err)
	}
}
