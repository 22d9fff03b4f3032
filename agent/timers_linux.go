package agent

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// timerSlack is in nanoseconds.
const timerSlack = 1_000_000

// LoosenTimers allows the kernel to wake this process's threads a millisecond late
// where they wait for a time. The monitor thread of Go's scheduler naps for 20 µs at a
// time while anything goes on, and costs an agent a twentieth of its processor time;
// so it naps for a millisecond. It is for the process of an agent, and for its
// beginning: threads that come later do as those that began them. A process needs
// CAP_SYS_NICE for it, or systemd's TimerSlackNSec instead.
func LoosenTimers() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("look for the threads of this process: %w", err)
	}
	for _, thread := range threads {
		err := os.WriteFile("/proc/"+thread.Name()+"/timerslack_ns", strconv.AppendInt(nil, timerSlack, 10), 0)
		if err != nil && !errors.Is(err, os.ErrNotExist) { // it may have ended
			return fmt.Errorf("let timers of this process be late: %w", err)
		}
	}
	return nil
}
