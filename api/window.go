package api

import (
	"math"
	"strconv"
	"time"

	"github.com/roentgen/roentgen"
)

// window reads StartTime and EndTime of an action that needs both.
func (a *API) window(start, end *epoch) (w roentgen.Window, err error) {
	if start == nil || end == nil {
		return w, roentgen.Invalidf("StartTime and EndTime are both needed, as epoch seconds")
	}
	w.From, w.To = roentgen.Time(*start), roentgen.Time(*end)
	if w.To < w.From {
		return w, roentgen.Invalidf("End time cannot be earlier than start time")
	}
	length := w.To.Sub(w.From)
	if length < 0 {
		length = math.MaxInt64 // so many years that the difference has wrapped around
	}
	if a.cfg.MaxWindow > 0 && length > a.cfg.MaxWindow {
		return w, roentgen.Invalidf("Time range cannot be longer than %s", spoken(a.cfg.MaxWindow))
	}
	return w, nil
}

// spoken writes a bound as X-Ray does, "6 hours", where it is whole hours.
func spoken(d time.Duration) string {
	if d == time.Hour {
		return "1 hour"
	}
	if d%time.Hour == 0 {
		return strconv.Itoa(int(d/time.Hour)) + " hours"
	}
	return d.Round(time.Second).String()
}
