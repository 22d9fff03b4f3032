//go:build unix

package upstream

import (
	"syscall"
	"time"
)

// processor is what the process has used so far, sink included.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
