package graph

import (
	"fmt"

	"github.com/roentgen/roentgen"
)

// Bundle is what the traces of one block contribute to graphs, as a Bundler
// wrote it. It is not changed, and for many goroutines. It stays in the bytes
// that it came in; tallies are decoded when somebody asks for them.
type Bundle struct {
	vocabulary
	version byte
	rows    int
	groups  []string // 0: the group without a name
	members []memberOf
	sets    [][]uint32 // of members, by number
	shapes  [][]byte
	starts  series
	shapeOf []byte     // a number for each row
	setOf   []byte     // a number for each row; nil: there is one set only
	frames  [][][]byte // of each shape, those of 256 tallies at a time
	sums    []storedSum
	size    int
}

// ParseBundle returns the bundle in b, which it keeps. What is wrong with b it
// says in an error: afterwards nothing is.
func ParseBundle(b []byte) (*Bundle, error) {
	c := newCursor(b)
	x, err := parseTallies(c)
	if err != nil {
		return nil, err
	}
	x.parseSums(c)
	if c.left() > 0 {
		c.fail("%d bytes too many", c.left())
	}
	if c.err != nil {
		return nil, c.err
	}
	x.size += len(b)
	return x, nil
}

// parseTallies takes all of a bundle but its sums.
func parseTallies(c *cursor) (*Bundle, error) {
	x := &Bundle{version: c.byte()}
	if c.err == nil && (x.version == 0 || x.version > bundleVersion) {
		return nil, fmt.Errorf("read graph bundle: it has version %d, and this program knows those up to %d: use the program that wrote it, or a newer one", x.version, bundleVersion)
	}
	x.rows = c.count(1)
	x.parseWords(c)
	x.parseGroups(c)
	x.parseShapes(c)
	x.starts = c.series(x.rows)
	tallies := make([]int, len(x.shapes))
	x.shapeOf = c.numbers(x.rows, len(x.shapes), func(n uint32) { tallies[n]++ })
	if len(x.sets) > 1 {
		x.setOf = c.numbers(x.rows, len(x.sets), func(uint32) {})
	}
	x.parseFrames(c, tallies)
	return x, c.err
}

// Len returns how many traces the bundle has.
func (x *Bundle) Len() int { return x.rows }

// Size returns about how many bytes of memory the bundle takes.
func (x *Bundle) Size() int { return x.size }

const (
	stringBytes = 16 // of a string, without its text
	sliceBytes  = 24
)

func (x *Bundle) parseWords(c *cursor) {
	x.services = make([]roentgen.ServiceID, c.count(3))
	for i := range x.services {
		x.services[i] = roentgen.ServiceID{Name: c.string(), Type: c.string(), AccountID: c.string()}
		x.size += 3*stringBytes + len(x.services[i].Name) + len(x.services[i].Type) + len(x.services[i].AccountID)
	}
	x.pairs = make([]pair, c.count(2))
	for i := range x.pairs {
		x.pairs[i] = pair{c.below(len(x.services)), c.below(len(x.services))}
	}
	x.names = make([]string, c.count(1))
	for i := range x.names {
		x.names[i] = c.string()
		x.size += stringBytes + len(x.names[i])
	}
	x.size += 8 * len(x.pairs)
}

func (x *Bundle) parseGroups(c *cursor) {
	x.groups = make([]string, 1+c.count(1))
	for i := range x.groups[1:] {
		x.groups[1+i] = c.string()
	}
	x.members = make([]memberOf, c.count(2))
	for i := range x.members {
		x.members[i] = memberOf{c.below(len(x.groups)), c.uvarint()}
	}
	x.sets = make([][]uint32, c.count(1))
	for i := range x.sets {
		x.sets[i] = make([]uint32, c.count(1))
		for k := range x.sets[i] {
			x.sets[i][k] = c.below(len(x.members))
		}
		x.size += sliceBytes + 4*len(x.sets[i])
	}
	if x.rows > 0 && len(x.sets) == 0 {
		c.fail("rows without a set of members")
	}
	x.size += stringBytes*len(x.groups) + 16*len(x.members)
}

func (x *Bundle) parseShapes(c *cursor) {
	x.shapes = make([][]byte, c.count(1))
	r := shapeReader{}
	for i := range x.shapes {
		x.shapes[i] = c.bytes(c.uvarint())
		if shape := newCursor(x.shapes[i]); c.err == nil {
			if r.read(shape, x); shape.err != nil || shape.left() > 0 {
				c.fail("shape %d of %d bytes, %d too many: %v", i, len(x.shapes[i]), shape.left(), shape.err)
			}
		}
	}
	x.size += sliceBytes * len(x.shapes)
}

// numbers takes n numbers below limit as the bytes that they are in.
func (c *cursor) numbers(n, limit int, fn func(uint32)) []byte {
	from := c.at
	for ; n > 0 && c.err == nil; n-- {
		if v := c.below(limit); c.err == nil {
			fn(v)
		}
	}
	return c.since(from)
}

// parseFrames finds the frames of each shape.
func (x *Bundle) parseFrames(c *cursor, tallies []int) {
	x.frames = make([][][]byte, len(x.shapes))
	r := shapeReader{}
	for i := range x.shapes {
		if c.err != nil {
			return
		}
		r.read(newCursor(x.shapes[i]), x)
		for left := tallies[i]; left > 0 && len(r.columns) > 0; left -= frameRows {
			frame := c.bytes(c.uvarint())
			x.frames[i] = append(x.frames[i], frame)
			in := newCursor(frame)
			for range r.columns {
				in.frame(min(left, frameRows))
			}
			if in.err != nil || in.left() > 0 {
				c.fail("a frame of %d bytes, %d too many: %v", len(frame), in.left(), in.err)
				return
			}
		}
		x.size += sliceBytes * (1 + len(x.frames[i]))
	}
}
