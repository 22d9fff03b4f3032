package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/store"
)

// checkFind holds one loop over a window against the model.
func (h *harness) checkFind(w roentgen.Window, expression string) {
	h.Helper()
	h.checkFound(w, expression, h.find(w, match(h, expression), 0))
}

// find reads a window up to its end, or, where n is not 0, up to the n-th
// Found.
func (h *harness) find(w roentgen.Window, m *filter.Matcher, n int) (out []store.Found) {
	h.Helper()
	for f, err := range h.store.Find(context.Background(), w, m) {
		if err != nil {
			h.Fatalf("find traces: %v", err)
		}
		if out = append(out, f); len(out) == n {
			break
		}
	}
	return out
}

// match compiles an expression of this suite; the empty one is no matcher.
func match(t testing.TB, expression string) *filter.Matcher {
	t.Helper()
	if expression == "" {
		return nil
	}
	return group(t, "g", expression, 0).Match
}

// checkFound judges a loop that reached its end: its order, that each trace is
// what it is, that none is missing that matches, and that the numbers add up.
func (h *harness) checkFound(w roentgen.Window, expression string, found []store.Found) {
	h.Helper()
	h.checkPlaces(w, found)
	there, m := h.model.Partials(w), match(h, expression)
	in := map[roentgen.TraceID]roentgen.Partial{}
	for _, p := range there {
		in[p.Trace] = p
	}
	passed, yielded := 0, map[roentgen.TraceID]bool{}
	for _, f := range found {
		if passed += f.Passed; f.Trace == nil {
			continue
		}
		if yielded[f.Trace.ID] {
			h.Fatalf("%q in %+v: trace %d is found twice", expression, w, number(f.Trace.ID))
		}
		yielded[f.Trace.ID] = true
		partial, ok := in[f.Trace.ID]
		if !ok {
			h.Fatalf("%q in %+v: trace %d is found, and is not in the window", expression, w, number(f.Trace.ID))
		}
		h.wantSame("partial of what is found", f.Partial, partial)
		h.wantSame("trace that is found", sorted(f.Trace), sorted(h.model.Trace(f.Trace.ID)))
	}
	if passed+len(yielded) != len(there) {
		h.Errorf("%q in %+v: %d traces were passed over and %d found, want %d together", expression, w, passed, len(yielded), len(there))
	}
	for _, p := range there {
		if !yielded[p.Trace] && h.model.matches(p.Trace, w, m) {
			h.Errorf("%q in %+v: trace %d matches and was passed over", expression, w, number(p.Trace))
		}
	}
}

// checkPlaces wants places in the order of the window, and those of traces
// where these stand.
func (h *harness) checkPlaces(w roentgen.Window, found []store.Found) {
	h.Helper()
	last := w.After
	for _, f := range found {
		switch {
		case f.Passed < 0 || f.Trace == nil && f.Passed == 0:
			h.Errorf("%+v is no news", f)
		case f.Trace != nil:
			if at, ok := PlaceOf(f.Partial, w.Clock); !ok || at != f.Place || last != nil && !at.Behind(*last) {
				h.Errorf("trace %d is found at %v behind %v, and stands at %v", number(f.Trace.ID), f.Place, last, at)
			}
		case last != nil && last.Behind(f.Place):
			h.Errorf("the loop comes to %v behind %v", f.Place, *last)
		}
		last = &f.Place
	}
}

// matches says whether a trace matches, whole or, by its end, as what of it
// ended in the window.
func (m *Model) matches(id roentgen.TraceID, w roentgen.Window, by *filter.Matcher) bool {
	rows := m.Rows(id)
	if by == nil || by.Match(rows) {
		return true
	}
	if w.Clock != roentgen.ClockEnd {
		return false
	}
	part := *rows
	in := func(end roentgen.Time) bool { return end != 0 && end >= w.From && end < w.To }
	part.Segments = slices.DeleteFunc(slices.Clone(rows.Segments), func(s roentgen.SegmentRow) bool { return !in(s.End) })
	part.Calls = slices.DeleteFunc(slices.Clone(rows.Calls), func(c roentgen.CallRow) bool { return !in(c.End) })
	return by.Match(&part)
}

// conditions are about what Random draws, and about what it does not.
var conditions = [...]string{
	`ok`, `fault`, `error`, `throttle`, `partial`, `responsetime > 0.002`, `duration >= 60`, `responsetime < 0.001`,
	`user = "u1"`, `user != "u0"`, `user BEGINSWITH "u"`, `user CONTAINS "2"`, `user = "nobody"`, `http.status = 429`, `http.status >= 400`, `http.status != 429`,
	`annotation.order = 2`, `annotation.order > 1`, `annotation.order != 3`, `annotation.order`, `annotation.paid`, `annotation.paid = false`, `annotation.none = "x"`,
	`availabilityzone = "eu-1a"`, `instance.id = "i-1"`, `instance.id ENDSWITH "2"`, `http.url CONTAINS "x"`,
	`service("service-1")`, `service("service-2") { fault }`, `service("service-0") { ok AND responsetime > 0.001 }`, `service("far")`, `service("far") { error }`,
	`service("nowhere")`, `service() { fault }`, `edge("service-0", "far")`, `edge("service-1", "far") { fault }`, `edge("service-0", "service-1")`, `edge() { ok }`,
}

// expression draws one of up to about eight conditions.
func (r *Random) expression(depth int) string {
	switch n := r.IntN(8); {
	case depth == 0 || n < 3:
		return conditions[r.IntN(len(conditions))]
	case n < 5:
		return fmt.Sprintf("(%s) AND (%s)", r.expression(depth-1), r.expression(depth-1))
	case n < 7:
		return fmt.Sprintf("(%s) OR (%s)", r.expression(depth-1), r.expression(depth-1))
	}
	return fmt.Sprintf("!(%s)", r.expression(depth-1))
}

func (s suite) findAll(t *testing.T) {
	h := s.start(t)
	h.checkFind(everything(roentgen.ClockStart), "")
	h.append(
		segment(1, 1, 0), segment(1, 1, 0).with(func(d *Document) { d.Received += 1e9; d.More = `,"user":"u"` }),
		segment(2, 1, time.Second).with(func(d *Document) { d.End = 0 }), segment(3, 1, 2*time.Second),
	)
	for c := range roentgen.ClockEnd + 1 {
		for _, expression := range []string{"", `user = "u"`, `partial`} {
			h.checkFind(everything(c), expression)
		}
		if found := h.find(everything(c), nil, 0); len(found) < 2 || found[0].Trace == nil {
			t.Errorf("clock %d: without an expression %d are found", c, len(found))
		}
	}
	h.checkFind(roentgen.Window{From: at(2), To: at(0)}, "")
	h.checkFind(roentgen.Window{}, "fault")
}

func (s suite) findRandom(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h, r := s.start(t), NewRandom(200+seed)
			for range 30 {
				h.append(r.call()...)
				if r.IntN(8) == 0 {
					h.delete(TraceID(r.IntN(r.Traces)))
				}
				for range 5 {
					h.checkFind(r.window(), r.expression(3))
				}
			}
			for _, condition := range conditions {
				h.checkFind(everything(roentgen.Clock(r.IntN(3))), condition)
				h.checkFind(everything(roentgen.Clock(r.IntN(3))), "!("+condition+")")
			}
		})
	}
}

// findPages leaves a loop at every Found, and goes on at its place.
func (s suite) findPages(t *testing.T) {
	h, r := s.start(t), NewRandom(31)
	r.Traces = 80
	for range 300 {
		h.append(r.Document())
	}
	for _, expression := range []string{"", `user = "u1"`, `service("service-1") { fault }`, `annotation.none = "x"`, `!ok`} {
		for _, size := range []int{1, 3} {
			for c := range roentgen.ClockEnd + 1 {
				h.checkFindPages(everything(c), expression, size)
			}
		}
	}
}

func (h *harness) checkFindPages(w roentgen.Window, expression string, size int) {
	h.Helper()
	var ids []roentgen.TraceID
	rest, m := w, match(h, expression)
	for range 1000 {
		page := h.find(rest, m, size)
		for _, f := range page {
			if f.Trace != nil {
				ids = append(ids, f.Trace.ID)
			}
		}
		if len(page) < size {
			h.checkFound(rest, expression, page)
			break
		}
		rest.After = &page[size-1].Place
	}
	for _, p := range h.model.Partials(w) {
		n := 0
		for _, id := range ids {
			if id == p.Trace {
				n++
			}
		}
		if n > 1 || n == 0 && h.model.matches(p.Trace, w, m) {
			h.Errorf("%q in pages of %d: trace %d is found %d times", expression, size, number(p.Trace), n)
		}
	}
}

// findMany looks for few traces among many.
func (s suite) findMany(t *testing.T) {
	h := s.start(t)
	docs := make([]Document, 2000)
	for n := range docs {
		docs[n] = segment(n, 1, time.Duration(n)*time.Second/2).with(func(d *Document) {
			if n%900 == 500 {
				d.More = `,"user":"rare"`
			}
		})
	}
	h.append(docs...)
	for c := range roentgen.ClockEnd + 1 {
		for _, expression := range []string{`user = "rare"`, `user = "nobody"`, `service("service-1")`, `responsetime > 9`} {
			h.checkFind(everything(c), expression)
		}
	}
}

func (s suite) findWhileAppending(t *testing.T) {
	for _, expression := range []string{"", `service("service-1") OR service("service-2")`} {
		h := s.start(t)
		h.wantSeenWhileAppending(func(yield func(roentgen.TraceID, error) bool) {
			for f, err := range h.store.Find(context.Background(), everything(roentgen.ClockStart), match(t, expression)) {
				if err != nil {
					t.Fatal(err)
				}
				if f.Trace != nil && !yield(f.Trace.ID, err) {
					return
				}
			}
		})
	}
}
