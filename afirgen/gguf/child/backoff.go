package child

import "time"

// How long a child that died stays down, and how long it must have lived for that to be forgotten.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = time.Minute
	steadyTime = 2 * time.Minute
)

// backoff doubles the pause from death to death: a broken file is tried again for ever, for somebody may mend it, but
// seldom.
type backoff struct{ pause time.Duration }

func (b *backoff) next(lived time.Duration) time.Duration {
	if lived >= steadyTime || b.pause == 0 {
		b.pause = firstPause
	}
	pause := b.pause
	b.pause = min(2*pause, lastPause)
	return pause
}
