package blockfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
)

// Trace is what becomes one row of a block.
type Trace struct {
	Row  index.Row
	Rows *roentgen.Rows // of graph.Fold at Meta.Created
	Docs []chunk.Doc    // all distinct ones
}

// Options of writing. The zero Options work.
type Options struct {
	// ChunkBytes is how many bytes of documents go into a chunk, of which a
	// reader of one trace reads all. Default 96 KiB.
	ChunkBytes int
	// Scratch is used again; nil: one is made.
	Scratch *Scratch
}

// Scratch is what writing needs and can be used for one block after the other,
// by one goroutine at a time: to make it costs as much as a small block. The zero
// Scratch is ready.
type Scratch struct {
	zstd   packer
	chunks *chunk.Encoder
	index  *index.Builder
	graph  *graph.Bundler
	buf    []byte // of what goes to the disk in one call
	part   []byte // of what becomes a part
}

// ready makes what is missing, and empties what was used.
func (s *Scratch) ready() (err error) {
	if s.zstd.Encoder == nil {
		s.zstd, err = newPacker()
		s.chunks, s.index, s.graph = chunk.NewEncoder(), index.NewBuilder(), graph.NewBundler()
		return err
	}
	s.chunks.Reset()
	s.index.Reset()
	s.graph.Reset()
	return nil
}

// mostKept is how large a buffer is kept for the next block.
const mostKept = 4 << 20

// keep takes back what was lent to a writer.
func (s *Scratch) keep(buf, part []byte) {
	s.graph.Reset() // names share memory with whole documents
	if s.buf = buf[:0]; cap(buf) > mostKept {
		s.buf = nil
	}
	if s.part = part[:0]; cap(part) > mostKept {
		s.part = nil
	}
}

const chunkBytes = 96 << 10

// Info is what was written.
type Info struct {
	Bytes     int64 // of the file
	Traces    int
	Documents int   // distinct
	Raw       int64 // bytes of those documents
	Chunks    int
}

// Write writes a block to path, which must not exist, and makes it durable.
// traces come newest start first, at equal starts the lower id first, and are
// used up before the next is asked for; an error among them ends the writing
// and is returned. Memory is what the parts need and about one chunk.
//
// On an error the file is removed as far as that is possible. vfs.IsNoSpace
// tells a full disk.
func Write(fs vfs.FS, path string, meta Meta, traces iter.Seq2[Trace, error], opt Options) (Info, error) {
	w, err := newWriter(opt)
	if err != nil {
		return Info{}, err
	}
	f, err := fs.Create(path)
	if err != nil {
		return Info{}, fmt.Errorf("create block file: %w", err)
	}
	w.out.f = f
	err = errors.Join(w.write(meta, traces), f.Close())
	w.scratch.keep(w.out.buf, w.part)
	if err == nil {
		err = fs.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return Info{}, fmt.Errorf("write block file %s: %w", path, errors.Join(err, discard(fs, path)))
	}
	return w.info, nil
}

// discard removes a file that did not become one.
func discard(fs vfs.FS, path string) error {
	return errors.Join(fs.Remove(path), fs.SyncDir(filepath.Dir(path)))
}

// writer makes one block.
type writer struct {
	opt     Options
	out     out
	info    Info
	scratch *Scratch
	chunks  *chunk.Encoder
	index   *index.Builder
	graph   *graph.Bundler
	part    []byte // scratch of finish
	open    int    // traces in the open chunk
	last    rank
}

func newWriter(opt Options) (*writer, error) {
	if opt.ChunkBytes <= 0 {
		opt.ChunkBytes = chunkBytes
	}
	s := opt.Scratch
	if s == nil {
		s = &Scratch{}
	}
	err := s.ready()
	return &writer{
		opt: opt, out: out{zstd: s.zstd, buf: s.buf}, scratch: s,
		chunks: s.chunks, index: s.index, graph: s.graph, part: s.part,
	}, err
}

func (w *writer) write(meta Meta, traces iter.Seq2[Trace, error]) error {
	w.out.begin(header{number: meta.Number, created: meta.Created, minor: formatMinor})
	for t, err := range traces {
		if err != nil {
			return err
		}
		if err := w.add(t); err != nil {
			return fmt.Errorf("trace %s: %w", t.Row.ID, err)
		}
	}
	if w.info.Traces == 0 {
		return ErrNoTraces
	}
	return w.finish(meta)
}

// add adds a row.
func (w *writer) add(t Trace) error {
	if err := w.inOrder(t.Row); err != nil {
		return err
	}
	w.chunks.Trace(t.Row.ID, t.Docs)
	w.index.Add(t.Row, t.Rows)
	w.graph.Add(t.Rows, t.Row.Members...)
	w.open++
	w.info.Traces++
	w.info.Documents += len(t.Docs)
	for _, d := range t.Docs {
		w.info.Raw += int64(len(d.Text))
	}
	if w.chunks.Raw() < w.opt.ChunkBytes {
		return nil
	}
	return w.cut()
}

// inOrder refuses a trace that does not come behind the one before it.
func (w *writer) inOrder(r index.Row) error {
	if w.info.Traces > 0 {
		order := cmp.Or(cmp.Compare(w.last.start, r.Start), bytes.Compare(r.ID[:], w.last.id[:]))
		if order <= 0 {
			return fmt.Errorf("its start %d does not come behind %d of trace %s", r.Start, w.last.start, w.last.id)
		}
	}
	w.last = rank{r.Start, r.ID}
	return nil
}

// rank is what rows are ordered by.
type rank struct {
	start roentgen.Time
	id    roentgen.TraceID
}

func (w *writer) cut() error {
	rows := w.open
	w.open = 0
	w.info.Chunks++
	return w.out.chunk(rows, w.chunks.Cut)
}

// finish adds the parts.
func (w *writer) finish(meta Meta) error {
	if w.open > 0 {
		if err := w.cut(); err != nil {
			return err
		}
	}
	dict, about := w.chunks.Dict(nil), meta.append(nil)
	if err := w.out.copy(dict, about); err != nil {
		return err
	}
	for _, p := range []struct {
		kind   kind
		append func([]byte) []byte
	}{
		{kindIndex, w.index.Encode}, {kindBundle, w.graph.Encode},
		{kindDict, func(b []byte) []byte { return append(b, dict...) }},
		{kindSummary, w.index.Summary},
		{kindMeta, func(b []byte) []byte { return append(b, about...) }},
	} {
		w.part = p.append(w.part[:0])
		if err := w.out.part(p.kind, w.part); err != nil {
			return err
		}
	}
	err := w.out.end()
	w.info.Bytes = w.out.at()
	return err
}
