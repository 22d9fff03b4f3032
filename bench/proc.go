package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Process is a process of this machine, as /proc shows it.
type Process struct {
	dir string // /proc/PID

	mu   sync.Mutex
	peak Memory
}

// Memory is in bytes.
type Memory struct {
	Resident  int64 `json:"resident"`  // what is in memory now
	Highest   int64 `json:"highest"`   // the most that ever was, mapped files among it
	Anonymous int64 `json:"anonymous"` // without mapped files
}

// watchEvery is how often a process is looked at.
const watchEvery = 100 * time.Millisecond

// FindProcess looks whether there is such a process.
func FindProcess(pid int) (*Process, error) {
	p := &Process{dir: filepath.Join("/proc", strconv.Itoa(pid))}
	if _, err := p.CPU(); err != nil {
		return nil, fmt.Errorf("look at process %d: %w", pid, err)
	}
	return p, nil
}

// CPU is the processor time that the process took, in user and kernel mode.
// The kernel counts it in ticks of 10 ms.
func (p *Process) CPU() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, "stat"))
	if err != nil {
		return 0, err
	}
	return parseStat(text)
}

// Memory is that of now.
func (p *Process) Memory() (Memory, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, "status"))
	if err != nil {
		return Memory{}, err
	}
	return parseStatus(text)
}

// Peak is the most that was seen while the process was watched.
func (p *Process) Peak() (Memory, error) {
	now, err := p.Memory()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raise(now)
	return p.peak, err
}

func (p *Process) raise(now Memory) {
	p.peak.Resident = max(p.peak.Resident, now.Resident)
	p.peak.Highest = max(p.peak.Highest, now.Highest)
	p.peak.Anonymous = max(p.peak.Anonymous, now.Anonymous)
}

// watch looks again and again, until ctx ends or the process does.
func (p *Process) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if _, err := p.Peak(); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Quiet says when a process is idle: it took less than Share of a core for
// this long.
type Quiet struct {
	For    time.Duration
	Share  float64
	AtMost time.Duration // waited
}

// settle waits until the process is idle, and says whether that came to be and how long it took.
func (p *Process) settle(ctx context.Context, q Quiet) (idle bool, took time.Duration, err error) {
	const every = time.Second
	start := time.Now()
	last, err := p.CPU()
	if err != nil {
		return false, 0, err
	}
	for quiet := time.Duration(0); quiet < q.For; {
		if time.Since(start) > q.AtMost {
			return false, time.Since(start), nil
		}
		from := time.Now()
		if !sleepUntil(ctx, from.Add(every)) {
			return false, time.Since(start), ctx.Err()
		}
		now, err := p.CPU()
		if err != nil {
			return false, time.Since(start), err
		}
		if float64(now-last) < q.Share*float64(time.Since(from)) {
			quiet += every
		} else {
			quiet = 0
		}
		last = now
	}
	return true, time.Since(start), nil
}

// clockTick is what /proc counts processor time in: USER_HZ, 100 on Linux
// everywhere.
const clockTick = time.Second / 100

// parseStat reads user and system time of /proc/PID/stat, fields 14 and 15 of
// proc(5). The name of the program, field 2, may hold anything, brackets and
// spaces too.
func parseStat(text []byte) (time.Duration, error) {
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return 0, errors.New("stat without the name of a program")
	}
	fields := bytes.Fields(text[end+1:])
	const user, system = 14 - 3, 15 - 3 // the first behind the name is field 3
	if len(fields) <= system {
		return 0, fmt.Errorf("stat with %d fields behind the name", len(fields))
	}
	var ticks int64
	for _, field := range fields[user : system+1] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("time in stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// parseStatus reads the sizes of /proc/PID/status. A process that has ended
// and is not buried has none.
func parseStatus(text []byte) (m Memory, err error) {
	found := 0
	for line := range bytes.Lines(text) {
		key, value, _ := bytes.Cut(line, []byte(":"))
		var to *int64
		switch string(key) {
		case "VmRSS":
			to = &m.Resident
		case "VmHWM":
			to = &m.Highest
		case "RssAnon":
			to = &m.Anonymous
		default:
			continue
		}
		kB, ok := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(kB)), 10, 64)
		if err != nil || !ok {
			return Memory{}, fmt.Errorf("size in status: %q", bytes.TrimSpace(line))
		}
		*to = n << 10
		found++
	}
	if found < 3 {
		return Memory{}, errors.New("status without sizes: the process has ended")
	}
	return m, nil
}
