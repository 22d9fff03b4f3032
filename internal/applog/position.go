package applog

import "fmt"

// Position is the place of a record: the number of its file, counted from 1,
// and the offset of its frame in bytes. Later records have greater positions,
// across reopening too. The zero Position lies before every record.
type Position struct {
	File   uint64
	Offset int64
}

// Compare returns -1, 0 or +1 as p lies before, at or after q.
func (p Position) Compare(q Position) int {
	switch {
	case p == q:
		return 0
	case p.File < q.File || p.File == q.File && p.Offset < q.Offset:
		return -1
	}
	return +1
}

// Before tells whether p lies before q.
func (p Position) Before(q Position) bool { return p.Compare(q) < 0 }

// After returns the position behind a record at p whose payload has n bytes.
// The records of one Append lie one behind the other.
func (p Position) After(n int) Position { return Position{p.File, p.Offset + FrameBytes(n)} }

// String writes file and offset as 00000003:4096.
func (p Position) String() string { return fmt.Sprintf("%08d:%d", p.File, p.Offset) }
