package ring

import (
	"encoding/binary"
	"hash/crc32"
)

// version of every layout below.
const version = 1

// The names in the directory.
const (
	frameFile   = "ring.dat"
	stagingFile = "staging.dat"
)

const (
	pageSize    = 4096
	headerSize  = 64 // of both files
	blockSize   = 128 << 10
	stagingDocs = 1024 // documents of one frame, at most

	stagedEntry = 24 // in the staging area: id, length, checksum
	stagingSize = pageSize + stagingDocs*stagedEntry + blockSize

	frameHeader = 64
	frameEntry  = 20 // in a frame: id, length
	frameMark   = 0x52464752
	frameAlign  = 64

	takenBit  = 1 << 31 // of an entry's length
	takenByte = 1 << 7  // the same in the last byte of the length

	// maxFrames is one less than what the 16 bits of the index tell apart.
	maxFrames = 1<<16 - 1
)

// MaxDocument is the longest document that a ring holds, in bytes.
const MaxDocument = 64 << 20

var (
	frameMagic   = [8]byte{'R', 'G', 'N', 'T', 'R', 'N', 'G', '\n'}
	stagingMagic = [8]byte{'R', 'G', 'N', 'T', 'S', 'T', 'G', '\n'}
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
)

var le = binary.LittleEndian

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// fileHeader opens ring.dat and staging.dat.
type fileHeader struct {
	magic    [8]byte
	id       uint64 // made when the ring was made; in both files, and in every frame
	capacity uint64 // bytes of frames; of the staging area: bytes of documents
	docs     uint32 // documents of one frame, at most
}

// 0 magic 8 | 8 version 4 | 12 length 4 | 16 id 8 | 24 capacity 8 | 32 docs 4 | 36 zero 24 | 60 check 4
func (h fileHeader) append(b []byte) []byte {
	at := len(b)
	b = append(b, h.magic[:]...)
	b = le.AppendUint32(b, version)
	b = le.AppendUint32(b, headerSize)
	b = le.AppendUint64(b, h.id)
	b = le.AppendUint64(b, h.capacity)
	b = le.AppendUint32(b, h.docs)
	b = append(b, make([]byte, 24)...)
	return le.AppendUint32(b, checksum(b[at:]))
}

// parseHeader reads the header of a file that should begin with magic.
func parseHeader(file string, b []byte, magic [8]byte) (fileHeader, error) {
	if len(b) < headerSize || [8]byte(b[:8]) != magic {
		return fileHeader{}, &ForeignError{file}
	}
	if v := le.Uint32(b[8:]); v > version {
		return fileHeader{}, &VersionError{file, v}
	}
	if le.Uint32(b[60:]) != checksum(b[:60]) || le.Uint32(b[8:]) != version || le.Uint32(b[12:]) != headerSize {
		return fileHeader{}, &CorruptError{file, 0, "the header's checksum is wrong"}
	}
	return fileHeader{magic: magic, id: le.Uint64(b[16:]), capacity: le.Uint64(b[24:]), docs: le.Uint32(b[32:])}, nil
}
