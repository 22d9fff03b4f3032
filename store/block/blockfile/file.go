package blockfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
)

// File is an open block. It keeps in memory what Open read: the meta, the
// summary, and where the parts and the chunks are. It is safe for many
// goroutines.
type File struct {
	c       *container
	meta    Meta
	summary *index.Summary
}

// Open reads what stays in memory of a block, and checks it: header, table,
// chunk map, meta and summary. The error is a *CorruptError, *ForeignError or
// *VersionError where the file is why, whatever the file holds.
func Open(fs vfs.FS, path string, cache *Cache) (*File, error) {
	f := &File{}
	_, err := openContainer(fs, path, cache, f.load)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) load(c *container, t tail) error {
	f.c = c
	p, b, err := f.c.partIn(t, kindMeta)
	if err != nil {
		return err
	}
	if f.meta, err = parseMeta(b); err != nil {
		return f.c.corrupt(kindMeta.String(), p.offset, err.Error())
	}
	if f.meta.Number != f.c.header.number || f.meta.Created != f.c.header.created {
		return f.c.corrupt(kindMeta.String(), p.offset, "it is of another block than the header")
	}
	if p, b, err = f.c.partIn(t, kindSummary); err != nil {
		return err
	}
	// The tail is used again.
	if f.summary, err = index.ParseSummary(slices.Clone(b)); err != nil {
		return f.c.corrupt(kindSummary.String(), p.offset, err.Error())
	}
	if n := f.summary.Totals().Traces; n != f.c.rows {
		return f.c.corrupt(kindSummary.String(), p.offset, fmt.Sprintf("it counts %d traces and the chunks hold %d", n, f.c.rows))
	}
	return nil
}

// Meta returns what the block says of itself; its positions are nobody's to
// change.
func (f *File) Meta() Meta { return f.meta }

// Summary returns what is known of the block without reading.
func (f *File) Summary() *index.Summary { return f.summary }

// Bytes returns the size of the file.
func (f *File) Bytes() int64 { return f.c.size }

// Path returns where the file is.
func (f *File) Path() string { return f.c.path }

// Len returns how many rows there are.
func (f *File) Len() int { return f.c.rows }

// Parts says what is where in the file, as it lies.
func (f *File) Parts() []Part { return f.c.list() }

// Chunks returns how many chunks there are.
func (f *File) Chunks() int { return f.c.count }

// Chunk says where the documents of a row are; false where there is no such row.
func (f *File) Chunk(row int) (Chunk, bool) {
	p, ok := f.c.chunks.find(row)
	return Chunk{p.number, p.offset, p.length, p.first, p.rows}, ok
}

// Index returns what is known of the rows.
func (f *File) Index() (*index.Index, error) {
	return decoded(f, kindIndex, func(b []byte) (*index.Index, error) {
		x, err := index.Parse(b)
		if err == nil && x.Len() != f.c.rows {
			return nil, fmt.Errorf("it has %d rows and the chunks hold %d", x.Len(), f.c.rows)
		}
		return x, err
	})
}

// Bundle returns what the traces contribute to graphs.
func (f *File) Bundle() (*graph.Bundle, error) { return decoded(f, kindBundle, graph.ParseBundle) }

// dict returns what decodes the chunks.
func (f *File) dict() (*chunk.Dict, error) { return decoded(f, kindDict, f.c.cache.dicts.ParseDict) }

// sized is what can be kept in a Cache.
type sized interface{ Size() int }

// decoded returns what parse makes of a part, from the cache where it is there.
func decoded[T sized](f *File, k kind, parse func([]byte) (T, error)) (T, error) {
	return cached(f.c.cache, key{f.c.id, k}, func() (v T, size int64, err error) {
		p, b, err := f.c.part(k)
		if err != nil {
			return v, 0, err
		}
		if v, err = parse(b); err != nil {
			return v, 0, f.c.corrupt(k.String(), p.offset, err.Error())
		}
		return v, int64(v.Size()), nil
	})
}

// Close forgets what is kept of the block. Reads under way end well or with
// ErrClosed. A second Close does nothing.
func (f *File) Close() error { return f.c.close() }

// Remove closes the block and removes its file, durably.
func (f *File) Remove() error {
	err := errors.Join(f.c.close(), f.c.fs.Remove(f.c.path))
	if err == nil {
		err = f.c.fs.SyncDir(filepath.Dir(f.c.path))
	}
	if err != nil {
		return fmt.Errorf("remove block file %s: %w", f.c.path, err)
	}
	return nil
}
