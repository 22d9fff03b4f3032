package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/wire"
)

// blockAbout is what is in a block.
type blockAbout struct {
	Number       uint64      `json:"number"`
	Level        int         `json:"level"`
	Created      time.Time   `json:"created"`
	Traces       int         `json:"traces"`
	Failing      int         `json:"failing"`
	Documents    int         `json:"documents"` // that stand
	Revision     int         `json:"revision"`  // all distinct ones
	DocumentSize int64       `json:"documentBytes"`
	Spans        int         `json:"spans,omitempty"` // where the block was read through
	Chunks       int         `json:"chunks"`
	First        time.Time   `json:"firstStart"`
	Last         time.Time   `json:"lastStart"`
	Updated      time.Time   `json:"updated"` // last arrival of a document
	Parts        []blockPart `json:"parts,omitempty"`
}

// blockPart is where bytes of a block went.
type blockPart struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	Raw    int64  `json:"decompressed"`
}

// cacheBytes is for one block at a time.
const cacheBytes = 64 << 20

// block says what is in a block.
func (l *look) block(out *storedFile) (err error) {
	f, err := blockfile.Open(vfs.OS{}, out.Path, blockfile.NewCache(cacheBytes))
	if err != nil {
		return notOurs(out, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out.Block = aboutBlock(f)
	if l.trace != nil {
		return l.find(f, out)
	}
	if !l.closely {
		return nil
	}
	out.Block.Parts = partsOf(f)
	out.Block.Spans, err = spansOf(f)
	return err
}

func aboutBlock(f *blockfile.File) *blockAbout {
	m, t := f.Meta(), f.Summary().Totals()
	first, last, _ := f.Summary().Bounds(roentgen.ClockStart)
	return &blockAbout{
		Number: m.Number, Level: m.Level, Created: m.Created.Time(),
		Traces: t.Traces, Failing: t.Failing, Documents: t.Documents, Revision: t.Revision, DocumentSize: t.AllBytes,
		Chunks: f.Chunks(), First: first.Time(), Last: last.Time(), Updated: t.MaxUpdated.Time(),
	}
}

// partsOf lists the chunks as one part, and the parts.
func partsOf(f *blockfile.File) []blockPart {
	parts := f.Parts()
	end := f.Bytes()
	for _, p := range parts {
		end = min(end, p.Offset)
	}
	first, _ := f.Chunk(0)
	out := []blockPart{{"chunks", first.Offset, end - first.Offset, f.Summary().Totals().AllBytes}}
	for _, p := range parts {
		out = append(out, blockPart{p.Name, p.Offset, p.Bytes, p.Raw})
	}
	return out
}

// spansOf counts segments and subsegments, which takes reading all documents.
func spansOf(f *blockfile.File) (spans int, err error) {
	p := wire.NewParser(unlimited)
	var first error
	for s, err := range f.All() {
		for _, d := range s.Docs {
			seg, bad := p.Parse(d.Text)
			if bad != nil {
				err = errors.Join(err, fmt.Errorf("read a document of trace %s: %w", s.ID, bad))
				continue
			}
			seg.Walk(func(*roentgen.Segment) { spans++ })
		}
		if first == nil {
			first = err
		}
	}
	return spans, first
}

// find says where in the block the trace is.
func (l *look) find(f *blockfile.File, out *storedFile) error {
	if !f.Summary().HasTrace(*l.trace) {
		return nil
	}
	x, err := f.Index()
	if err != nil {
		return err
	}
	row, ok := x.Find(*l.trace)
	if !ok {
		return nil
	}
	r := x.Row(row)
	c, _ := f.Chunk(row)
	out.Trace = []string{fmt.Sprintf("row %d of %d: %d documents (%d stand) of %s bytes, in chunk %d of %d bytes at offset %d",
		row, f.Len(), r.Revision, r.Documents, grouped(int64(r.AllBytes)), c.Number, c.Bytes, c.Offset)}
	return nil
}
