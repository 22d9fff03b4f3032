package blockfile

import (
	"errors"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Saved is what can be read of a file that may be damaged.
type Saved struct {
	Meta   Meta
	Traces int       // rows that the file had; 0 where that is not known
	Rows   []int     // of the traces that were written, as they were, ascending
	Damage []Finding // what is wrong with the file
	// Forgotten is true where the index could not be read: which groups had
	// admitted the traces, and which were too large, is lost then.
	Forgotten bool
}

// Salvage calls write with what can be read of a block that may be damaged, as
// traces that Write takes: of the rows that keep lets through, nil for all. What
// write returned is returned, but for ErrNoTraces, or that the file is no block
// or a newer one. Where nothing can be saved write is not called.
func Salvage(fs vfs.FS, path string, opt Reading, keep func(row int) bool, write func(Meta, iter.Seq2[Trace, error]) error) (Saved, error) {
	d, err := openDamaged(fs, path, newCache(0, 1))
	if err != nil {
		return Saved{}, err
	}
	c := d.read()
	s := Saved{Meta: c.meta, Traces: d.rows, Forgotten: c.index == nil}
	if c.dict != nil && d.rows > 0 {
		err = write(s.Meta, c.traces(&s, opt, keep))
	}
	if errors.Is(err, ErrNoTraces) {
		err = nil
	}
	for _, e := range d.found {
		s.Damage = append(s.Damage, Finding{e.Part, e.Offset, e.Reason})
	}
	return s, errors.Join(err, d.close())
}

// traces yields the rows that can be read and understood.
func (c *contents) traces(s *Saved, opt Reading, keep func(int) bool) iter.Seq2[Trace, error] {
	return func(yield func(Trace, error) bool) {
		r := opt.rebuilder(c.meta.Created)
		for row := range c.stored() {
			if keep != nil && !keep(row.Row) {
				continue
			}
			t, err := r.trace(row.ID, row.Docs)
			if err != nil {
				at, _ := c.chunks.find(row.Row)
				c.note("chunk", at.offset, fmt.Sprintf("row %d, trace %s, cannot be read: %v", row.Row, row.ID, err))
				continue
			}
			if c.index != nil {
				has := c.index.Row(row.Row)
				t.Row.Limited, t.Row.Members = has.Limited, has.Members
			}
			s.Rows = append(s.Rows, row.Row)
			if !yield(t, nil) {
				return
			}
		}
	}
}
