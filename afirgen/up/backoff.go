package up

import "time"

// How long a program that died stays down, and how long it must have been up for that to be forgotten.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	steadyTime = 60 * time.Second
)

// backoff doubles the pause from death to death.
type backoff struct{ next time.Duration }

// pause returns how long to wait after a program that was up for that long has died.
func (b *backoff) pause(up time.Duration) time.Duration {
	if up >= steadyTime || b.next == 0 {
		b.next = firstPause
	}
	pause := b.next
	b.next = min(2*b.next, lastPause)
	return pause
}
