package applog

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"time"
)

const (
	formatVersion = 1
	headerSize    = 44
	maxHeader     = 4096 // of later versions, see decodeHeader
	headerMagic   = "RGNTLOG\n"
)

// crcTable is CRC-32C, which amd64 and arm64 compute in hardware.
var crcTable = crc32.MakeTable(crc32.Castagnoli)

// header is the first thing in a segment file. Its checksum, which covers
// number and time, is where the checksums of the file's frames begin: a frame
// that another file left on the same disk block does not pass.
type header struct {
	number  uint64
	created time.Time // to the nanosecond
	prevEnd int64     // size of the file before this one when this one began, 0 without one
}

func (h header) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, headerMagic...)
	b = binary.LittleEndian.AppendUint32(b, formatVersion)
	b = binary.LittleEndian.AppendUint32(b, headerSize)
	b = binary.LittleEndian.AppendUint64(b, h.number)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.created.UnixNano()))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.prevEnd))
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crcTable))
}

// headerState is what the first bytes of a file turned out to be.
type headerState int

const (
	headerGood    headerState = iota
	headerTorn                // too short, or never written: a crash between create and sync
	headerDamaged             // once a header; stored and computed seed may still serve
	headerForeign             // not ours
	headerNewer               // ours, of a later version
)

// parsedHeader is a header with the two values that may be its checksum.
type parsedHeader struct {
	header
	state            headerState
	version          uint32
	stored, computed uint32
}

// parseHeader reads b, the first bytes of a file, up to maxHeader of them.
func parseHeader(b []byte) parsedHeader {
	if len(b) < headerSize {
		return parsedHeader{state: shortHeader(b)}
	}
	p := parsedHeader{
		header: header{
			number:  binary.LittleEndian.Uint64(b[16:]),
			created: time.Unix(0, int64(binary.LittleEndian.Uint64(b[24:]))).UTC(),
			prevEnd: int64(binary.LittleEndian.Uint64(b[32:])),
		},
		version:  binary.LittleEndian.Uint32(b[8:]),
		stored:   binary.LittleEndian.Uint32(b[headerSize-4:]),
		computed: crc32.Update(crc32.Checksum([]byte(headerMagic), crcTable), crcTable, b[8:headerSize-4]),
	}
	p.state = p.judge(b)
	return p
}

// judge tells a damaged magic from a foreign file by the rest of the header: a
// checksum that holds with the right magic was computed by a log.
func (p parsedHeader) judge(b []byte) headerState {
	ours := string(b[:8]) == headerMagic
	switch {
	case ours && p.version > formatVersion && laterHeaderHolds(b):
		return headerNewer
	case ours && p.version == formatVersion && p.stored == p.computed:
		return headerGood
	case ours || p.stored == p.computed || isZero(b[:headerSize]):
		return headerDamaged
	}
	return headerForeign
}

// laterHeaderHolds checks what every version promises: magic, version, the
// header's length, not below 44, and its checksum in the last four bytes of that length.
// Without this check one flipped bit in the version would lock the log.
func laterHeaderHolds(b []byte) bool {
	n := binary.LittleEndian.Uint32(b[12:])
	if n < headerSize || n > maxHeader || int(n) > len(b) {
		return false
	}
	return crc32.Checksum(b[:n-4], crcTable) == binary.LittleEndian.Uint32(b[n-4:])
}

// shortHeader judges a file that ends inside its header. A header is one
// write inside one sector: what a crash leaves of it is a beginning or zeros.
func shortHeader(b []byte) headerState {
	n := min(len(b), len(headerMagic))
	if isZero(b) || bytes.Equal(b[:n], []byte(headerMagic)[:n]) {
		return headerTorn
	}
	return headerForeign
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
