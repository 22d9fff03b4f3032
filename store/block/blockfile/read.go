package blockfile

import (
	"errors"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store/block/chunk"
)

// Stored is one row as it was read.
type Stored struct {
	Row  int
	ID   roentgen.TraceID
	Docs []chunk.Doc
}

// Trace returns the documents of a row, in memory of their own.
func (f *File) Trace(row int) ([]chunk.Doc, error) {
	for s, err := range f.Traces(func(yield func(int) bool) { yield(row) }) {
		return s.Docs, err
	}
	return nil, f.noRow(row)
}

// Traces yields the rows that are asked for, which ascend. Each chunk is read
// and decoded once, when the first of its rows is wanted. A row of a chunk that
// is damaged comes with its number and an error, and the loop goes on behind it;
// any other error ends the loop.
func (f *File) Traces(rows iter.Seq[int]) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		r := reader{f: f, yield: yield}
		last := -1
		for row := range rows {
			if row <= last || row >= f.c.rows {
				r.flush()
				r.give(Stored{Row: row}, f.noRow(row))
				return
			}
			if last = row; !r.want(row) {
				return
			}
		}
		r.flush()
	}
}

// All yields every row, as Traces does.
func (f *File) All() iter.Seq2[Stored, error] {
	return f.Traces(func(yield func(int) bool) {
		for row := 0; row < f.c.rows && yield(row); row++ {
		}
	})
}

func (f *File) noRow(row int) error {
	return fmt.Errorf("read row %d of block file %s: it has %d, and they are read in ascending order", row, f.c.path, f.c.rows)
}

// reader gathers the wanted rows of one chunk and then reads it.
type reader struct {
	f     *File
	yield func(Stored, error) bool
	at    place
	rows  []int // wanted, of chunk at
	done  bool  // nobody listens any more, or the loop has failed
}

// errStop ends decoding because the loop was left.
var errStop = errors.New("the loop was left")

// want notes a row, and reads what was noted before where it lies in another
// chunk. It returns false when the loop is over.
func (r *reader) want(row int) bool {
	if len(r.rows) > 0 && row >= r.at.first+r.at.rows {
		r.flush()
	}
	if len(r.rows) == 0 {
		r.at, _ = r.f.c.chunks.find(row)
	}
	r.rows = append(r.rows, row)
	return !r.done
}

func (r *reader) give(s Stored, err error) {
	if !r.done && !r.yield(s, err) {
		r.done = true
	}
}

// flush reads the wanted rows.
func (r *reader) flush() {
	if r.done || len(r.rows) == 0 {
		return
	}
	err := r.read()
	var damage *CorruptError
	for _, row := range r.rows { // those that were not given
		r.give(Stored{Row: row}, err)
		if !errors.As(err, &damage) {
			r.done = true
		}
	}
	r.rows = r.rows[:0]
}

// read decodes the chunk from the first wanted row to the last and leaves in
// rows those that it could not give.
func (r *reader) read() error {
	d, err := r.f.dict()
	if err != nil {
		return err
	}
	b, err := r.f.c.chunk(r.at)
	if err != nil {
		return err
	}
	from, to := r.rows[0]-r.at.first, r.rows[len(r.rows)-1]-r.at.first+1
	err = d.Decode(b, from, to, r.row)
	if err == errStop {
		return nil
	}
	if err == nil && len(r.rows) > 0 {
		err = fmt.Errorf("row %d is not in it", r.rows[0])
	}
	if err != nil {
		return r.f.c.corrupt("chunk", r.at.offset, err.Error())
	}
	return nil
}

// row takes row n of the chunk.
func (r *reader) row(n int, id roentgen.TraceID, docs []chunk.Doc) error {
	if r.at.first+n != r.rows[0] {
		return nil // between two that are wanted
	}
	r.rows = r.rows[1:]
	r.give(Stored{r.at.first + n, id, docs}, nil)
	if r.done {
		return errStop
	}
	return nil
}
