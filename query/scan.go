package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store"
)

// maxSweeps bounds how often what changed meanwhile is gone through. Each sweep
// has to look at no more than arrived during the one before it.
const maxSweeps = 8

// scan is one page in the making.
type scan struct {
	*Engine
	q      SummaryQuery
	plan   plan
	cursor Cursor
	page   SummaryPage
	given  map[roentgen.TraceID]bool // what is in the page
	began  roentgen.Time             // of this page
	looked int                       // traces that the store could not pass over
	late   bool                      // the page has taken its time
	ended  bool
}

// scan makes one page. The first pass goes through the window; for a clock
// that moves forward, the passes behind it sweep over what changed:
//
//   - The first pass takes traces that were updated before paging began, the
//     first sweep those that were since then and before the sweep, the next
//     those since then and before itself, and so on. A trace is thus given
//     twice only when a document of it arrived in between.
//   - A document has its place by the time with which it was stamped at the
//     door, and can be read a little later. So passes end where nothing arrives
//     any more (Config.Settled), and the next one begins there. Behind them the
//     last sweep takes what there is up to now.
//   - A sweep leaves out what certainly was not there when paging began. The
//     last one follows the first that finds nothing else, or is the eighth: a
//     trace is missed that changes during each of them, always just before they
//     come to it, or while the last one is on its way.
func (e *Engine) scan(ctx context.Context, q SummaryQuery, p plan) (SummaryPage, error) {
	s := newScan(e, q, p)
	for !s.ended && !s.full() {
		more, err := s.step(ctx)
		if err != nil {
			return SummaryPage{}, err
		}
		if !more {
			s.advance()
		}
	}
	if !s.ended {
		s.page.Next = &s.cursor
	}
	return s.page, nil
}

func newScan(e *Engine, q SummaryQuery, p plan) *scan {
	q.MaxMatches, q.MaxExamined = atMost(q.MaxMatches, e.cfg.MaxMatches), atMost(q.MaxExamined, e.cfg.MaxExamined)
	s := &scan{Engine: e, q: q, plan: p, began: e.cfg.Now(), given: map[roentgen.TraceID]bool{}, ended: p.nothing}
	s.page.Reached = q.Window.From
	if q.After != nil {
		s.cursor = *q.After
	} else {
		s.cursor.to = e.cfg.Settled()
		s.cursor.began = e.cfg.Now()
	}
	return s
}

// atMost returns n, or limit where n is 0 or more than that.
func atMost(n, limit int) int {
	if n <= 0 || n > limit {
		return limit
	}
	return n
}

func (s *scan) full() bool {
	return s.late || len(s.page.Traces) >= s.q.MaxMatches || s.looked >= s.q.MaxExamined
}

// window is what this pass goes through.
func (s *scan) window() roentgen.Window {
	w := s.q.Window
	w.After = s.cursor.after
	switch {
	case s.cursor.pass > 0:
		w.Clock, w.From, w.To = roentgen.ClockUpdated, s.cursor.from, s.cursor.to
	case w.Clock == roentgen.ClockUpdated:
		w.To = min(w.To, s.cursor.to)
	}
	return w
}

// matcher is what the store may pass traces over by. Sweeps for ClockEnd go by
// another clock, and the store does not know then that conditions in braces look
// at a part of the trace.
func (s *scan) matcher() *filter.Matcher {
	if s.cursor.pass > 0 && s.q.Window.Clock == roentgen.ClockEnd {
		return nil
	}
	return s.plan.whole
}

// step goes on with the pass until the page is full, and reports whether the
// pass may have more.
func (s *scan) step(ctx context.Context) (more bool, err error) {
	for f, err := range s.store.Find(ctx, s.window(), s.matcher()) {
		if err != nil {
			return false, fmt.Errorf("read summaries: %w", err)
		}
		s.take(&f)
		if s.full() {
			return true, nil
		}
	}
	return false, nil
}

// take counts what the store has come to, and adds it to the page if it
// matches. There is time for one at least, so that every page gets on.
func (s *scan) take(f *store.Found) {
	s.cursor.after = &f.Place
	s.page.Examined += f.Passed
	if s.cursor.pass == 0 {
		s.page.Reached = f.Place.At
	}
	if f.Trace != nil {
		s.page.Examined++
		s.looked++
		sum := f.Partial.Summary()
		if s.concerns(f.Partial, &sum) {
			s.add(graph.Fold(f.Trace, &sum, s.cfg.Now(), s.cfg.Fold))
		}
	}
	took := s.cfg.Now().Sub(s.began)
	s.late = took < 0 || took >= s.cfg.MaxTime
}

// add appends what matches. A trace that moved meanwhile may be met twice: the
// later stands.
func (s *scan) add(rows *roentgen.Rows) {
	if !s.plan.matches(rows, s.q.Window) {
		return
	}
	id := rows.Summary.Trace
	if s.given[id] {
		s.page.Traces = slices.DeleteFunc(s.page.Traces, func(r *roentgen.Rows) bool { return r.Summary.Trace == id })
	}
	s.given[id] = true
	s.page.Traces = append(s.page.Traces, rows)
}

// concerns decides by the summary whether the trace has to be folded.
func (s *scan) concerns(p roentgen.Partial, sum *roentgen.Summary) bool {
	if !s.belongs(p, sum) || !s.q.takes(sum.Trace) {
		return false
	}
	return s.plan.admits(s.cfg.Fold.Searchable(sum))
}

// belongs says whether the trace is this pass's to give.
func (s *scan) belongs(p roentgen.Partial, sum *roentgen.Summary) bool {
	if s.q.Window.Clock == roentgen.ClockStart {
		return true
	}
	if s.cursor.pass == 0 {
		return sum.Updated < s.cursor.to // the others are the sweeps'
	}
	if !mayPrecede(p, s.cursor.began) {
		return false
	}
	s.cursor.moved = true
	at, ok := sum.At(s.q.Window.Clock)
	return ok && at >= s.q.Window.From && at < s.q.Window.To
}

// mayPrecede reports whether a document of the trace may have arrived before
// t. Where several came of one entity, the time of the first is not known.
func mayPrecede(p roentgen.Partial, t roentgen.Time) bool {
	for i := range p.Parts {
		if p.Parts[i].Received < t || len(p.Parts[i].Documents) > 1 {
			return true
		}
	}
	return false
}

// advance goes to the next pass, or to the end.
func (s *scan) advance() {
	c := s.cursor
	s.page.Reached = s.q.Window.From
	if s.ended = c.last || s.q.Window.Clock == roentgen.ClockStart; s.ended {
		return
	}
	next := Cursor{began: c.began, pass: c.pass + 1, from: c.to, to: s.cfg.Settled()}
	quiet := c.pass > 0 && !c.moved
	if quiet || next.pass >= maxSweeps || next.to <= next.from {
		next.last, next.to = true, s.cfg.Now()
	}
	if s.q.Window.Clock == roentgen.ClockUpdated {
		next.to = min(next.to, s.q.Window.To)
	}
	s.ended = next.to <= next.from
	s.cursor = next
}
