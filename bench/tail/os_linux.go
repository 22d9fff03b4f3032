package tail

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dieWithParent lets the kernel end the command when this process ends without having done so. An interrupt from the
// keyboard is for this process alone, which then stops the others in their order.
func dieWithParent(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// smallDisk mounts a file system of so many bytes in memory at dir, which takes root.
func smallDisk(dir string, bytes int64) (undo func() error, err error) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		return nil, fmt.Errorf("mount a small disk at %s: %w", dir, err)
	}
	return func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) }, nil
}

// fill writes a file that takes all that is left of its disk.
func fill(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	for size := 1 << 20; size >= 512; {
		if _, err = f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			return errors.Join(fmt.Errorf("fill the disk: %w", err), f.Close())
		}
	}
	return f.Close()
}

// freeze stops every thread of a program, and returns when all of them stand.
func freeze(p *program) error {
	pid := p.pid()
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for limit := time.Now().Add(patience); ; {
		var what unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &what, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait until %s stands still: %w", p.name, err)
		}
		if what.Signo != 0 {
			return nil
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%s does not stand still %s after SIGSTOP", p.name, patience)
		}
		time.Sleep(time.Millisecond)
	}
}

func thaw(p *program) error { return p.signal(syscall.SIGCONT) }
