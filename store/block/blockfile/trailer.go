package blockfile

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	trailerSize  = 36
	trailerMagic = "RGNTBEND"
)

// trailer is the last thing in a file: where it stands, the file is whole.
type trailer struct {
	table  int64  // offset
	length int64  // of the table
	check  uint32 // of the table
	seed   uint32 // the header's checksum once more
}

func (t trailer) append(b []byte) []byte {
	from := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.table))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.length))
	b = binary.LittleEndian.AppendUint32(b, t.check)
	b = binary.LittleEndian.AppendUint32(b, t.seed)
	b = binary.LittleEndian.AppendUint32(b, trailerCheck(b[from:]))
	return append(b, trailerMagic...)
}

// trailerCheck covers the magic too, so that a damaged one is told from none.
func trailerCheck(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[:24], crcTable), crcTable, []byte(trailerMagic))
}

// parseTrailer reads the last bytes of a file of so many. The reason is empty
// where it is good.
func parseTrailer(b []byte, size int64) (t trailer, reason string) {
	if len(b) < trailerSize {
		return t, "the file is cut short: it has no room for a trailer"
	}
	b = b[len(b)-trailerSize:]
	holds := trailerCheck(b) == binary.LittleEndian.Uint32(b[24:])
	ours := string(b[28:]) == trailerMagic
	switch {
	case !holds && !ours:
		return t, "the file is cut short: it does not end with a trailer"
	case !holds || !ours:
		return t, "its checksum does not hold"
	}
	t = trailer{
		table:  int64(binary.LittleEndian.Uint64(b)),
		length: int64(binary.LittleEndian.Uint64(b[8:])),
		check:  binary.LittleEndian.Uint32(b[16:]),
		seed:   binary.LittleEndian.Uint32(b[20:]),
	}
	if t.table < headerSize || t.length < 0 || t.table > size || t.table+t.length != size-trailerSize {
		return t, "the file has not the length that it was written with"
	}
	return t, ""
}
