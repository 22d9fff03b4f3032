package vfs

import (
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
)

const sectorBytes = 512

// inode is a file's content, twice. Fault's lock guards it.
type inode struct {
	live  []byte         // the page cache
	disk  []byte         // what a power cut leaves
	dirty map[int64]bool // sectors that the next Sync carries over
}

func newInode(content []byte) *inode {
	return &inode{live: slices.Clone(content), disk: slices.Clone(content), dirty: map[int64]bool{}}
}

// touch marks the sectors of [from, to) dirty.
func (n *inode) touch(from, to int64) {
	for s := from / sectorBytes; s*sectorBytes < to; s++ {
		n.dirty[s] = true
	}
}

func (n *inode) writeAt(p []byte, off int64) {
	if grow := off + int64(len(p)) - int64(len(n.live)); grow > 0 {
		n.touch(int64(len(n.live)), off+int64(len(p)))
		n.live = append(n.live, make([]byte, grow)...)
	}
	copy(n.live[off:], p)
	n.touch(off, off+int64(len(p)))
}

func (n *inode) truncate(size int64) {
	n.touch(min(size, int64(len(n.live))), max(size, int64(len(n.live))))
	n.live = resize(n.live, size)
}

// sync carries the length and the dirty sectors to the disk.
func (n *inode) sync() {
	n.disk = resize(n.disk, int64(len(n.live)))
	for s := range n.dirty {
		n.carry(s)
	}
	clear(n.dirty)
}

// carry copies one sector, as far as both lengths go.
func (n *inode) carry(s int64) {
	from := min(s*sectorBytes, int64(len(n.live)), int64(len(n.disk)))
	to := min((s+1)*sectorBytes, int64(len(n.live)), int64(len(n.disk)))
	copy(n.disk[from:to], n.live[from:to])
}

// crash leaves the disk, and by chance some of what was dirty: any length
// between the old and the new, any of the sectors.
func (n *inode) crash(loss Loss, r *rand.Rand) {
	if loss == LoseSome {
		low, high := min(len(n.disk), len(n.live)), max(len(n.disk), len(n.live))
		n.disk = resize(n.disk, int64(keptLength(low, high, r)))
		for _, s := range slices.Sorted(maps.Keys(n.dirty)) {
			if r.IntN(2) == 0 {
				n.carry(s)
			}
		}
	}
	n.live = slices.Clone(n.disk)
	clear(n.dirty)
}

// keptLength favours the two ends, which are the likely ones.
func keptLength(low, high int, r *rand.Rand) int {
	switch r.IntN(3) {
	case 0:
		return low
	case 1:
		return high
	}
	return low + r.IntN(high-low+1)
}

// resize cuts b or grows it with zeros.
func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size:size]
	}
	return append(slices.Clip(b), make([]byte, size-int64(len(b)))...)
}

// faultFile is an open file; closed is guarded by the file system's lock.
type faultFile struct {
	fs     *Fault
	name   string
	node   *inode
	epoch  int
	write  bool
	closed bool
}

// usableLocked says why the handle cannot be used.
func (h *faultFile) usableLocked(op Op) error {
	switch {
	case h.closed:
		return pathError(op, h.name, os.ErrClosed)
	case h.epoch != h.fs.mu.epoch:
		return pathError(op, h.name, errPowerOff)
	}
	return nil
}

func (h *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if v := h.fs.judge(OpRead, h.name, len(p)); v.Err != nil {
		return 0, pathError(OpRead, h.name, v.Err)
	}
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.usableLocked(OpRead); err != nil {
		return 0, err
	}
	if off > int64(len(h.node.live)) {
		return 0, io.EOF
	}
	n := copy(p, h.node.live[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *faultFile) WriteAt(p []byte, off int64) (int, error) {
	v := h.fs.judge(OpWrite, h.name, len(p))
	if v.Err != nil {
		p = p[:min(v.Short, len(p))]
	}
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.writableLocked(OpWrite); err != nil {
		return 0, err
	}
	if len(p) > 0 {
		h.node.writeAt(p, off)
	}
	return len(p), pathError(OpWrite, h.name, v.Err)
}

func (h *faultFile) writableLocked(op Op) error {
	if !h.write {
		return pathError(op, h.name, os.ErrPermission)
	}
	return h.usableLocked(op)
}

func (h *faultFile) Truncate(size int64) error {
	if v := h.fs.judge(OpTruncate, h.name, 0); v.Err != nil {
		return pathError(OpTruncate, h.name, v.Err)
	}
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.writableLocked(OpTruncate); err != nil {
		return err
	}
	h.node.truncate(size)
	return nil
}

func (h *faultFile) Size() (int64, error) {
	if v := h.fs.judge(OpSize, h.name, 0); v.Err != nil {
		return 0, pathError(OpSize, h.name, v.Err)
	}
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	return int64(len(h.node.live)), h.usableLocked(OpSize)
}

// Sync that fails forgets what was dirty: see File.Sync. With the power off
// nothing is forgotten, because then the kernel is gone too.
func (h *faultFile) Sync() error {
	v := h.fs.judge(OpSync, h.name, 0)
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.usableLocked(OpSync); err != nil {
		return err
	}
	switch {
	case h.fs.mu.down || v.Lie:
	case v.Err != nil:
		clear(h.node.dirty)
	default:
		h.node.sync()
	}
	return pathError(OpSync, h.name, v.Err)
}

func (h *faultFile) Close() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.usableLocked("close"); err != nil {
		return err
	}
	h.closed = true
	return nil
}
