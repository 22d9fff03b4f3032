package spool

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/roentgen/roentgen"
)

// A record begins at a multiple of 8 and is drawn in docs/format/spool.md.
const (
	recordHead = 24
	wordSize   = 8 // length and check: the word that commits

	kindDocument = 0
	kindRollup   = 1
	kinds        = 2

	// maxPayload keeps every offset within 32 bits.
	maxPayload = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is one that was read. Payload aliases the file.
type record struct {
	kind    byte
	keep    roentgen.Keep
	age     uint32 // milliseconds between the making of the file and the record
	payload []byte
	next    int // offset behind the record
}

// recordSize is what a record with n bytes of payload takes.
func recordSize(n int) int { return (recordHead + n + 7) &^ 7 }

// putRecord writes a record at off, all but its word, and returns the word. The
// caller has seen to it that the record and a word behind it fit.
func putRecord(mem []byte, off int, seed uint32, kind byte, keep roentgen.Keep, age uint32, payload []byte) uint64 {
	r := mem[off : off+recordHead+len(payload)]
	binary.LittleEndian.PutUint64(r[8:], math.Float64bits(keep.Probability))
	binary.LittleEndian.PutUint32(r[16:], age)
	r[20], r[21], r[22], r[23] = kind, byte(keep.Reason), 0, 0
	copy(r[recordHead:], payload)
	return uint64(len(payload)) | uint64(checkRecord(r, off, seed))<<32
}

// checkRecord is the CRC of a record, bound to its file by seed, and to offset
// and length.
func checkRecord(r []byte, off int, seed uint32) uint32 {
	return crc32.Update(seed^uint32(off)^uint32(len(r)), castagnoli, r[wordSize:])
}

// readWord reads the word at off. It needs no atomicity: readers are led by a
// counter that is stored after the word.
func readWord(mem []byte, off int) uint64 { return binary.LittleEndian.Uint64(mem[off:]) }

// storeWord commits: it is one store, behind everything stored before it, so
// that a process killed at any instruction leaves a whole record or none.
func storeWord(mem []byte, off int, word uint64) {
	var b [wordSize]byte
	binary.LittleEndian.PutUint64(b[:], word)
	_ = mem[off+wordSize-1]
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&mem[off])), binary.NativeEndian.Uint64(b[:]))
}

// readRecord reads the record at off, which ends at end at the latest. False:
// the bytes there cannot be a record, or, where verify is asked for, are not
// what was written.
func readRecord(mem []byte, off, end int, seed uint32, verify bool) (record, bool) {
	if off < 0 || off+recordHead > end || end > len(mem) {
		return record{}, false
	}
	word := readWord(mem, off)
	n := int(uint32(word))
	if n > maxPayload || off+recordHead+n > end {
		return record{}, false
	}
	r := mem[off : off+recordHead+n : off+recordHead+n]
	if verify && checkRecord(r, off, seed) != uint32(word>>32) {
		return record{}, false
	}
	return record{
		kind: r[20],
		keep: roentgen.Keep{Reason: roentgen.KeepReason(r[21]), Probability: math.Float64frombits(binary.LittleEndian.Uint64(r[8:]))},
		age:  binary.LittleEndian.Uint32(r[16:]), payload: r[recordHead:], next: off + recordSize(n),
	}, true
}
