package chunk

import (
	"encoding/binary"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen"
)

func floatBits(f float64) uint64 { return math.Float64bits(f) }

// Dict is what the chunks of a block share.
type Dict struct{ size int }

// ParseDict reads what Encoder.Dict wrote.
func ParseDict(b []byte) (*Dict, error) {
	if len(b) != 1 || b[0] != 1 {
		return nil, &Error{0, "unknown version of the dictionary"}
	}
	return &Dict{len(b)}, nil
}

// Size returns its bytes in memory.
func (d *Dict) Size() int { return d.size }

// Decode calls fn for the traces from..to-1 of the chunk.
func (d *Dict) Decode(chunk []byte, from, to int, fn func(n int, id roentgen.TraceID, docs []Doc) error) error {
	n, w := binary.Uvarint(chunk)
	if w <= 0 || from < 0 || uint64(to) > n || from > to {
		return &Error{0, "no such traces in the chunk"}
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return err
	}
	defer z.Close()
	rows, err := z.DecodeAll(chunk[w:], nil)
	if err != nil {
		return &Error{w, err.Error()}
	}
	size := len(rows)
	for i := 0; i < to; i++ {
		var id roentgen.TraceID
		rows = rows[copy(id[:], rows):]
		k, w := binary.Uvarint(rows)
		if w <= 0 || k > uint64(len(rows)) {
			return &Error{size - len(rows), "rows cut short"}
		}
		rows = rows[w:]
		docs := make([]Doc, 0, k)
		for range k {
			rec, w := binary.Varint(rows)
			if w <= 0 || len(rows) < w+9 {
				return &Error{size - len(rows), "rows cut short"}
			}
			rows = rows[w:]
			doc := Doc{Received: roentgen.Time(rec), Keep: roentgen.Keep{Reason: roentgen.KeepReason(rows[0]),
				Probability: math.Float64frombits(binary.LittleEndian.Uint64(rows[1:]))}}
			rows = rows[9:]
			l, w := binary.Uvarint(rows)
			if w <= 0 || l > uint64(len(rows)-w) {
				return &Error{size - len(rows), "rows cut short"}
			}
			doc.Text = append([]byte(nil), rows[w:w+int(l)]...)
			rows = rows[w+int(l):]
			docs = append(docs, doc)
		}
		if i >= from {
			if err := fn(i, id, docs); err != nil {
				return err
			}
		}
	}
	return nil
}
