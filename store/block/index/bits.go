package index

import "math/bits"

// rowSet is a set of rows, one bit each.
type rowSet []uint64

func words(rows int) int { return (rows + 63) / 64 }

func newRowSet(rows int) rowSet { return make(rowSet, words(rows)) }

func (s rowSet) add(row uint32) { s[row/64] |= 1 << (row % 64) }

func (s rowSet) has(row uint32) bool { return s[row/64]&(1<<(row%64)) != 0 }

func (s rowSet) clear() { clear(s) }

// fill puts all rows in.
func (s rowSet) fill(rows int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	s.trim(rows)
}

// trim takes out what is beyond the last row.
func (s rowSet) trim(rows int) {
	if over := rows % 64; over != 0 {
		s[len(s)-1] &= 1<<over - 1
	}
}

func (s rowSet) or(t rowSet) {
	for i, w := range t {
		s[i] |= w
	}
}

func (s rowSet) and(t rowSet) {
	for i, w := range t {
		s[i] &= w
	}
}

// not turns s into its contrary.
func (s rowSet) not(rows int) {
	for i := range s {
		s[i] = ^s[i]
	}
	s.trim(rows)
}

func (s rowSet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s rowSet) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// each calls fn with the rows, ascending.
func (s rowSet) each(fn func(row uint32)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			fn(uint32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
