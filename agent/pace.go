package agent

import "time"

// pace is for how long the receiver lets datagrams come together before it looks
// again. To wake costs more than some of them, and many that are decided one
// after the other find what they need near the processor. What waits is lost when
// the agent is killed, and when more comes than the kernel's buffer holds: so the
// pause is short at first, doubles while little comes, and a sixteenth of the buffer is
// as much as it lets come together.
type pace struct {
	pause, most time.Duration
}

const (
	leastPause  = 2 * time.Millisecond
	usualPause  = 40 * time.Millisecond
	usualBuffer = 4 << 20 // bytes, a quarter of what is asked for, that take in 45,000 datagrams of 2 kB a second which begin within such a pause
	pauseFill   = 1. / 16
)

// newPace makes pauses up to the longest, and shorter ones where the buffer of that
// many bytes is small.
func newPace(longest time.Duration, buffer int) pace {
	share := min(1, float64(buffer)/usualBuffer)
	return pace{leastPause, max(leastPause, time.Duration(share*float64(longest)))}
}

// quiet says whether nothing is to be waited for after one look that took so long.
// The next pause is then a short one.
func (p *pace) quiet(took time.Duration) bool {
	if took < 2*p.most {
		return false
	}
	p.pause = leastPause
	return true
}

// adapt takes word of how full the buffer was after a pause, 0 to 1.
func (p *pace) adapt(fill float64) {
	by := 2.
	if 2*fill > pauseFill {
		by = pauseFill / fill
	}
	p.pause = min(p.most, max(leastPause, time.Duration(by*float64(p.pause))))
}
