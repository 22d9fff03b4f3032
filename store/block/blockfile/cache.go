package blockfile

import (
	"container/list"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/roentgen/roentgen/store/block/chunk"
)

// Cache keeps what was read of blocks, and the files that were opened for it,
// as long as there is room; what was used least recently goes first. It is
// shared by all blocks and safe for many goroutines.
//
// What several goroutines miss at once is loaded once, by the first of them,
// and no lock is held meanwhile. An error of loading is not kept. What is
// larger than the whole cache is handed out and not kept.
type Cache struct {
	maxBytes int64
	zstd     unpacker
	dicts    chunk.Pool // decoders of all chunks
	tails    sync.Pool  // of *[tailBytes]byte, for Open
	handles  handles
	files    atomic.Uint64 // numbers given to Files
	mu       struct {
		sync.Mutex
		entries map[key]*entry
		order   list.List // of *entry that are loaded; front: used last
		stats   Stats
	}
}

// key names an entry: a part of a file that was opened.
type key struct {
	file uint64
	kind kind
}

// entry is something that is kept or being loaded.
type entry struct {
	key   key
	ready chan struct{} // closed once value and err stand
	value any
	size  int64
	err   error
	at    *list.Element // nil: loading, or not kept
	gone  bool          // dropped while it was loaded
}

// Stats counts what a Cache has done and says what is in it.
type Stats struct {
	Hits, Misses, Evictions uint64
	Entries                 int
	Bytes                   int64
	OpenFiles               int
	Opens                   uint64 // of files
}

// openFiles is how many files are kept open at most, beside those that are
// being read at the moment.
const openFiles = 128

// NewCache returns an empty cache for so many bytes.
func NewCache(maxBytes int64) *Cache { return newCache(maxBytes, openFiles) }

func newCache(maxBytes int64, maxFiles int) *Cache {
	c := &Cache{maxBytes: maxBytes, zstd: newUnpacker()}
	c.tails.New = func() any { return new([tailBytes]byte) }
	c.mu.entries = map[key]*entry{}
	c.handles.init(maxFiles)
	return c
}

// Stats returns the counts.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	s := c.mu.stats
	s.Entries = c.mu.order.Len()
	c.mu.Unlock()
	s.OpenFiles, s.Opens = c.handles.counts()
	return s
}

// cached returns what load made, now or earlier. load returns the size in
// bytes too.
func cached[T any](c *Cache, k key, load func() (T, int64, error)) (T, error) {
	e, mine := c.entry(k)
	if mine {
		c.fill(e, func() (any, int64, error) { return load() })
	} else {
		<-e.ready
	}
	if e.err != nil {
		var none T
		return none, e.err
	}
	return e.value.(T), nil
}

// entry finds an entry, or makes one that the caller has to fill.
func (c *Cache) entry(k key) (e *entry, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e = c.mu.entries[k]; e != nil {
		c.mu.stats.Hits++
		if e.at != nil {
			c.mu.order.MoveToFront(e.at)
		}
		return e, false
	}
	c.mu.stats.Misses++
	e = &entry{key: k, ready: make(chan struct{})}
	c.mu.entries[k] = e
	return e, true
}

// fill loads an entry and wakes who waits for it, also where load panics.
func (c *Cache) fill(e *entry, load func() (any, int64, error)) {
	e.err = fmt.Errorf("loading it was broken off")
	defer func() {
		c.keep(e)
		close(e.ready)
	}()
	e.value, e.size, e.err = load()
}

// keep makes room for an entry that was loaded.
func (c *Cache) keep(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.gone {
		return
	}
	if e.err != nil || e.size > c.maxBytes {
		delete(c.mu.entries, e.key)
		return
	}
	e.at = c.mu.order.PushFront(e)
	c.mu.stats.Bytes += e.size
	for c.mu.stats.Bytes > c.maxBytes {
		c.mu.stats.Evictions++
		c.removeLocked(c.mu.order.Back().Value.(*entry))
	}
}

// removeLocked takes an entry out. Who has its value keeps it.
func (c *Cache) removeLocked(e *entry) {
	delete(c.mu.entries, e.key)
	e.gone = true
	if e.at != nil {
		c.mu.order.Remove(e.at)
		c.mu.stats.Bytes -= e.size
	}
}

// forget drops everything of a file.
func (c *Cache) forget(file uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := kindChunks; k <= lastKind; k++ {
		if e := c.mu.entries[key{file, k}]; e != nil {
			c.removeLocked(e)
		}
	}
}
