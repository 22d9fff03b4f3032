package verify

import (
	"bytes"
	"encoding/binary"
)

// silentWAV is a second of silence: mono, 16 bits, 16 kHz.
func silentWAV() []byte {
	const rate, width = 16_000, 2
	var b bytes.Buffer
	data := make([]byte, rate*width)
	b.WriteString("RIFF")
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a buffer takes everything
	put(uint32(36 + len(data)))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate * width), uint16(width), uint16(8 * width)} {
		put(v)
	}
	b.WriteString("data")
	put(uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}
