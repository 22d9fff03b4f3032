package vfs

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// Fault is a file system in memory that keeps apart what a process has
// written (the page cache) and what a power cut would leave (the disk).
//
// A write reaches the page cache; File.Sync carries the changed sectors and
// the length to the disk; SyncDir carries the names. Crash keeps the disk and
// a random part of what was on its way; Kill keeps the page cache. Both end
// every open file and lock. A Sync that a plan fails marks its sectors clean
// without writing them, as Linux does, so that a later Sync cannot save them.
// The same seed and the same calls give the same losses.
type Fault struct {
	mu struct {
		sync.Mutex
		live  map[string]*inode // the names as processes see them
		disk  map[string]*inode // the names that a power cut leaves
		locks map[string]*faultLock
		plan  Plan
		calls int
		epoch int  // counts Crash and Kill; handles of an older one are dead
		down  bool // the power is off: every call fails until Crash
		rand  *rand.Rand
	}
}

var _ FS = (*Fault)(nil)

// Op names a call that a plan can fail.
type Op string

// The calls that are counted.
const (
	OpMkdir    Op = "mkdir"
	OpList     Op = "list"
	OpCreate   Op = "create"
	OpOpen     Op = "open"
	OpRemove   Op = "remove"
	OpSyncDir  Op = "syncdir"
	OpLock     Op = "lock"
	OpRead     Op = "read"
	OpWrite    Op = "write"
	OpTruncate Op = "truncate"
	OpSync     Op = "sync"
	OpSize     Op = "size"
)

// Call is one call, before it happens. N counts from 1.
type Call struct {
	N     int
	Op    Op
	Name  string
	Bytes int // of a read or a write
}

// Verdict is what a plan makes of a call. The zero Verdict lets it happen.
type Verdict struct {
	Err      error // returned to the caller
	Short    int   // bytes of a write that happen before Err
	Lie      bool  // Sync and SyncDir: report success and do nothing
	PowerOff bool  // this call and all later ones fail until Crash
}

// Plan judges each call. It runs outside the file system's lock, in the
// goroutine that calls, and so may wait.
type Plan func(Call) Verdict

// errPowerOff is what a call returns after the power went.
var errPowerOff = fmt.Errorf("the power is off: %w", syscall.EIO)

// NewFault returns an empty file system without a plan.
func NewFault(seed uint64) *Fault {
	f := &Fault{}
	f.mu.live, f.mu.disk = map[string]*inode{}, map[string]*inode{}
	f.mu.locks = map[string]*faultLock{}
	f.mu.rand = rand.New(rand.NewPCG(seed, 0))
	return f
}

// SetPlan makes p judge the calls from now on, counted from 1; nil fails none.
func (f *Fault) SetPlan(p Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.plan, f.mu.calls = p, 0
}

// Calls returns how many calls were made since SetPlan.
func (f *Fault) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.calls
}

// judge counts a call and asks the plan.
func (f *Fault) judge(op Op, name string, n int) Verdict {
	f.mu.Lock()
	f.mu.calls++
	plan, call, down := f.mu.plan, Call{N: f.mu.calls, Op: op, Name: name, Bytes: n}, f.mu.down
	f.mu.Unlock()
	if down {
		return Verdict{Err: errPowerOff}
	}
	if plan == nil {
		return Verdict{}
	}
	v := plan(call)
	if v.PowerOff {
		f.powerOff()
		v.Err = errPowerOff
	}
	return v
}

func (f *Fault) powerOff() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.down = true
}

// Kill ends the process: handles and locks are gone, the page cache stays.
func (f *Fault) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restartLocked()
}

func (f *Fault) restartLocked() {
	f.mu.epoch++
	f.mu.down = false
	clear(f.mu.locks)
}

// Writeback is the kernel writing what it likes when it likes: each file and
// each name that is not synced goes to the disk with a chance of one half.
func (f *Fault) Writeback() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range sortedKeys(f.mu.live) {
		if f.mu.rand.IntN(2) == 0 {
			f.mu.live[name].sync()
		}
	}
	for _, name := range f.unsyncedNamesLocked() {
		if f.mu.rand.IntN(2) == 0 {
			f.syncNameLocked(name)
		}
	}
}

// Loss says how much of what was not synced a Crash destroys.
type Loss int

// The losses.
const (
	LoseAll  Loss = iota // the disk holds what was synced and no more
	LoseSome             // each unsynced sector, length and name is kept or lost by chance
)

// Crash cuts the power. What was synced is there afterwards; of the rest, what
// loss says. Sectors are 512 bytes and never torn inside, as disks promise.
func (f *Fault) Crash(loss Loss) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crashNamesLocked(loss)
	for _, name := range sortedKeys(f.mu.disk) {
		f.mu.disk[name].crash(loss, f.mu.rand)
	}
	f.restartLocked()
}

// crashNamesLocked decides for each name that differs between cache and disk.
func (f *Fault) crashNamesLocked(loss Loss) {
	if loss == LoseSome {
		for _, name := range f.unsyncedNamesLocked() {
			if f.mu.rand.IntN(2) == 0 {
				f.syncNameLocked(name)
			}
		}
	}
	f.mu.live = make(map[string]*inode, len(f.mu.disk))
	for name, node := range f.mu.disk {
		f.mu.live[name] = node
	}
}

func (f *Fault) unsyncedNamesLocked() []string {
	var names []string
	for name, node := range f.mu.live {
		if f.mu.disk[name] != node {
			names = append(names, name)
		}
	}
	for name := range f.mu.disk {
		if f.mu.live[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names) // chance is drawn in a fixed order
	return names
}

func (f *Fault) syncNameLocked(name string) {
	if node := f.mu.live[name]; node != nil {
		f.mu.disk[name] = node
		return
	}
	delete(f.mu.disk, name)
}

// MkdirAll does nothing: directories exist here once something is in them.
func (f *Fault) MkdirAll(dir string) error {
	return pathError(OpMkdir, dir, f.judge(OpMkdir, dir, 0).Err)
}

// List returns the names in dir.
func (f *Fault) List(dir string) ([]string, error) {
	if v := f.judge(OpList, dir, 0); v.Err != nil {
		return nil, pathError(OpList, dir, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, name := range sortedKeys(f.mu.live) {
		if filepath.Dir(name) == filepath.Clean(dir) {
			names = append(names, filepath.Base(name))
		}
	}
	return names, nil
}

// Create makes a new file.
func (f *Fault) Create(name string) (File, error) {
	if v := f.judge(OpCreate, name, 0); v.Err != nil {
		return nil, pathError(OpCreate, name, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.live[name] != nil {
		return nil, pathError(OpCreate, name, os.ErrExist)
	}
	f.mu.live[name] = newInode(nil)
	return f.handleLocked(name, true), nil
}

// Open opens a file for reading.
func (f *Fault) Open(name string) (File, error) { return f.open(name, false) }

// OpenWrite opens a file for reading and writing.
func (f *Fault) OpenWrite(name string) (File, error) { return f.open(name, true) }

func (f *Fault) open(name string, write bool) (File, error) {
	if v := f.judge(OpOpen, name, 0); v.Err != nil {
		return nil, pathError(OpOpen, name, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.live[name] == nil {
		return nil, pathError(OpOpen, name, os.ErrNotExist)
	}
	return f.handleLocked(name, write), nil
}

func (f *Fault) handleLocked(name string, write bool) File {
	return &faultFile{fs: f, name: name, node: f.mu.live[name], epoch: f.mu.epoch, write: write}
}

// Remove removes a name; open files stay readable.
func (f *Fault) Remove(name string) error {
	if v := f.judge(OpRemove, name, 0); v.Err != nil {
		return pathError(OpRemove, name, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.live[name] == nil {
		return pathError(OpRemove, name, os.ErrNotExist)
	}
	delete(f.mu.live, name)
	return nil
}

// SyncDir carries the names in dir to the disk.
func (f *Fault) SyncDir(dir string) error {
	v := f.judge(OpSyncDir, dir, 0)
	if v.Err != nil || v.Lie {
		return pathError(OpSyncDir, dir, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range f.unsyncedNamesLocked() {
		if filepath.Dir(name) == filepath.Clean(dir) {
			f.syncNameLocked(name)
		}
	}
	return nil
}

// faultLock is a held lock.
type faultLock struct {
	fs   *Fault
	name string
}

// Lock takes name; the holder is always this process.
func (f *Fault) Lock(name string) (io.Closer, error) {
	if v := f.judge(OpLock, name, 0); v.Err != nil {
		return nil, pathError(OpLock, name, v.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.locks[name] != nil {
		return nil, &LockedError{Name: name, PID: os.Getpid()}
	}
	l := &faultLock{f, name}
	f.mu.locks[name] = l
	return l, nil
}

// LockThere takes name as Lock does.
func (f *Fault) LockThere(name string) (io.Closer, error) { return f.Lock(name) }

// Close gives the lock back, unless a Crash or a Kill already did.
func (l *faultLock) Close() error {
	l.fs.mu.Lock()
	defer l.fs.mu.Unlock()
	if l.fs.mu.locks[l.name] == l {
		delete(l.fs.mu.locks, l.name)
	}
	return nil
}

// ReadFile returns what a process would read from name, nil where it is not.
func (f *Fault) ReadFile(name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if node := f.mu.live[name]; node != nil {
		return slices.Clone(node.live)
	}
	return nil
}

// WriteFile puts a file there, durably, in place of any other.
func (f *Fault) WriteFile(name string, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	node := newInode(content)
	f.mu.live[name], f.mu.disk[name] = node, node
}

// Flip flips the bits of mask in the byte at offset, in cache and on disk.
func (f *Fault) Flip(name string, offset int64, mask byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	node := f.mu.live[name]
	node.live[offset] ^= mask
	if offset < int64(len(node.disk)) {
		node.disk[offset] ^= mask
	}
}

func pathError(op Op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: string(op), Path: name, Err: err}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
