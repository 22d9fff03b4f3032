package pdf

import (
	"encoding/binary"
	"math/bits"
)

// fontTable is one table of a font file and its four-letter tag.
type fontTable struct {
	tag  string
	data []byte
}

const (
	trueType     = 0x00010000
	headerSize   = 12
	entrySize    = 16
	checksumSeed = 0xB1B0AFBA // what the sum over a whole font file is to come to
)

// fontFile joins tables, which are in the order of their tags, into a font file (OpenType specification, "Organization
// of an OpenType font"). Each begins at a multiple of four bytes.
func fontFile(tables []fontTable) []byte {
	n := len(tables)
	power := bits.Len(uint(n)) - 1
	b := binary.BigEndian.AppendUint32(nil, trueType)
	for _, v := range []int{n, entrySize << power, power, entrySize*n - entrySize<<power} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	at, head := headerSize+entrySize*n, 0
	for _, t := range tables {
		if t.tag == "head" {
			head = at
		}
		b = append(b, t.tag...)
		b = binary.BigEndian.AppendUint32(b, checksum(t.data))
		b = binary.BigEndian.AppendUint32(b, uint32(at))
		b = binary.BigEndian.AppendUint32(b, uint32(len(t.data)))
		at += len(t.data) + -len(t.data)&3
	}
	for _, t := range tables {
		b = append(b, t.data...)
		b = append(b, make([]byte, -len(t.data)&3)...)
	}
	binary.BigEndian.PutUint32(b[head+8:], checksumSeed-checksum(b))
	return b
}

// checksum adds the data up in 32-bit words, the last filled with zeros.
func checksum(data []byte) uint32 {
	var sum uint32
	for ; len(data) >= 4; data = data[4:] {
		sum += binary.BigEndian.Uint32(data)
	}
	var rest [4]byte
	copy(rest[:], data)
	return sum + binary.BigEndian.Uint32(rest[:])
}
