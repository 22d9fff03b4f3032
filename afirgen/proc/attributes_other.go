//go:build unix && !linux

package proc

import "syscall"

// Only Linux tells a child of its parent's death.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
