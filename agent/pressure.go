package agent

import (
	"math"
	"sync/atomic"
)

// pressure is how much is shed: a share of all traces, which grows while the
// queue or the spool are nearly full and falls slowly afterwards. Two looks in
// a row decide, because a moment's fill says little.
type pressure struct {
	last    float64 // the former look; of the ticker alone
	current atomic.Uint64
}

// Above these fills traces are shed. A spool on disk fills within hours, and
// its rest is for those that failed.
const (
	queueFill = 0.5
	spoolFill = 0.9
)

func (p *pressure) level() float64 { return math.Float64frombits(p.current.Load()) }

// look takes the fills of one moment and returns the share to shed.
func (p *pressure) look(queue, spool float64) float64 {
	wanted := max(over(queue, queueFill), over(spool, spoolFill))
	before := p.last
	p.last = wanted
	now := p.level()
	if wanted = min(wanted, before); wanted > now {
		now = wanted
	} else {
		now = max(wanted, now-0.1)
	}
	p.current.Store(math.Float64bits(now))
	return now
}

// over is how far fill is above from, 0 to 1.
func over(fill, from float64) float64 {
	return min(1, max(0, (fill-from)/(1-from)))
}
