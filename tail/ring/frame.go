package ring

import (
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

// frame is the head of a frame in ring.dat.
//
//	 0 mark 4 | 4 check 4 | 8 number 8 | 16 oldest 8 | 24 first 8 | 32 last 8 | 40 docs 4 | 44 block 4 | 48 raw 4
//	52 block check 4 | 56 ring 8 | 64 entries of 20: trace id 16, length 4 (highest bit: taken) | block
//
// check covers the head from number on and the entries, as if nothing were taken.
type frame struct {
	number, oldest uint64 // oldest: the oldest frame that was there when this one was written
	first, last    int64  // arrivals, nanoseconds since 1970
	docs           int
	block, raw     int // bytes, compressed and not
	blockCheck     uint32
	ring           uint64
}

func (f *frame) headSize() int { return frameHeader + f.docs*frameEntry }
func (f *frame) size() int     { return f.headSize() + f.block }

// putFrame writes head and entries into b, which has the block behind them. ids and lengths come from entry.
func putFrame(b []byte, f frame, entry func(i int) (id roentgen.TraceID, length uint32)) {
	le.PutUint32(b, frameMark)
	le.PutUint64(b[8:], f.number)
	le.PutUint64(b[16:], f.oldest)
	le.PutUint64(b[24:], uint64(f.first))
	le.PutUint64(b[32:], uint64(f.last))
	le.PutUint32(b[40:], uint32(f.docs))
	le.PutUint32(b[44:], uint32(f.block))
	le.PutUint32(b[48:], uint32(f.raw))
	le.PutUint32(b[52:], checksum(b[f.headSize():][:f.block]))
	le.PutUint64(b[56:], f.ring)
	for i := range f.docs {
		id, length := entry(i)
		e := b[frameHeader+i*frameEntry:]
		copy(e, id[:])
		le.PutUint32(e[16:], length)
	}
	le.PutUint32(b[4:], frameCheck(b[:f.headSize()]))
}

// frameCheck is the checksum of head and entries as if nothing were taken. It takes the marks off b and puts them back.
func frameCheck(b []byte) uint32 {
	var marked [stagingDocs / 64]uint64
	entries := b[frameHeader:]
	for i := range len(entries) / frameEntry {
		if last := &entries[i*frameEntry+frameEntry-1]; *last&takenByte != 0 {
			marked[i/64] |= 1 << (i % 64)
			*last &^= takenByte
		}
	}
	sum := checksum(b[8:])
	for i := range len(entries) / frameEntry {
		if marked[i/64]&(1<<(i%64)) != 0 {
			entries[i*frameEntry+frameEntry-1] |= takenByte
		}
	}
	return sum
}

func updateChecksum(sum uint32, b []byte) uint32 { return crc32.Update(sum, castagnoli, b) }

var errNoFrame = errors.New("no frame begins here")

// parseFrame reads the first bytes of a frame: what its head says, unless that cannot be. The entries are not looked at.
func parseFrame(b []byte, ring uint64) (frame, error) {
	if len(b) < frameHeader || le.Uint32(b) != frameMark || le.Uint64(b[56:]) != ring {
		return frame{}, errNoFrame
	}
	f := frame{
		number: le.Uint64(b[8:]), oldest: le.Uint64(b[16:]),
		first: int64(le.Uint64(b[24:])), last: int64(le.Uint64(b[32:])),
		docs: int(le.Uint32(b[40:])), block: int(le.Uint32(b[44:])), raw: int(le.Uint32(b[48:])),
		blockCheck: le.Uint32(b[52:]), ring: ring,
	}
	if f.docs == 0 || f.docs > stagingDocs || f.raw > MaxDocument || f.block > s2.MaxEncodedLen(f.raw) || f.oldest > f.number {
		return frame{}, fmt.Errorf("the head of a frame is impossible: %d documents, %d bytes compressed, %d not", f.docs, f.block, f.raw)
	}
	return f, nil
}

// parseEntries checks the whole head, b, against its checksum and its sums.
func (f *frame) parseEntries(b []byte) error {
	if len(b) != f.headSize() || le.Uint32(b[4:]) != frameCheck(b) {
		return errors.New("the checksum of a frame's head is wrong")
	}
	sum := 0
	for i := range f.docs {
		sum += int(le.Uint32(b[frameHeader+i*frameEntry+16:]) &^ takenBit)
	}
	if sum != f.raw {
		return fmt.Errorf("a frame's documents have %d bytes, not %d", sum, f.raw)
	}
	return nil
}

// decode returns the documents of the block, one behind the other, in dst's memory if there is enough.
func (f *frame) decode(dst, block []byte) ([]byte, error) {
	if checksum(block) != f.blockCheck {
		return nil, errors.New("the checksum of a frame's documents is wrong")
	}
	if n, err := s2.DecodedLen(block); err != nil || n != f.raw {
		return nil, fmt.Errorf("a frame's documents have %d bytes, not %d", n, f.raw)
	}
	raw, err := s2.Decode(dst[:cap(dst)], block)
	if err != nil {
		return nil, fmt.Errorf("decompress a frame's documents: %w", err)
	}
	return raw, nil
}
