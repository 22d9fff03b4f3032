package blockfile

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// container is an open file as far as its parts go: where they are, not what is
// in them.
type container struct {
	fs     vfs.FS
	path   string
	id     uint64 // in the cache
	cache  *Cache
	size   int64
	header header
	seed   uint32
	parts  [lastKind + 1]part
	chunks chunkMap
	count  int // of chunks
	rows   int
	closed atomic.Bool
}

// tailBytes is read at the end of a file in one call: for blocks of the usual
// size trailer, table, meta, summary and chunk map are in it.
const tailBytes = 40 << 10

// tail is the end of a file, while it is opened.
type tail struct {
	b  []byte
	at int64 // offset of b
}

// openContainer reads header, trailer, table and chunk map, and lets load, where
// it is not nil, read more of the tail, which nobody may keep.
func openContainer(fs vfs.FS, path string, cache *Cache, load func(*container, tail) error) (*container, error) {
	c := &container{fs: fs, path: path, cache: cache, id: cache.files.Add(1)}
	buf := cache.tails.Get().(*[tailBytes]byte)
	defer cache.tails.Put(buf)
	t, err := c.open(buf[:])
	if err == nil && load != nil {
		err = load(c, t)
	}
	if err != nil {
		_ = c.close() // it was only read, and there is a better error
		return nil, err
	}
	return c, nil
}

func (c *container) open(buf []byte) (t tail, err error) {
	err = c.with(func(f vfs.File) error {
		if c.size, err = f.Size(); err != nil {
			return fmt.Errorf("ask for the size of block file %s: %w", c.path, err)
		}
		if err := c.readHead(f); err != nil {
			return err
		}
		t = tail{buf[:min(c.size, tailBytes)], max(0, c.size-tailBytes)}
		if n, err := f.ReadAt(t.b, t.at); n < len(t.b) {
			return readError(c.path, t.at, "trailer", err)
		}
		return nil
	})
	if err == nil {
		err = c.readTable(t)
	}
	return t, err
}

// readHead acts on what the file's first bytes say that it is.
func (c *container) readHead(f vfs.File) error {
	h, err := readHeader(f, c.path, c.size)
	switch {
	case err != nil:
		return err
	case h.state == headerForeign:
		return &ForeignError{c.path}
	case h.state == headerNewer:
		return &VersionError{File: c.path, Version: h.version}
	case h.state == headerCut:
		return c.corrupt("header", 0, "the file is cut short: it ends inside its header, or was never written")
	case h.state == headerDamaged:
		return c.corrupt("header", 0, "its checksum does not hold")
	}
	c.header, c.seed = h.header, h.stored
	return nil
}

func (c *container) readTable(t tail) error {
	end, reason := parseTrailer(t.b, c.size)
	if reason == "" && end.seed != c.seed {
		reason = "it belongs to another block than the header"
	}
	if reason != "" {
		return c.corrupt("trailer", max(0, c.size-trailerSize), reason)
	}
	b, err := c.bytes(t, "table", end.table, end.length)
	if err != nil {
		return err
	}
	if checkOf(c.seed, end.table, b) != end.check {
		return c.corrupt("table", end.table, "its checksum does not hold")
	}
	parts, err := parseTable(b, end.table)
	if err == nil {
		c.parts, err = known(parts)
	}
	if err != nil {
		return c.corrupt("table", end.table, err.Error())
	}
	for _, p := range c.parts[kindChunks:] {
		if p.flags&^flagZstd != 0 {
			return &VersionError{File: c.path, Part: p.kind.String()}
		}
	}
	return c.readChunkMap(t, parts[0].offset)
}

// readChunkMap reads where the chunks are, between the header and end.
func (c *container) readChunkMap(t tail, end int64) error {
	p, b, err := c.partIn(t, kindChunks)
	if err != nil {
		return err
	}
	if c.chunks, c.count, c.rows, err = parseChunkMap(b, end); err != nil {
		return c.corrupt(p.kind.String(), p.offset, err.Error())
	}
	return nil
}

// list names the parts that are there, as they lie.
func (c *container) list() (all []Part) {
	for _, p := range c.parts {
		if p.kind != 0 {
			all = append(all, Part{p.kind.String(), p.offset, p.length, p.raw})
		}
	}
	slices.SortFunc(all, func(a, b Part) int { return cmp.Compare(a.Offset, b.Offset) })
	return all
}

// part reads a part, holds it against its checksum and decompresses it.
func (c *container) part(k kind) (part, []byte, error) { return c.partIn(tail{at: c.size}, k) }

// partIn is part, where it may have been read already.
func (c *container) partIn(t tail, k kind) (part, []byte, error) {
	p := c.parts[k]
	b, err := c.bytes(t, k.String(), p.offset, p.length)
	if err != nil {
		return p, nil, err
	}
	if checkOf(c.seed, p.offset, b) != p.check {
		return p, nil, c.corrupt(k.String(), p.offset, "its checksum does not hold")
	}
	if b, err = c.cache.zstd.unpack(p, b); err != nil {
		return p, nil, c.corrupt(k.String(), p.offset, err.Error())
	}
	return p, b, nil
}

// chunk reads a chunk and holds it against its checksum.
func (c *container) chunk(p place) ([]byte, error) {
	b, err := c.bytes(tail{at: c.size}, "chunk", p.offset, int64(p.length)+checkSize)
	if err != nil {
		return nil, err
	}
	b, stored := b[:p.length], binary.LittleEndian.Uint32(b[p.length:])
	if checkOf(c.seed, p.offset, b) != stored {
		return nil, c.corrupt("chunk", p.offset, "its checksum does not hold")
	}
	return b, nil
}

// bytes returns n bytes of the file, from the tail where they are in it.
func (c *container) bytes(t tail, what string, offset, n int64) ([]byte, error) {
	if offset >= t.at {
		return t.b[offset-t.at:][:n:n], nil
	}
	b := make([]byte, n)
	if n == 0 {
		return b, nil
	}
	err := c.with(func(f vfs.File) error {
		if got, err := f.ReadAt(b, offset); got < len(b) {
			return readError(c.path, offset, what, err)
		}
		return nil
	})
	return b, err
}

// with hands the open file to fn.
func (c *container) with(fn func(vfs.File) error) error {
	if c.closed.Load() {
		return fmt.Errorf("read block file %s: %w", c.path, ErrClosed)
	}
	h, err := c.cache.handles.take(c.id, func() (vfs.File, error) { return c.fs.Open(c.path) })
	if err != nil {
		return fmt.Errorf("open block file: %w", err)
	}
	defer c.cache.handles.put(h)
	if c.closed.Load() { // meanwhile: nobody else would close what was opened
		return errors.Join(fmt.Errorf("read block file %s: %w", c.path, ErrClosed), c.cache.handles.forget(c.id))
	}
	return fn(h.f)
}

func (c *container) corrupt(what string, offset int64, reason string) *CorruptError {
	return &CorruptError{c.path, offset, what, reason}
}

// close forgets what is kept of the file. A second close does nothing.
func (c *container) close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.cache.forget(c.id)
	if err := c.cache.handles.forget(c.id); err != nil {
		return fmt.Errorf("close block file %s: %w", c.path, err)
	}
	return nil
}
