package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// writable says whether documents would be taken now, for those who ask
// /readyz?writes=1. It tries the disk, at most once in writableFor, and asks the
// doors what became of what came last.
type writable struct {
	refusing func() (time.Time, error) // of the store, and nothing was stored since
	shed     func() float64            // the share of what comes in by UDP that is dropped; nil: nothing is
	try      func() error              // writes something durably
	now      func() time.Time

	mu struct { // held while the disk is tried: who asks meanwhile gets the same answer
		sync.Mutex
		tried time.Time
		err   error
	}
}

// newWritable asks these doors; within is nil where --daemon is off.
func newWritable(data string, a *accept.Acceptor, within *agent.Agent) *writable {
	w := &writable{refusing: a.Refusing, try: func() error { return tryDisk(data) }, now: time.Now}
	if within != nil {
		w.shed = func() float64 { return within.Statement().Pressure }
	}
	return w
}

const (
	// writableFor is how long a try is good: anybody may ask, and each is an fsync.
	writableFor = time.Second
	// refusedFor is how long what the store refused counts, where nothing comes any
	// more that it could take: who sends has gone elsewhere because of our answer.
	refusedFor = 30 * time.Second
)

// check returns why documents would be turned away.
func (w *writable) check(context.Context) error {
	if at, err := w.refusing(); err != nil && w.now().Sub(at) < refusedFor {
		return fmt.Errorf("the last documents were turned away: %w", err)
	}
	if w.shed != nil {
		if share := w.shed(); share >= 1 {
			return errors.New("what comes in by UDP is dropped: more of it waits than is stored in time")
		}
	}
	return w.tried()
}

func (w *writable) tried() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.now(); w.mu.tried.IsZero() || now.Sub(w.mu.tried).Abs() >= writableFor {
		w.mu.err = w.try()
		w.mu.tried = now
	}
	return w.mu.err
}

// probeFile is written into the data directory and removed again.
const probeFile = "PROBE"

// probeBytes is about what a batch needs of a log.
const probeBytes = 64 << 10

// tryDisk writes into a directory, durably.
func tryDisk(dir string) error {
	path := filepath.Join(dir, probeFile)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(make([]byte, probeBytes))
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close(), os.Remove(path))
	}
	switch {
	case vfs.IsNoSpace(err):
		return fmt.Errorf("the disk of %s is full: free some space, or lower --max-disk-bytes: %w", dir, err)
	case err != nil:
		return fmt.Errorf("write to the disk of %s: %w", dir, err)
	}
	return nil
}
