package graph

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// rowReader reads the tallies of living traces in bundles, one bundle after the
// other into the same memory.
type rowReader struct {
	x      *Bundle
	starts []int64
	dead   []uint64 // a bit for each row

	setOf   []uint32
	shapeOf []uint32 // empty while nobody asked
	place   []uint32 // of each row: its number among the tallies of its shape
	met     []uint32 // of each shape: how many tallies it has
	rows    []uint32
	picked  [][]uint32 // rows by shape
	touched []uint32   // shapes with picked rows
	shape   shapeReader
	values  []int64 // of one frame, by column
}

// open turns to another bundle, of which those rows are dead.
func (r *rowReader) open(x *Bundle, dead []uint32) {
	r.x = x
	r.starts = resize(r.starts, x.rows)
	x.starts.read(r.starts)
	r.dead = resize(r.dead, (x.rows+63)/64)
	clear(r.dead)
	for _, row := range dead {
		if int(row) < x.rows {
			r.dead[row/64] |= 1 << (row % 64)
		}
	}
	r.setOf = readNumbers(r.setOf[:0], x.setOf)
	r.shapeOf = r.shapeOf[:0]
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func readNumbers(out []uint32, b []byte) []uint32 {
	for len(b) > 0 {
		if b[0] < 0x80 {
			out, b = append(out, uint32(b[0])), b[1:]
			continue
		}
		v, n := binary.Uvarint(b)
		out, b = append(out, uint32(v)), b[n:]
	}
	return out
}

func (r *rowReader) isDead(row int) bool { return r.dead[row/64]&(1<<(row%64)) != 0 }

// versions returns by set of members which version of the group admitted them,
// and whether one did.
func (x *Bundle) versions(group string) (out []setVersion) {
	out = make([]setVersion, max(1, len(x.sets)))
	for i, set := range x.sets {
		out[i].in = group == ""
		for _, m := range set {
			if !out[i].in && x.groups[x.members[m].group] == group {
				out[i] = setVersion{x.members[m].version, true}
			}
		}
	}
	return out
}

type setVersion struct {
	version uint64
	in      bool
}

// pick returns the living rows of a window but those of others, until the next
// call, and who admitted them.
func (r *rowReader) pick(w window, but ...window) (rows []uint32, a admissions) {
	versions := r.x.versions(w.group)
	r.rows = r.rows[:0]
	for row, start := range r.starts {
		at := roentgen.Time(start)
		if at < w.from || at >= w.to || r.isDead(row) || slices.ContainsFunc(but, func(o window) bool { return at >= o.from && at < o.to }) {
			continue
		}
		if v, ok := r.version(versions, row); ok {
			r.rows = append(r.rows, uint32(row))
			a.admit(v, 1)
		}
	}
	return r.rows, a
}

// among returns those of rows that are in a window, dead or alive.
func (r *rowReader) among(rows []uint32, w window) (out []uint32) {
	versions := r.x.versions(w.group)
	for _, row := range rows {
		if int(row) >= r.x.rows || r.starts[row] < int64(w.from) || r.starts[row] >= int64(w.to) {
			continue
		}
		if _, ok := r.version(versions, int(row)); ok {
			out = append(out, row)
		}
	}
	return out
}

func (r *rowReader) version(versions []setVersion, row int) (uint64, bool) {
	set := uint32(0)
	if len(r.setOf) > 0 {
		set = r.setOf[row]
	}
	return versions[set].version, versions[set].in
}

// each calls fn for the tallies of rows, in no order. fn must not keep them.
func (r *rowReader) each(rows []uint32, tr *translator, fn func(*Tally)) {
	r.place = r.places()
	r.picked = resize(r.picked, len(r.x.shapes))
	r.touched = r.touched[:0]
	for _, row := range rows {
		n := r.shapeOf[row]
		if len(r.picked[n]) == 0 {
			r.touched = append(r.touched, n)
		}
		r.picked[n] = append(r.picked[n], row)
	}
	for _, n := range r.touched {
		r.shape.read(newCursor(r.x.shapes[n]), r.x)
		if tr != nil {
			r.shape.translate(tr)
		}
		r.eachOfShape(n, fn)
		r.picked[n] = r.picked[n][:0]
	}
}

func (r *rowReader) places() []uint32 {
	if len(r.shapeOf) == r.x.rows {
		return r.place
	}
	r.shapeOf = readNumbers(r.shapeOf[:0], r.x.shapeOf)
	r.met = resize(r.met, len(r.x.shapes))
	clear(r.met)
	place := resize(r.place, r.x.rows)
	for row, n := range r.shapeOf {
		place[row] = r.met[n]
		r.met[n]++
	}
	return place
}

func (r *rowReader) eachOfShape(shape uint32, fn func(*Tally)) {
	t, frames, open := &r.shape.t, r.x.frames[shape], -1
	for _, row := range r.picked[shape] {
		frame, at := int(r.place[row]/frameRows), int(r.place[row]%frameRows)
		if len(frames) > 0 && frame != open {
			r.readFrame(frames[frame], min(frameRows, int(r.met[shape])-frame*frameRows))
			open = frame
		}
		for n, d := range r.shape.columns {
			*d = bound(time.Duration(r.values[n*frameRows+at]))
		}
		t.start = roentgen.Time(r.starts[row])
		fn(t)
	}
}

// readFrame reads the durations of so many tallies.
func (r *rowReader) readFrame(frame []byte, n int) {
	r.values = resize(r.values, len(r.shape.columns)*frameRows)
	c := cursor{b: frame}
	for column, back := range r.shape.back {
		out := r.values[column*frameRows:][:n]
		h, packed := c.frame(n)
		h.read(packed, out)
		if back > 0 {
			for i, guess := range r.values[(column-back)*frameRows:][:n] {
				out[i] += guess
			}
		}
	}
}
