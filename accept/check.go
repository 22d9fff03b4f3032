package accept

import (
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// check holds the times of a document that could be read against the server's
// clock. It returns why the document is not taken.
func (a *Acceptor) check(p wire.Parsed, now time.Time) *roentgen.Rejection {
	if p.Rejection != nil {
		return p.Rejection
	}
	seg := p.Segment
	if detail := a.offClock("start_time", seg.Start.Time(), now); detail != "" {
		return &roentgen.Rejection{Code: roentgen.InvalidSegment, ID: seg.ID.String(), Detail: detail}
	}
	if a.cfg.StrictTraceIDs {
		if detail := a.offClock("the time in trace_id", seg.Trace.Epoch(), now); detail != "" {
			return &roentgen.Rejection{Code: roentgen.InvalidTraceID, ID: seg.ID.String(), Detail: detail}
		}
	}
	return nil
}

// offClock says what is wrong with t, or nothing.
func (a *Acceptor) offClock(what string, t, now time.Time) string {
	switch {
	case t.Sub(now) > a.cfg.MaxAhead:
		return fmt.Sprintf("%s %s is %s ahead of this server's clock, more than the %s allowed; check that it is in seconds, and the clock of the sending host",
			what, t.Format(time.RFC3339), t.Sub(now).Round(time.Second), a.cfg.MaxAhead)
	case now.Sub(t) > a.cfg.MaxAge:
		return fmt.Sprintf("%s %s is %s old, more than the %s allowed; check that it is in seconds, and the clock of the sending host",
			what, t.Format(time.RFC3339), now.Sub(t).Round(time.Second), a.cfg.MaxAge)
	}
	return ""
}
