package blockfile

import (
	"container/list"
	"errors"
	"sync"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// handles are the open files of all blocks. At most max are kept open; a file
// that is being read stays open besides, so there are at most so many more as
// there are goroutines that read.
type handles struct {
	max int
	mu  struct {
		sync.Mutex
		open  map[uint64]*handle
		idle  list.List // of *handle that nobody reads; front: used last
		opens uint64
	}
}

// handle is one open file; the lock of handles guards it.
type handle struct {
	file  uint64
	f     vfs.File
	users int
	idle  *list.Element // nil while it has users
	gone  bool          // the last user closes it
}

func (h *handles) init(max int) { h.max, h.mu.open = max, map[uint64]*handle{} }

func (h *handles) counts() (open int, opens uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.mu.open), h.mu.opens
}

// take returns the open file, which the caller gives back with put. open opens
// it, under no lock: several may do so at once, and one of them stays.
func (h *handles) take(file uint64, open func() (vfs.File, error)) (*handle, error) {
	if x := h.use(file, nil); x != nil {
		return x, nil
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	x := h.use(file, f)
	if x.f != f {
		return x, errors.Join(f.Close(), h.close(h.trim()))
	}
	// An error of closing some other file, which was only read, is no news for
	// the reader of this one.
	_ = h.close(h.trim())
	return x, nil
}

// use finds the handle, or makes one of f where f is not nil.
func (h *handles) use(file uint64, f vfs.File) *handle {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.mu.open[file]
	if x == nil && f != nil {
		x = &handle{file: file, f: f}
		h.mu.open[file] = x
		h.mu.opens++
	}
	if x == nil {
		return nil
	}
	x.users++
	if x.idle != nil {
		h.mu.idle.Remove(x.idle)
		x.idle = nil
	}
	return x
}

// put gives a handle back.
func (h *handles) put(x *handle) {
	h.mu.Lock()
	x.users--
	last := x.users == 0
	if last && !x.gone {
		x.idle = h.mu.idle.PushFront(x)
	}
	drop := last && x.gone
	h.mu.Unlock()
	if drop {
		_ = x.f.Close() // it was only read
	}
	_ = h.close(h.trim())
}

// trim takes out the idle files that are too many.
func (h *handles) trim() (old []*handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.mu.open) > h.max && h.mu.idle.Len() > 0 {
		x := h.mu.idle.Remove(h.mu.idle.Back()).(*handle)
		delete(h.mu.open, x.file)
		old = append(old, x)
	}
	return old
}

func (h *handles) close(old []*handle) error {
	var errs []error
	for _, x := range old {
		errs = append(errs, x.f.Close())
	}
	return errors.Join(errs...)
}

// forget closes the file, at once or when its last user puts it back.
func (h *handles) forget(file uint64) error {
	h.mu.Lock()
	x := h.mu.open[file]
	if x == nil {
		h.mu.Unlock()
		return nil
	}
	delete(h.mu.open, file)
	x.gone = true
	if x.idle != nil {
		h.mu.idle.Remove(x.idle)
		x.idle = nil
	}
	idle := x.users == 0
	h.mu.Unlock()
	if idle {
		return x.f.Close()
	}
	return nil
}
