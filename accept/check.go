package accept

import (
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// check parses one document and holds its times against the server's clock.
func (a *Acceptor) check(doc []byte, now time.Time) (*roentgen.Segment, *roentgen.Rejection) {
	seg, err := wire.ParseDocument(doc, a.cfg.Limits)
	if err != nil {
		return nil, asRejection(err)
	}
	if detail := a.offClock("start_time", seg.Start.Time(), now); detail != "" {
		return nil, &roentgen.Rejection{Code: roentgen.InvalidSegment, ID: seg.ID.String(), Detail: detail}
	}
	if a.cfg.StrictTraceIDs {
		if detail := a.offClock("the time in trace_id", seg.Trace.Epoch(), now); detail != "" {
			return nil, &roentgen.Rejection{Code: roentgen.InvalidTraceID, ID: seg.ID.String(), Detail: detail}
		}
	}
	return seg, nil
}

// offClock says what is wrong with t, or nothing.
func (a *Acceptor) offClock(what string, t, now time.Time) string {
	switch {
	case t.Sub(now) > a.cfg.MaxAhead:
		return fmt.Sprintf("%s %s is %s ahead of this server's clock, more than the %s allowed; check the clock of the sending host",
			what, t.Format(time.RFC3339), t.Sub(now).Round(time.Second), a.cfg.MaxAhead)
	case now.Sub(t) > a.cfg.MaxAge:
		return fmt.Sprintf("%s %s is %s old, more than the %s allowed; check that it is in seconds, and the clock of the sending host",
			what, t.Format(time.RFC3339), now.Sub(t).Round(time.Second), a.cfg.MaxAge)
	}
	return ""
}

func asRejection(err error) *roentgen.Rejection {
	var r *roentgen.Rejection
	if errors.As(err, &r) {
		return r
	}
	return &roentgen.Rejection{Code: roentgen.InvalidSegment, Detail: err.Error()}
}
