package fleet

import (
	"time"

	"github.com/roentgen/roentgen"
)

// recent remembers for half a minute to a minute which traces were announced,
// so that ten agents that see one failure do not tell of it ten times. It must
// not remember for longer: an agent that has forgotten the trace needs to be
// told again. The writer alone uses it.
type recent struct {
	young, old map[roentgen.TraceID]struct{}
	since      time.Time // young is filled
}

const (
	recentAge = 30 * time.Second
	recentMax = 1 << 16 // traces in one of the two
)

// fresh reports whether id has not been announced lately, and remembers it.
func (r *recent) fresh(id roentgen.TraceID, now time.Time) bool {
	if age := now.Sub(r.since); age >= recentAge || age < 0 || len(r.young) >= recentMax {
		r.old = r.young
		if age >= 2*recentAge {
			r.old = nil
		}
		r.young, r.since = map[roentgen.TraceID]struct{}{}, now
	}
	if _, known := r.young[id]; known {
		return false
	}
	if _, known := r.old[id]; known {
		return false
	}
	r.young[id] = struct{}{}
	return true
}

// forget is for when what was remembered could not be announced.
func (r *recent) forget() { *r = recent{} }
