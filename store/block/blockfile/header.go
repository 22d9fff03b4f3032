package blockfile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

const (
	formatVersion = 1
	formatMinor   = 0
	headerSize    = 40
	maxHeader     = 4096 // of later versions, see laterHeaderHolds
	headerMagic   = "RGNTBLK\n"
)

// crcTable is CRC-32C, which amd64 and arm64 compute in hardware.
var crcTable = crc32.MakeTable(crc32.Castagnoli)

// header is the first thing in a file. Its checksum is where all others
// begin: a chunk of another block that came to lie here does not pass.
type header struct {
	number  uint64
	created roentgen.Time
	minor   uint32
}

// encode returns the header and its checksum.
func (h header) encode() ([]byte, uint32) {
	b := make([]byte, 0, headerSize)
	b = append(b, headerMagic...)
	b = binary.LittleEndian.AppendUint32(b, formatVersion)
	b = binary.LittleEndian.AppendUint32(b, headerSize)
	b = binary.LittleEndian.AppendUint64(b, h.number)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.created))
	b = binary.LittleEndian.AppendUint32(b, h.minor)
	seed := crc32.Checksum(b, crcTable)
	return binary.LittleEndian.AppendUint32(b, seed), seed
}

// headerState is what the first bytes of a file turned out to be.
type headerState int

const (
	headerGood    headerState = iota
	headerCut                 // the file ends in it, or it was never written
	headerDamaged             // once a header
	headerForeign             // not ours
	headerNewer               // ours, of a later version
)

// parsedHeader is a header and what it is worth.
type parsedHeader struct {
	header
	state            headerState
	version          uint32
	stored, computed uint32 // checksums
}

// readHeader reads the header of a file of so many bytes.
func readHeader(f vfs.File, path string, size int64) (parsedHeader, error) {
	b := make([]byte, min(size, headerSize))
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return parsedHeader{}, readError(path, 0, "header", err)
	}
	p := parseHeader(b)
	if p.state == headerNewer && !laterHeaderHolds(f, b, size) {
		p.state = headerDamaged
	}
	return p, nil
}

// parseHeader reads b, the first bytes of a file. That a version is newer has
// to be proved by laterHeaderHolds.
func parseHeader(b []byte) parsedHeader {
	if len(b) < headerSize {
		return parsedHeader{state: shortHeader(b)}
	}
	p := parsedHeader{
		version: binary.LittleEndian.Uint32(b[8:]),
		header: header{
			number:  binary.LittleEndian.Uint64(b[16:]),
			created: roentgen.Time(binary.LittleEndian.Uint64(b[24:])),
			minor:   binary.LittleEndian.Uint32(b[32:]),
		},
		stored:   binary.LittleEndian.Uint32(b[headerSize-4:]),
		computed: crc32.Update(crc32.Checksum([]byte(headerMagic), crcTable), crcTable, b[8:headerSize-4]),
	}
	p.state = p.judge(b)
	return p
}

// judge tells a damaged magic from a foreign file by the rest of the header: a
// checksum that holds with the right magic was computed by Write.
func (p parsedHeader) judge(b []byte) headerState {
	ours := string(b[:8]) == headerMagic
	switch {
	case ours && p.version > formatVersion:
		return headerNewer
	case ours && p.version == formatVersion && p.stored == p.computed:
		return headerGood
	case ours || p.stored == p.computed:
		return headerDamaged
	case isBeginning(b):
		return headerCut
	}
	return headerForeign
}

// shortHeader judges a file that ends inside its header: what a crash leaves
// of one is a beginning or zeros.
func shortHeader(b []byte) headerState {
	n := min(len(b), len(headerMagic))
	if isBeginning(b) || bytes.Equal(b[:n], []byte(headerMagic)[:n]) {
		return headerCut
	}
	return headerForeign
}

// isBeginning reports whether b is zeros behind a beginning of the magic.
func isBeginning(b []byte) bool {
	return bytes.HasPrefix([]byte(headerMagic), bytes.TrimRight(b, "\x00"))
}

// laterHeaderHolds checks what every version promises: magic, version, the
// header's length, and its checksum in the last four bytes of that length.
// Without this check one flipped bit in the version would make a block that is
// damaged one that is newer.
func laterHeaderHolds(f io.ReaderAt, head []byte, size int64) bool {
	n := binary.LittleEndian.Uint32(head[12:])
	if n < 20 || n > maxHeader || int64(n) > size {
		return false
	}
	b := make([]byte, n)
	if got, _ := f.ReadAt(b, 0); got < len(b) {
		return false
	}
	return crc32.Checksum(b[:n-4], crcTable) == binary.LittleEndian.Uint32(b[n-4:])
}

// checkOf is the checksum of what stands at offset in the file with this seed.
func checkOf(seed uint32, offset int64, b []byte) uint32 {
	var at [8]byte
	binary.LittleEndian.PutUint64(at[:], uint64(offset))
	return crc32.Update(crc32.Update(seed, crcTable, at[:]), crcTable, b)
}
