package blockfile

import (
	"encoding/binary"
	"fmt"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// writeBytes is how much goes to the disk in one call.
const writeBytes = 1 << 20

// out is a container that is being written from its beginning to its end.
type out struct {
	f       vfs.File
	buf     []byte
	flushed int64 // bytes in front of buf
	seed    uint32
	chunks  chunkMap
	parts   []part
	zstd    packer
}

// at is where the next byte goes.
func (o *out) at() int64 { return o.flushed + int64(len(o.buf)) }

// tail is the bytes of the buffer from an offset in the file on.
func (o *out) tail(offset int64) []byte { return o.buf[offset-o.flushed:] }

// flush writes the buffer away where there is enough in it.
func (o *out) flush(least int) error {
	if len(o.buf) == 0 || len(o.buf) < least {
		return nil
	}
	if n, err := o.f.WriteAt(o.buf, o.flushed); err != nil {
		return fmt.Errorf("write %d bytes at offset %d (%d were taken): %w", len(o.buf), o.flushed, n, err)
	}
	o.flushed += int64(len(o.buf))
	o.buf = o.buf[:0]
	return nil
}

// begin writes the header.
func (o *out) begin(h header) {
	b, seed := h.encode()
	o.buf, o.seed = append(o.buf, b...), seed
}

// chunk adds a chunk of so many rows, which encode appends, and its checksum.
func (o *out) chunk(rows int, encode func([]byte) []byte) error {
	from := o.at()
	o.buf = encode(o.buf)
	chunk := o.tail(from)
	o.chunks = o.chunks.add(len(chunk), rows)
	o.buf = binary.LittleEndian.AppendUint32(o.buf, checkOf(o.seed, from, chunk))
	return o.flush(writeBytes)
}

// part adds a part: b as it is, or compressed where that is a good deal
// smaller.
func (o *out) part(k kind, b []byte) error {
	p := part{kind: k, offset: o.at(), raw: int64(len(b))}
	if packed := o.zstd.pack(b); packed != nil && k != kindCopy {
		b, p.flags = packed, flagZstd
	}
	p.length, p.check = int64(len(b)), checkOf(o.seed, p.offset, b)
	o.parts = append(o.parts, p)
	o.buf = append(o.buf, b...)
	return o.flush(writeBytes)
}

// copy adds what no chunk can be read without, for the first time.
func (o *out) copy(dict, meta []byte) error {
	s := spare{seed: o.seed, dict: dict, chunks: o.chunks, meta: meta, offset: o.at()}
	return o.part(kindCopy, s.append(nil))
}

// end writes the map of the chunks, the table and the trailer and makes the
// file durable.
func (o *out) end() error {
	if err := o.part(kindChunks, o.chunks); err != nil {
		return err
	}
	t := trailer{table: o.at(), seed: o.seed}
	o.buf = appendTable(o.buf, o.parts)
	t.length = o.at() - t.table
	t.check = checkOf(o.seed, t.table, o.tail(t.table))
	o.buf = t.append(o.buf)
	if err := o.flush(0); err != nil {
		return err
	}
	if err := o.f.Sync(); err != nil {
		return fmt.Errorf("make it durable: %w", err)
	}
	return nil
}
