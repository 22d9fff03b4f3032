package spool

import (
	"encoding/binary"
	"hash/crc32"
)

// The header of a file, drawn in docs/format/spool.md.
const (
	fileMagic     = "RGSPOOL\n"
	formatVersion = 1
	fileHead      = 64

	codingRaw = 0 // records, a word of zeros behind the last
	codingS2  = 1 // one s2 block of the records
)

// header is what a file says of itself.
type header struct {
	coding    uint32
	number    uint64
	created   int64  // nanoseconds since 1970 UTC
	plain     uint64 // bytes of records; of a raw file: room for them
	documents uint64 // packed only
	records   uint64 // packed only
}

// put writes the header, its magic last, so that a file whose making was
// interrupted has none.
func (h header) put(mem []byte) {
	storeWord(mem, 0, 0)
	le := binary.LittleEndian
	le.PutUint32(mem[8:], formatVersion)
	le.PutUint32(mem[12:], h.coding)
	le.PutUint64(mem[16:], h.number)
	le.PutUint64(mem[24:], uint64(h.created))
	le.PutUint64(mem[32:], h.plain)
	le.PutUint64(mem[40:], h.documents)
	le.PutUint64(mem[48:], h.records)
	magic := le.Uint64([]byte(fileMagic))
	le.PutUint32(mem[56:], headerCheck(mem))
	le.PutUint32(mem[60:], 0)
	storeWord(mem, 0, magic)
}

// headerCheck is the CRC of the header behind its magic.
func headerCheck(mem []byte) uint32 { return crc32.Checksum(mem[8:56], castagnoli) }

// seed binds the records of a file to its number and its making.
func (h header) seed() uint32 {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], h.number)
	binary.LittleEndian.PutUint64(b[8:], uint64(h.created))
	return crc32.Checksum(b[:], castagnoli)
}

// condition is what a look at a header found.
type condition uint8

const (
	conditionSound      condition = iota
	conditionUnfinished           // it was never made whole, and nothing was put into it
	conditionDamaged
	conditionForeign
	conditionNewer
)

// readHeader reads the first fileHead bytes of a file. size is the file's.
func readHeader(b []byte, size int64) (header, condition) {
	if len(b) < fileHead {
		if allZero(b) {
			return header{}, conditionUnfinished
		}
		return header{}, shortCondition(b)
	}
	le := binary.LittleEndian
	switch {
	case le.Uint64(b) == 0:
		return header{}, conditionUnfinished
	case string(b[:8]) != fileMagic:
		return header{}, conditionForeign
	case le.Uint32(b[56:]) != headerCheck(b):
		return header{}, conditionDamaged
	case le.Uint32(b[8:]) != formatVersion:
		return header{}, conditionNewer
	}
	h := header{
		coding: le.Uint32(b[12:]), number: le.Uint64(b[16:]), created: int64(le.Uint64(b[24:])),
		plain: le.Uint64(b[32:]), documents: le.Uint64(b[40:]), records: le.Uint64(b[48:]),
	}
	if !h.sane(size) {
		return header{}, conditionDamaged
	}
	return h, conditionSound
}

// sane tells whether the numbers can be true of a file of that size.
func (h header) sane(size int64) bool {
	if h.coding > codingS2 || h.plain > 2*maxPayload || h.documents > h.records || h.records > h.plain/recordHead {
		return false
	}
	return h.coding == codingS2 || uint64(size) == h.plain+fileHead
}

func shortCondition(b []byte) condition {
	n := min(len(b), len(fileMagic))
	if string(b[:n]) == fileMagic[:n] {
		return conditionDamaged
	}
	return conditionForeign
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
