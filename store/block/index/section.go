package index

import (
	"encoding/binary"

	"github.com/klauspost/compress/zstd"
)

// How the bytes of a section are written.
const (
	sectionRaw  = iota // length, bytes
	sectionSame        // length, the byte that all are
	sectionZstd        // length, length of the frame, frame
)

// What is unpacked of a part is at most unpackTimes its length and unpackMore. The writer does not compress where it
// would be more, so that a reader never has to make room for what nobody wrote.
const (
	unpackTimes = 64
	unpackMore  = 64 << 10
)

// packer appends sections.
type packer struct {
	zstd   *zstd.Encoder
	plain  bool // does not compress
	opened int  // bytes that reading will make
	frame  []byte
}

func newPacker() *packer {
	// The only errors are of options that do not exist.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err)
	}
	return &packer{zstd: enc}
}

func (p *packer) section(dst, raw []byte) []byte {
	if same(raw) {
		p.opened += len(raw)
		dst = binary.AppendUvarint(append(dst, sectionSame), uint64(len(raw)))
		return append(dst, raw[0])
	}
	if !p.plain && len(raw) >= 64 {
		p.frame = p.zstd.EncodeAll(raw, p.frame[:0])
		if len(p.frame) < len(raw)-len(raw)/16 {
			p.opened += len(raw)
			dst = binary.AppendUvarint(append(dst, sectionZstd), uint64(len(raw)))
			dst = binary.AppendUvarint(dst, uint64(len(p.frame)))
			return append(dst, p.frame...)
		}
	}
	dst = binary.AppendUvarint(append(dst, sectionRaw), uint64(len(raw)))
	return append(dst, raw...)
}

// same says whether all bytes are one, and there is one.
func same(raw []byte) bool {
	for _, c := range raw {
		if c != raw[0] {
			return false
		}
	}
	return len(raw) > 0
}

// reader reads a part. The first thing that is wrong ends it: then err is set and everything reads as zero.
type reader struct {
	part string
	b    []byte
	at   int
	room int // what may still be unpacked
	zstd *zstd.Decoder
	err  *DamageError
}

func newReader(part string, b []byte) *reader {
	return &reader{part: part, b: b, room: unpackTimes*len(b) + unpackMore}
}

func (r *reader) fail(reason string) {
	if r.err == nil {
		r.err = &DamageError{r.part, r.at, reason}
		r.b = r.b[:r.at]
	}
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b[r.at:])
	if size <= 0 {
		r.fail("a number is cut short or too large")
		return 0
	}
	r.at += size
	return n
}

func (r *reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads a number that is at most limit.
func (r *reader) count(limit int) int {
	n := r.uvarint()
	if n > uint64(limit) {
		r.fail("a number is larger than what it counts")
		return 0
	}
	return int(n)
}

func (r *reader) byte() byte {
	b := r.bytes(1)
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// bytes returns the next n bytes, which are the part's.
func (r *reader) bytes(n int) []byte {
	if n > len(r.b)-r.at {
		r.fail("it is cut short")
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at : r.at]
}

func (r *reader) string() string { return string(r.bytes(r.count(len(r.b)))) }

// section returns the bytes of one, as the part's where they are not packed.
func (r *reader) section() []byte {
	mode := r.byte()
	length := r.uvarint()
	if mode == sectionRaw {
		return r.bytes(int(min(length, uint64(len(r.b)+1))))
	}
	if length > uint64(r.room) {
		r.fail("a section unpacks to more than its part could hold")
		return nil
	}
	r.room -= int(length)
	switch mode {
	case sectionSame:
		return r.repeat(int(length))
	case sectionZstd:
		return r.unpack(int(length))
	}
	r.fail("a section is packed in a way that does not exist")
	return nil
}

func (r *reader) repeat(length int) []byte {
	c := r.byte()
	if r.err != nil {
		return nil
	}
	out := make([]byte, length)
	if c != 0 {
		for i := range out {
			out[i] = c
		}
	}
	return out
}

func (r *reader) unpack(length int) []byte {
	frame := r.bytes(r.count(len(r.b)))
	if r.err != nil {
		return nil
	}
	if r.zstd == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			panic(err) // of options that do not exist
		}
		r.zstd = dec
	}
	out, err := r.zstd.DecodeAll(frame, make([]byte, 0, length))
	if err != nil || len(out) != length {
		r.fail("a section does not unpack to what it says")
		return nil
	}
	return out
}
