package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// harness is one test with a store and the model that it has to agree with.
type harness struct {
	*testing.T
	store store.Store
	model *Model
}

// append appends docs in one call, and to the model, and compares outcomes.
func (h *harness) append(docs ...Document) []roentgen.Outcome {
	h.Helper()
	return h.appendStored(stored(h, docs...))
}

func (h *harness) appendStored(docs []roentgen.Stored) []roentgen.Outcome {
	h.Helper()
	got, err := h.store.Append(context.Background(), docs)
	if err != nil {
		h.Fatalf("append: %v", err)
	}
	want := make([]roentgen.Outcome, len(docs))
	for i, d := range docs {
		want[i] = h.model.Append(d)
	}
	if !slices.Equal(got, want) {
		h.Fatalf("outcomes %v, want %v", got, want)
	}
	return got
}

// wantOutcomes also holds the model to what the test says.
func (h *harness) wantOutcomes(want []roentgen.Outcome, docs ...Document) {
	h.Helper()
	if got := h.append(docs...); !slices.Equal(got, want) {
		h.Fatalf("outcomes %v, want %v", got, want)
	}
}

// check compares everything there is to read.
func (h *harness) check() {
	h.Helper()
	ids := h.model.IDs()
	got := h.traces(ids...)
	if len(got) != len(ids) {
		h.Errorf("%d traces, want %d", len(got), len(ids))
	}
	for _, trace := range got {
		h.wantSame("trace", sorted(trace), sorted(h.model.Trace(trace.ID)))
	}
	for c := range roentgen.ClockEnd + 1 {
		h.checkWindow(everything(c))
	}
	h.checkStats()
}

func (h *harness) checkWindow(w roentgen.Window) {
	h.Helper()
	h.wantSame("partials", h.partials(w), h.model.Partials(w))
}

func (h *harness) checkStats() {
	h.Helper()
	got, err := h.store.Stats(context.Background())
	if err != nil {
		h.Fatalf("stats: %v", err)
	}
	got.DiskBytes, got.Evicted = 0, 0 // the backend's own affair
	h.wantSame("stats", got, h.model.Stats())
}

// everything is the whole time of a clock but its last instant.
func everything(c roentgen.Clock) roentgen.Window {
	return roentgen.Window{Clock: c, From: math.MinInt64, To: math.MaxInt64}
}

func (h *harness) traces(ids ...roentgen.TraceID) (out []*roentgen.Trace) {
	h.Helper()
	for trace, err := range h.store.Traces(context.Background(), ids) {
		if err != nil {
			h.Fatalf("read traces: %v", err)
		}
		out = append(out, trace)
	}
	return out
}

func (h *harness) partials(w roentgen.Window) (out []roentgen.Partial) {
	h.Helper()
	for p, err := range h.store.Partials(context.Background(), w) {
		if err != nil {
			h.Fatalf("read partials: %v", err)
		}
		out = append(out, p)
	}
	return out
}

// wantOrder compares the traces of a window with the numbers of TraceID.
func (h *harness) wantOrder(w roentgen.Window, want ...int) {
	h.Helper()
	h.checkWindow(w)
	got := []int{}
	for _, p := range h.partials(w) {
		got = append(got, number(p.Trace))
	}
	if !slices.Equal(got, want) {
		h.Errorf("traces %v, want %v", got, want)
	}
}

// number undoes TraceID.
func number(id roentgen.TraceID) int { return int(id[14])<<8 + int(id[15]) - 1 }

// sorted orders the documents of a copy of t, which have no order.
func sorted(t *roentgen.Trace) roentgen.Trace {
	out := *t
	out.Documents = slices.SortedFunc(slices.Values(t.Documents), func(a, b roentgen.Stored) int {
		return bytes.Compare(a.Segment.ID[:], b.Segment.ID[:])
	})
	return out
}

func (h *harness) wantSame(what string, got, want any) {
	h.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	if g, w := text(h, got), text(h, want); !bytes.Equal(g, w) {
		h.Fatalf("%s:\n got  %s\n want %s", what, g, w)
	}
}

// text writes v down so that an empty slice is like none.
func text(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(b, []byte("[]"), []byte("null"))
}
