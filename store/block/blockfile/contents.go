package blockfile

import (
	"errors"
	"fmt"
	"iter"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/store/block/chunk"
	"github.com/roentgen/roentgen/store/block/index"
)

// contents is what can be read of the parts of a file that may be damaged; nil
// is what cannot.
type contents struct {
	*damaged
	meta    Meta
	dict    *chunk.Dict
	index   *index.Index
	summary *index.Summary
	bundle  *graph.Bundle
}

// read parses each part and notes what is wrong.
func (d *damaged) read() *contents {
	c := &contents{damaged: d, meta: Meta{Number: d.header.number, Created: d.header.created}}
	if m := twice(d, kindMeta, func(b []byte) (*Meta, error) { m, err := parseMeta(b); return &m, err }); m != nil {
		c.meta = *m
		if d.headed && (m.Number != d.header.number || m.Created != d.header.created) {
			d.note(kindMeta.String(), d.parts[kindMeta].offset, "it is of another block than the header")
		}
	}
	parsed(d, kindCopy, func(b []byte) (*spare, error) {
		s, ok := parseSpare(b, d.parts[kindCopy].offset)
		if !ok {
			return nil, errors.New("it is not what its checksum says")
		}
		return s, nil
	})
	c.dict = twice(d, kindDict, chunk.ParseDict)
	c.index = parsed(d, kindIndex, index.Parse)
	c.summary = parsed(d, kindSummary, index.ParseSummary)
	c.bundle = parsed(d, kindBundle, graph.ParseBundle)
	if c.index != nil && c.chunks != nil && c.index.Len() != d.rows {
		d.note(kindIndex.String(), d.parts[kindIndex].offset, fmt.Sprintf("it has %d rows and the chunks hold %d", c.index.Len(), d.rows))
		c.index = nil
	}
	if c.summary != nil && c.chunks != nil && c.summary.Totals().Traces != d.rows {
		d.note(kindSummary.String(), d.parts[kindSummary].offset, fmt.Sprintf("it counts %d traces and the chunks hold %d", c.summary.Totals().Traces, d.rows))
	}
	return c
}

// twice is parsed for a part that stands in the copy too.
func twice[T any](d *damaged, k kind, parse func([]byte) (*T, error)) *T {
	if v := parsed(d, k, parse); v != nil {
		return v
	}
	s := d.spare()
	if s == nil {
		return nil
	}
	b := s.meta
	if k == kindDict {
		b = s.dict
	}
	v, err := parse(b)
	if err != nil {
		d.note("copy", s.offset, err.Error())
		return nil
	}
	return v
}

func parsed[T any](d *damaged, k kind, parse func([]byte) (*T, error)) *T {
	if d.parts[k].kind == 0 {
		return nil // known has said so
	}
	_, b, err := d.part(k)
	var v *T
	if err == nil {
		v, err = parse(b)
	}
	if err != nil {
		d.report(k.String(), d.parts[k].offset, err)
		return nil
	}
	return v
}

// stored yields the rows that can be read, in order, and notes those that cannot.
func (c *contents) stored() iter.Seq[Stored] {
	return func(yield func(Stored) bool) {
		if c.dict == nil {
			return
		}
		for p := range c.chunks.all {
			if !c.chunkRows(p, yield) {
				return
			}
		}
	}
}

// chunkRows yields what a chunk holds.
func (c *contents) chunkRows(p place, yield func(Stored) bool) bool {
	next := 0
	b, err := c.chunk(p)
	if err == nil {
		err = c.dict.Decode(b, 0, p.rows, func(n int, id roentgen.TraceID, docs []chunk.Doc) error {
			if next = n + 1; !yield(Stored{p.first + n, id, docs}) {
				return errStop
			}
			return nil
		})
	}
	if err == errStop {
		return false
	}
	if err == nil && next < p.rows {
		err = errors.New("it holds fewer rows than the map of the chunks says")
	}
	if err != nil {
		c.report("chunk", p.offset, err)
	}
	return true
}
