package query

import (
	"context"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// SummaryQuery asks for the traces of a window.
type SummaryQuery struct {
	Window roentgen.Window // After is not looked at
	// Filter is what the traces have to match; nil: every trace does. With
	// ClockEnd, service() { } and edge() { } look at those segments and calls
	// alone that end in the window.
	Filter *filter.Expr
	// Share of traces to look at, 0 (none) to 1 (all). The choice is made by a
	// hash of the trace id, so that pages and repeated calls agree.
	Share float64
	// A page ends after so many matches, or after so many traces were looked
	// at, those not counted that the store passes over, or after Config.MaxTime;
	// 0, and what is above Config's, stands for Config's.
	MaxMatches, MaxExamined int
	// After continues behind an earlier page of the same question; nil begins.
	After *Cursor
}

// SummaryPage is a part of the answer, newest first.
type SummaryPage struct {
	Traces   []*roentgen.Rows // those that match, all rows filled
	Examined int              // traces of this page's part of the window, those passed over included
	// Reached is the clock of the last trace examined: how far back the scan
	// has got. It is the start of the window once that has been gone through.
	// With Next it says what a page without traces was for.
	Reached roentgen.Time
	// Next continues the scan; nil at the end. A page may be empty and still
	// have one.
	Next *Cursor
}

// Summaries returns one page.
//
// What pages give together is complete although documents arrive meanwhile. By
// ClockStart, every trace that was there when the first page was asked for is
// given, and the later ones as far as they start before what was reached.
// ClockUpdated and ClockEnd move forward when a document arrives, away from
// where the scan is going; therefore the traces that changed since the first
// page are gone through at the end, and what is in the window then is given,
// again if need be. A trace that is given twice has a higher Revision the second
// time; one that came into being after the first page is left to the next
// question. See Engine.scan for the bounds of this.
func (e *Engine) Summaries(ctx context.Context, q SummaryQuery) (SummaryPage, error) {
	plan, err := e.plan(ctx, q.Filter)
	if err != nil {
		return SummaryPage{}, err
	}
	return e.scan(ctx, q, plan)
}

// takes decides by the trace id alone.
func (q *SummaryQuery) takes(id roentgen.TraceID) bool {
	return float64(xxhash.Sum64(id[:])>>11)/(1<<53) < q.Share
}
