package query

import (
	"context"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// SummaryQuery asks for the summaries of a window.
type SummaryQuery struct {
	Window roentgen.Window
	// Share of traces to look at, 0 (none) to 1 (all). The choice is made by a
	// hash of the trace id, so that pages and repeated calls agree.
	Share float64
}

// SummaryPage is a part of the answer, newest first.
type SummaryPage struct {
	Summaries []roentgen.Summary
	Examined  int // traces looked at for this page, taken or not
	// Reached is the clock of the last trace examined: how far back the scan
	// has got. It is the start of the window on the last page.
	Reached roentgen.Time
	// Next continues the scan; nil at the end. A page may be empty and still
	// have one.
	Next *roentgen.Place
}

// Summaries returns one page.
func (e *Engine) Summaries(ctx context.Context, q SummaryQuery) (SummaryPage, error) {
	page := SummaryPage{Reached: q.Window.From}
	for p, err := range e.store.Partials(ctx, q.Window) {
		if err != nil {
			return SummaryPage{}, fmt.Errorf("read summaries: %w", err)
		}
		s := p.Summary()
		at, _ := s.At(q.Window.Clock)
		page.Examined++
		page.Reached = at
		if q.takes(s.Trace) {
			s.Annotations = firstKeys(s.Annotations, e.cfg.MaxAnnotations)
			page.Summaries = append(page.Summaries, s)
		}
		if page.Examined == e.cfg.PageTraces {
			page.Next = &roentgen.Place{At: at, Trace: s.Trace}
			return page, nil
		}
	}
	page.Reached = q.Window.From
	return page, nil
}

// takes decides by the trace id alone.
func (q SummaryQuery) takes(id roentgen.TraceID) bool {
	return float64(xxhash.Sum64(id[:])>>11)/(1<<53) < q.Share
}

// firstKeys cuts uses, sorted by key, behind the first n distinct keys.
func firstKeys(uses []roentgen.AnnotationUse, n int) []roentgen.AnnotationUse {
	for i := range uses {
		if i > 0 && uses[i].Key == uses[i-1].Key {
			continue
		}
		if n--; n < 0 {
			return uses[:i]
		}
	}
	return uses
}
