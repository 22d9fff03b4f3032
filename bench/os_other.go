//go:build !linux

package bench

import (
	"errors"
	"os/exec"
	"time"
)

var errLinux = errors.New("bench reads /proc, which Linux alone has: run it there")

// Allocated is how many bytes of the disk the files below dir take.
func Allocated(string) (int64, error) { return 0, errLinux }

// FreeBytes is what the file system of dir has left for everybody.
func FreeBytes(string) (int64, error) { return 0, errLinux }

func dieWithParent(*exec.Cmd) {}

// OwnCPU is the processor time that this process took.
func OwnCPU() (time.Duration, error) { return 0, errLinux }
