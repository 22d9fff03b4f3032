package chunk

import (
	"encoding/binary"
	"fmt"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

// Dict is what the chunks of a block share, parsed. It does not change, and
// many goroutines may use it at once.
type Dict struct {
	pool   *Pool
	text   []byte // what the literals of shapes and forms lie in
	shapes []dictShape
	slots  []dictSlot
	cols   []dictColumn
	forms  []dictForm
	holes  []hole
	books  []dictBook
	codes  []int32 // of the books: forms, or targets in shape columns
	lanes  []dictLane
	vers   []laneVersion
}

type dictShape struct {
	slot, slots int32 // the first one, and how many
	col         int32
	tail        []byte
}

type dictSlot struct {
	lit  []byte
	kind byte
}

type dictColumn struct {
	form, forms int32
	book, books int32
}

// dictForm is a constant where it has no holes.
type dictForm struct {
	text        []byte
	hole, holes int32
}

type dictBook struct {
	epoch uint32
	width uint8
	code  int32
	codes int32
}

type dictLane struct{ version, versions int32 }

// Pool keeps what decoding needs and leaves behind, for all dictionaries that
// are read through it. The zero Pool is ready; it holds no goroutines, and its
// memory goes when it is no longer used.
type Pool struct {
	Limits   Limits
	decoders sync.Pool // of *decoder
}

// ParseDict reads what Encoder.Dict wrote, with the default limits and a pool
// of its own.
func ParseDict(b []byte) (*Dict, error) { return new(Pool).ParseDict(b) }

// ParseDict reads what Encoder.Dict wrote. The error is an *Error.
func (p *Pool) ParseDict(b []byte) (*Dict, error) {
	if len(b) == 0 || b[0] != version {
		return nil, &Error{0, "not a dictionary of version 1"}
	}
	n, w := binary.Uvarint(b[1:])
	if lim := p.Limits.withDefaults().Dict; w <= 0 || n > uint64(lim) {
		return nil, &Error{1, fmt.Sprintf("the dictionary wants to be longer than %d bytes", lim)}
	}
	dec := p.get()
	body, err := dec.unzip(b[1+w:], int(n))
	p.put(dec)
	if err != nil {
		return nil, &Error{1 + w, err.Error()}
	}
	r := dictReader{body: body, d: &Dict{pool: p, text: body}}
	r.read()
	if r.bad != "" {
		return nil, &Error{1 + w, fmt.Sprintf("%s, %d bytes into the uncompressed dictionary", r.bad, r.pos)}
	}
	return r.d, nil
}

// get takes a decoder from the pool.
func (p *Pool) get() *decoder {
	if d, ok := p.decoders.Get().(*decoder); ok {
		return d
	}
	return new(decoder)
}

func (p *Pool) put(d *decoder) { p.decoders.Put(d) }

// unzip uncompresses b to exactly n bytes of fresh memory.
func (d *decoder) unzip(b []byte, n int) ([]byte, error) {
	if n > maxRatio*len(b)+maxBlock {
		return nil, fmt.Errorf("%d bytes cannot hold %d", len(b), n)
	}
	out, err := d.frame(b, make([]byte, 0, n))
	if err == nil && len(out) != n {
		err = fmt.Errorf("a frame of %d bytes where %d were announced", len(out), n)
	}
	return out, err
}

// A block of a zstd frame holds up to 128 KiB and takes at least four bytes: no
// frame holds more, and none may ask for more.
const (
	maxBlock = 1 << 17
	maxRatio = maxBlock / 4
)

// frame appends what the zstd frame b holds, up to dst's capacity.
func (d *decoder) frame(b, dst []byte) ([]byte, error) {
	if d.z == nil {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(1<<31), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return nil, err
		}
		d.z = z
	}
	return d.z.DecodeAll(b, dst)
}

// Size returns its bytes in memory, for a cache.
func (d *Dict) Size() int {
	return int(unsafe.Sizeof(*d)) + cap(d.text) + sizeOf(d.shapes) + sizeOf(d.slots) + sizeOf(d.cols) + sizeOf(d.forms) +
		sizeOf(d.holes) + sizeOf(d.books) + sizeOf(d.codes) + sizeOf(d.lanes) + sizeOf(d.vers)
}

func sizeOf[T any](s []T) int {
	var t T
	return cap(s) * int(unsafe.Sizeof(t))
}
