//go:build !linux

package bench

import (
	"errors"
	"os/exec"
	"time"
)

var errLinux = errors.New("bench reads /proc, which Linux alone has: run it there")

func allocated(string) (int64, error) { return 0, errLinux }

// FreeBytes is what the file system of dir has left for everybody.
func FreeBytes(string) (int64, error) { return 0, errLinux }

func dieWithParent(*exec.Cmd) {}

func ownCPU() (time.Duration, error) { return 0, errLinux }
