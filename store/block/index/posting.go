package index

import "encoding/binary"

// A posting list says which rows hold a term. Only its count and the number of rows decide how it is written:
//
//	none, or all:            nothing
//	up to half of the rows:  those that hold it
//	more than that:          those that do not
//
// and of these, 8 × as many or more than there are rows: as one bit for each row; otherwise as varints, the distance
// from the one before less one.
type posting struct {
	count int
	bytes []byte
}

// listed returns how many rows are written, whether they are the contrary, and whether they are bits.
func listed(count, rows int) (n int, contrary, dense bool) {
	n = count
	if contrary = count > rows/2; contrary {
		n = rows - count
	}
	return n, contrary, n > 0 && n*8 >= rows
}

// appendPosting writes an ascending list without duplicates.
func appendPosting(dst []byte, list []uint32, rows int) []byte {
	n, contrary, dense := listed(len(list), rows)
	switch {
	case n == 0:
		return dst
	case dense:
		return appendBits(dst, list, contrary, rows)
	case contrary:
		return appendGaps(dst, list, rows)
	}
	next := uint32(0)
	for _, row := range list {
		dst = binary.AppendUvarint(dst, uint64(row-next))
		next = row + 1
	}
	return dst
}

// appendGaps writes the rows that are not in the list.
func appendGaps(dst []byte, list []uint32, rows int) []byte {
	next, from := uint32(0), uint32(0)
	gap := func(to uint32) {
		for ; from < to; from++ {
			dst = binary.AppendUvarint(dst, uint64(from-next))
			next = from + 1
		}
		from = to + 1
	}
	for _, row := range list {
		gap(row)
	}
	gap(uint32(rows))
	return dst
}

func appendBits(dst []byte, list []uint32, contrary bool, rows int) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, (rows+7)/8)...)
	set := dst[at:]
	for _, row := range list {
		set[row/8] |= 1 << (row % 8)
	}
	if contrary {
		for i := range set {
			set[i] = ^set[i]
		}
	}
	return dst
}

// into adds the rows to the set. It returns false where the bytes are damaged, and then has added any.
func (p posting) into(set rowSet, rows int) bool {
	n, contrary, dense := listed(p.count, rows)
	switch {
	case p.count > rows:
		return false
	case n == 0:
		if contrary {
			set.fill(rows)
		}
		return true
	case dense:
		return p.bitsInto(set, contrary, rows)
	case contrary:
		return p.gapsInto(set, n, rows)
	}
	next, b := uint64(0), p.bytes
	for range n {
		distance, size := binary.Uvarint(b)
		if size <= 0 || distance >= uint64(rows)-next {
			return false
		}
		b = b[size:]
		set.add(uint32(next + distance))
		if next += distance + 1; next > uint64(rows) {
			return false
		}
	}
	return true
}

func (p posting) gapsInto(set rowSet, n, rows int) bool {
	missing := newRowSet(rows)
	if !(posting{n, p.bytes}).into(missing, rows) {
		return false
	}
	missing.not(rows)
	set.or(missing)
	return true
}

func (p posting) bitsInto(set rowSet, contrary bool, rows int) bool {
	if len(p.bytes) < (rows+7)/8 {
		return false
	}
	flip := uint64(0)
	if contrary {
		flip = ^uint64(0)
	}
	b := p.bytes[:(rows+7)/8]
	for i := range set {
		var w uint64
		if len(b) >= 8 {
			w, b = binary.LittleEndian.Uint64(b), b[8:]
		} else {
			for k, c := range b {
				w |= uint64(c) << (8 * k)
			}
		}
		set[i] |= w ^ flip
	}
	set.trim(rows)
	return true
}
