package agent

import (
	"testing"
	"time"
)

func TestPausesGrowWhileLittleComesAndShrinkWithTheBuffer(t *testing.T) {
	p := newPace(40*time.Millisecond, usualBuffer)
	for _, c := range []struct {
		fill float64 // after a pause
		want time.Duration
	}{
		{0, 4}, {0.01, 8}, {0.01, 16}, {0.02, 32}, {0.02, 40}, {0.03, 40}, {0.125, 20}, {0.0625, 20}, {0.25, 5}, {1, 2}, {0.0625, 2}, {0.03, 4},
	} {
		if p.adapt(c.fill); p.pause/time.Microsecond != c.want*1000 {
			t.Errorf("the buffer was filled to %v: the next pause is %s and not %d ms", c.fill, p.pause, c.want)
		}
	}
	p.adapt(0)
	if p.quiet(70*time.Millisecond) || p.pause != 8*time.Millisecond {
		t.Errorf("after 70 ms: a pause of %s", p.pause)
	}
	if !p.quiet(80*time.Millisecond) || p.pause != leastPause {
		t.Errorf("after 80 ms it is not quiet, or the next pause is %s", p.pause)
	}
}

func TestASmallBufferHasShortPauses(t *testing.T) {
	for buffer, want := range map[int]time.Duration{4 << 20: 40, 64 << 20: 40, 1 << 20: 10, 106_496: 2, 0: 2} {
		if p := newPace(40*time.Millisecond, buffer); p.most != want*time.Millisecond {
			t.Errorf("%d bytes: up to %s", buffer, p.most)
		}
	}
}
