package ring

import "slices"

// index says which frames may hold a trace: 4 bytes for each trace in each frame. Frames are entered in the order of
// their numbers and forgotten in that order, so the index is a row of tables, each for a stretch of frames, that is
// only ever filled, and cleared as a whole: there are no tombstones.
type index struct {
	bits   uint // slots of a table: 1 << bits
	max    int  // tables
	tables []*table
	spare  []*table
}

// table is open addressing with linear probing. A slot holds 16 bits of the hash, never 0, and the low 16 bits of the
// frame's number.
type table struct {
	first, last uint64 // frames
	used        int
	slots       []uint32
}

// newIndex makes an index for a ring of that many bytes: room for one trace in 256 bytes of frames, and half as much again.
func newIndex(capacity int64) *index {
	ix, traces := &index{bits: maxTableBits}, int(capacity/256)
	for ix.bits > minTableBits && traces/ix.room() < 8 {
		ix.bits--
	}
	ix.max = max(12, traces/ix.room()*3/2)
	return ix
}

// The smallest table takes the traces of any one frame.
const (
	minTableBits = 12
	maxTableBits = 17
)

// room is how many slots of a table are used: where three of four are, a miss costs eight probes.
func (ix *index) room() int { return 1 << ix.bits / 4 * 3 }

func mark(hash uint64) uint32 { return max(uint32(hash>>48), 1) }

// begin makes room for n traces of one frame.
func (ix *index) begin(frame uint64, n int) {
	if t := ix.newest(); t != nil && t.used+n <= ix.room() && frame-t.first < maxFrames {
		t.last = frame
		return
	}
	t := ix.blank()
	t.first, t.last, t.used = frame, frame, 0
	ix.tables = append(ix.tables, t)
}

func (ix *index) blank() *table {
	n := len(ix.spare)
	if n == 0 {
		return &table{slots: make([]uint32, 1<<ix.bits)}
	}
	t := ix.spare[n-1]
	ix.spare = ix.spare[:n-1]
	return t
}

func (ix *index) newest() *table {
	if len(ix.tables) == 0 {
		return nil
	}
	return ix.tables[len(ix.tables)-1]
}

// add enters a trace of the frame that was begun last.
func (ix *index) add(hash uint64, frame uint64) {
	t := ix.newest()
	want := mark(hash)<<16 | uint32(uint16(frame))
	for i := hash; ; i++ {
		slot := &t.slots[i&uint64(len(t.slots)-1)]
		if *slot == want {
			return
		}
		if *slot == 0 {
			*slot = want
			t.used++
			return
		}
	}
}

// find appends the numbers, from oldest on, of the frames that may hold the trace, in rising order.
func (ix *index) find(dst []uint64, hash uint64, oldest uint64) []uint64 {
	from, m := len(dst), mark(hash)
	for _, t := range ix.tables {
		for i := hash; ; i++ {
			slot := t.slots[i&uint64(len(t.slots)-1)]
			if slot == 0 {
				break
			}
			if slot>>16 == m {
				frame := t.first + uint64(uint16(slot)-uint16(t.first))
				if frame >= oldest && frame <= t.last {
					dst = append(dst, frame)
				}
			}
		}
	}
	slices.Sort(dst[from:])
	return dst
}

// forget gives up the tables that hold no frame from oldest on.
func (ix *index) forget(oldest uint64) {
	for len(ix.tables) > 0 && ix.tables[0].last < oldest {
		t := ix.tables[0]
		clear(t.slots)
		ix.spare = append(ix.spare, t)
		ix.tables = slices.Delete(ix.tables, 0, 1)
	}
}

// crowded returns the first frame that may stay when there are more tables than allowed.
func (ix *index) crowded() (oldest uint64, ok bool) {
	if len(ix.tables) <= ix.max {
		return 0, false
	}
	return ix.tables[0].last + 1, true
}
