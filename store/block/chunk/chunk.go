// Package chunk turns the documents of traces into columns and back, byte by byte.
package chunk

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen"
)

// Doc is one stored document of a trace.
type Doc struct {
	Text     []byte // canonical JSON
	Received roentgen.Time
	Keep     roentgen.Keep
}

// Error is damage in a chunk or a dictionary.
type Error struct {
	Offset int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("chunk damaged at byte %d: %s", e.Offset, e.Reason) }

// Encoder makes the chunks of one block.
type Encoder struct {
	z    *zstd.Encoder
	rows []byte
	n    int
	raw  int
}

// NewEncoder returns an Encoder of an empty block.
func NewEncoder() *Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		panic(err)
	}
	return &Encoder{z: z}
}

// Trace adds a trace to the open chunk.
func (e *Encoder) Trace(id roentgen.TraceID, docs []Doc) {
	e.n++
	e.rows = append(e.rows, id[:]...)
	e.rows = binary.AppendUvarint(e.rows, uint64(len(docs)))
	for _, d := range docs {
		e.raw += len(d.Text)
		e.rows = binary.AppendVarint(e.rows, int64(d.Received))
		e.rows = append(e.rows, byte(d.Keep.Reason))
		e.rows = binary.LittleEndian.AppendUint64(e.rows, floatBits(d.Keep.Probability))
		e.rows = binary.AppendUvarint(e.rows, uint64(len(d.Text)))
		e.rows = append(e.rows, d.Text...)
	}
}

// Raw returns the bytes of documents in the open chunk.
func (e *Encoder) Raw() int { return e.raw }

// Cut ends the chunk and appends it to dst.
func (e *Encoder) Cut(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(e.n))
	dst = e.z.EncodeAll(e.rows, dst)
	e.rows, e.n, e.raw = e.rows[:0], 0, 0
	return dst
}

// Dict appends what all chunks of the block share.
func (e *Encoder) Dict(dst []byte) []byte { return append(dst, 1) }

// Reset begins another block.
func (e *Encoder) Reset() { e.rows, e.n, e.raw = e.rows[:0], 0, 0 }
