package blockfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// chunkMap says where the chunks are: for each its length and its number of
// rows, as unsigned varints. It stays as it is in the file, because a block
// has hundreds of chunks, a server thousands of blocks, and reading it from the
// beginning takes a microsecond.
type chunkMap []byte

// place is a chunk.
type place struct {
	number int
	offset int64
	length int // without its checksum
	first  int // row
	rows   int
}

// checkSize is what stands behind each chunk.
const checkSize = 4

func (m chunkMap) add(length, rows int) chunkMap {
	return binary.AppendUvarint(binary.AppendUvarint(m, uint64(length)), uint64(rows))
}

// parseChunkMap checks the map of chunks that lie between the header and
// end, and keeps a copy. It returns how many chunks and how many rows there are.
func parseChunkMap(b []byte, end int64) (m chunkMap, chunks, rows int, err error) {
	at := int64(headerSize)
	for rest := b; len(rest) > 0; chunks++ {
		length, n := binary.Uvarint(rest)
		if n <= 0 {
			return nil, 0, 0, errors.New("a number is broken off")
		}
		count, k := binary.Uvarint(rest[n:])
		if k <= 0 {
			return nil, 0, 0, errors.New("a number is broken off")
		}
		if rest = rest[n+k:]; count == 0 || count > maxRows || length > uint64(end) || at+int64(length)+checkSize > end {
			return nil, 0, 0, fmt.Errorf("chunk %d of %d bytes and %d rows does not fit", chunks, length, count)
		}
		at += int64(length) + checkSize
		if rows += int(count); rows > maxRows {
			return nil, 0, 0, fmt.Errorf("more than %d rows", maxRows)
		}
	}
	if at != end {
		return nil, 0, 0, fmt.Errorf("the chunks end at %d and not at %d", at, end)
	}
	return slices.Clone(b), chunks, rows, nil
}

// maxRows is how many traces a block can have: rows are numbered by 32 bits
// elsewhere.
const maxRows = 1<<31 - 1

// all yields the chunks in order.
func (m chunkMap) all(yield func(place) bool) {
	p := place{offset: headerSize}
	for len(m) > 0 {
		length, n := binary.Uvarint(m)
		rows, k := binary.Uvarint(m[n:])
		m = m[n+k:]
		p.length, p.rows = int(length), int(rows)
		if !yield(p) {
			return
		}
		p.number++
		p.offset += int64(length) + checkSize
		p.first += p.rows
	}
}

// find returns the chunk of a row.
func (m chunkMap) find(row int) (place, bool) {
	for p := range m.all {
		if row < p.first+p.rows {
			return p, row >= 0
		}
	}
	return place{}, false
}
