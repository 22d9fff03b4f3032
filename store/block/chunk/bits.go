package chunk

import "encoding/binary"

// bitWriter appends integers of up to 64 bits, the lowest bit first.
type bitWriter struct {
	buf []byte
	acc uint64
	n   uint // bits in acc, below 64
}

// put appends the w bits of v; v must have no others.
func (b *bitWriter) put(v uint64, w uint) {
	b.acc |= v << b.n
	if b.n+w < 64 {
		b.n += w
		return
	}
	b.buf = binary.LittleEndian.AppendUint64(b.buf, b.acc)
	b.acc = v >> (64 - b.n)
	b.n = b.n + w - 64
}

// flush fills the last byte with zeros.
func (b *bitWriter) flush() {
	for i := uint(0); i < b.n; i += 8 {
		b.buf = append(b.buf, byte(b.acc))
		b.acc >>= 8
	}
	b.acc, b.n = 0, 0
}

// bitReader reads what a bitWriter wrote. Behind the end it reads zeros and
// sets short.
type bitReader struct {
	buf   []byte
	pos   int // in bits
	short bool
}

func (b *bitReader) get(w uint) uint64 {
	if w == 0 {
		return 0
	}
	if b.pos+int(w) > 8*len(b.buf) {
		b.short = true
		return 0
	}
	at, shift := b.pos>>3, uint(b.pos&7)
	b.pos += int(w)
	if at+9 > len(b.buf) {
		return b.slow(at, shift, w)
	}
	v := binary.LittleEndian.Uint64(b.buf[at:]) >> shift
	if shift+w > 64 {
		v |= uint64(b.buf[at+8]) << (64 - shift)
	}
	return v & (1<<w - 1)
}

// slow is get near the end of the buffer.
func (b *bitReader) slow(at int, shift, w uint) uint64 {
	var nine [9]byte
	copy(nine[:], b.buf[at:])
	v := binary.LittleEndian.Uint64(nine[:])>>shift | uint64(nine[8])<<(64-shift)
	return v & (1<<w - 1)
}
