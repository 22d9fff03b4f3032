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
	Traces int   // rows that the file had; 0 where that is not known
	Rows   []int // those that are saved, ascending
	Lost   []Finding
	// Unknown is true where the index could not be read: groups that had
	// admitted the traces, and that traces were too large, are forgotten then.
	Unknown bool
}

// Salvage calls write with what can be read of a block that may be damaged, as
// traces that Write takes. What write returned is returned, or that the file is
// no block or a newer one. Where nothing can be saved write is not called.
func Salvage(fs vfs.FS, path string, opt Reading, write func(Meta, iter.Seq2[Trace, error]) error) (Saved, error) {
	d, err := openDamaged(fs, path, newCache(0, 1))
	if err != nil {
		return Saved{}, err
	}
	c := d.read()
	s := Saved{Meta: c.meta, Traces: d.rows, Unknown: c.index == nil}
	if c.dict != nil && d.rows > 0 {
		err = write(s.Meta, c.traces(&s, opt))
	}
	if errors.Is(err, ErrNoTraces) {
		err = nil
	}
	for _, e := range d.found {
		s.Lost = append(s.Lost, Finding{e.Part, e.Offset, e.Reason})
	}
	return s, errors.Join(err, d.close())
}

// traces yields the rows that can be read and understood.
func (c *contents) traces(s *Saved, opt Reading) iter.Seq2[Trace, error] {
	return func(yield func(Trace, error) bool) {
		r := opt.rebuilder(c.meta.Created)
		for row := range c.stored() {
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
