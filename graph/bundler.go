package graph

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// bundleVersion is the first byte of a bundle. Those of version 1 are read too:
// every trace in them stands for itself alone.
const bundleVersion = 2

// Bundler writes what the traces of one block contribute to graphs into a
// bundle: their tallies, and sums of those of many. It is for one goroutine.
type Bundler struct {
	words   words
	pen     pen
	starts  []int64
	shapes  interner[string] // by key
	columns []columns        // by number of the shape
	shapeOf []uint32         // by row
	groups  interner[string] // 0: the group without a name
	members interner[memberOf]
	sets    interner[string] // of members, as bytes
	setOf   []uint32         // by row
	tally   Tally            // scratch
	key     []byte           // scratch
	least   int              // how many traces have a sum
}

// columns are the durations of all tallies of one shape.
type columns struct {
	back   []int
	values []int64 // tally by tally
}

// memberOf is a Member of which the group has a number.
type memberOf struct {
	group   uint32
	version uint64
}

// NewBundler returns a Bundler without traces.
func NewBundler() *Bundler {
	b := &Bundler{least: sumTraces}
	b.groups.number("")
	return b
}

// largestBundle is how many traces a bundle may have for the memory of its
// numbers to be used again.
const largestBundle = 1 << 14

// Reset begins another bundle, with the memory of the one before, but holds on
// to nothing that was added.
func (b *Bundler) Reset() {
	if len(b.starts) > largestBundle || len(b.columns) > largestBundle {
		*b = *NewBundler()
		return
	}
	b.words.services.reset()
	b.words.pairs.reset()
	b.words.names.reset()
	b.shapes.reset()
	b.groups.reset()
	b.members.reset()
	b.sets.reset()
	b.groups.number("")
	b.pen = pen{}
	b.columns = b.columns[:0]
	b.starts, b.shapeOf, b.setOf = b.starts[:0], b.shapeOf[:0], b.setOf[:0]
}

// addColumns makes room for the durations of another shape.
func (b *Bundler) addColumns(back []int) {
	var values []int64
	if n := len(b.columns); n < cap(b.columns) {
		values = b.columns[:n+1][n].values[:0] // of a bundle before
	}
	b.columns = append(b.columns, columns{back, values})
}

// Len returns how many traces were added.
func (b *Bundler) Len() int { return len(b.starts) }

// Add adds a trace, and the groups that it is a member of. The number of its
// row is how many were added before. rows are not kept.
func (b *Bundler) Add(rows *roentgen.Rows, members ...Member) {
	t := &b.tally
	t.empty()
	b.pen.write(t, &b.words, rows)
	b.key = shapeKey(b.key[:0], t)
	n, ok := b.shapes.numbers[string(b.key)]
	if !ok {
		n = b.shapes.number(string(b.key))
		b.addColumns(guesses(t, b.words.pairs.keys))
	}
	of := &b.columns[n]
	t.durations(func(d *time.Duration) { of.values = append(of.values, int64(*d)) })
	b.starts = append(b.starts, int64(t.start))
	b.shapeOf = append(b.shapeOf, n)
	b.setOf = append(b.setOf, b.set(members))
}

// set returns the number of a set of members.
func (b *Bundler) set(members []Member) uint32 {
	b.key = binary.AppendUvarint(b.key[:0], uint64(len(members)))
	for _, m := range members {
		b.key = binary.AppendUvarint(b.key, uint64(b.members.number(memberOf{b.groups.number(m.Group), m.Version})))
	}
	if n, ok := b.sets.numbers[string(b.key)]; ok {
		return n
	}
	return b.sets.number(string(b.key))
}

// Encode appends the bundle of what was added. Its bytes are drawn in
// docs/format/block-graph.md.
func (b *Bundler) Encode(dst []byte) []byte {
	from := len(dst)
	dst = b.appendTallies(dst)
	x, err := parseTallies(newCursor(dst[from:]))
	if err != nil {
		return append(dst, 0) // no sums: whoever reads it will say what is wrong
	}
	return x.appendSums(dst, b.least)
}

func (b *Bundler) appendTallies(dst []byte) []byte {
	dst = append(dst, bundleVersion)
	dst = binary.AppendUvarint(dst, uint64(len(b.starts)))
	dst = b.appendWords(dst)
	dst = b.appendGroups(dst)
	dst = binary.AppendUvarint(dst, uint64(len(b.columns)))
	for n, key := range b.shapes.keys {
		b.key = appendShape(b.key[:0], []byte(key), b.columns[n].back)
		dst = appendString(dst, string(b.key))
	}
	dst = appendSeries(dst, b.starts)
	dst = appendNumbers(dst, b.shapeOf)
	if len(b.sets.keys) > 1 {
		dst = appendNumbers(dst, b.setOf)
	}
	for n := range b.columns {
		dst = b.columns[n].append(dst)
	}
	return dst
}

func (b *Bundler) appendWords(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(b.words.services.keys)))
	for _, s := range b.words.services.keys {
		dst = appendString(appendString(appendString(dst, s.Name), s.Type), s.AccountID)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.words.pairs.keys)))
	for _, p := range b.words.pairs.keys {
		dst = appendNumbers(dst, []uint32{p.from, p.to})
	}
	return appendStrings(dst, b.words.names.keys)
}

func (b *Bundler) appendGroups(dst []byte) []byte {
	dst = appendStrings(dst, b.groups.keys[1:])
	dst = binary.AppendUvarint(dst, uint64(len(b.members.keys)))
	for _, m := range b.members.keys {
		dst = binary.AppendUvarint(dst, uint64(m.group))
		dst = binary.AppendUvarint(dst, m.version)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.sets.keys)))
	for _, set := range b.sets.keys {
		dst = append(dst, set...)
	}
	return dst
}

func appendStrings(dst []byte, all []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(all)))
	for _, s := range all {
		dst = appendString(dst, s)
	}
	return dst
}

func appendNumbers(dst []byte, all []uint32) []byte {
	for _, n := range all {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// append appends the columns, 256 tallies at a time.
func (c *columns) append(dst []byte) []byte {
	var frames []byte
	column := make([]int64, 0, frameRows)
	width := len(c.back)
	for values := range slices.Chunk(c.values, max(1, frameRows*width)) {
		frames = frames[:0]
		for n, back := range c.back {
			column = column[:0]
			for at := n; at < len(values); at += width {
				v := values[at]
				if back > 0 {
					v -= values[at-back]
				}
				column = append(column, v)
			}
			frames = appendFrame(frames, column)
		}
		dst = binary.AppendUvarint(dst, uint64(len(frames)))
		dst = append(dst, frames...)
	}
	return dst
}
