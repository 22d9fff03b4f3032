package applog

import (
	"encoding/binary"
	"hash/crc32"
)

// A frame is a record in a file:
//
//	0  mark      2 bytes D7 52, to be searched for behind damage
//	2  kind      1 byte, 0 for a filler
//	3  reserved  1 byte, 0
//	4  length    of the payload
//	8  distance  from the batch's first byte to this frame
//	12 age       of the batch: milliseconds since the file was created
//	16 check     CRC-32C of file header, offset and the 16 bytes above
//	20 check     the same, continued over the payload
//	24 payload
//
// Two checksums, because a reader must believe the length before it has seen
// the payload, and because behind damage it looks for frames byte by byte:
// with one checksum each two bytes that look like a mark would cost a pass over
// as much as a record may hold.
//
// The distance says what was synced before the frame was written: everything in
// front of its batch. It tells damage from an unfinished last write.
const (
	frameHeaderSize = 24
	frameMark0      = 0xD7
	frameMark1      = 0x52
	fillerKind      = 0
)

// frame is a decoded frame header.
type frame struct {
	kind     byte
	length   uint32
	distance uint32
	age      uint32
	check    uint32 // of the header
	whole    uint32 // of header and payload
}

// end returns where a frame at off ends.
func (f frame) end(off int64) int64 { return off + frameHeaderSize + int64(f.length) }

// headerCheck is the checksum of a frame's first 16 bytes at offset off of the
// file whose header has the checksum seed.
func headerCheck(seed uint32, off int64, b []byte) uint32 {
	var salt [8]byte
	binary.LittleEndian.PutUint64(salt[:], uint64(off))
	return crc32.Update(crc32.Update(seed, crcTable, salt[:]), crcTable, b[:16])
}

// appendFrame appends the frame of a record that will stand at off.
func appendFrame(b []byte, seed uint32, off int64, f frame, r Record) []byte {
	from := len(b)
	b = append(b, frameMark0, frameMark1, f.kind, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(r.length()))
	b = binary.LittleEndian.AppendUint32(b, f.distance)
	b = binary.LittleEndian.AppendUint32(b, f.age)
	check := headerCheck(seed, off, b[from:])
	b = binary.LittleEndian.AppendUint32(b, check)
	check = crc32.Update(crc32.Update(check, crcTable, r.Head), crcTable, r.Payload)
	b = binary.LittleEndian.AppendUint32(b, check)
	return append(append(b, r.Head...), r.Payload...)
}

// decodeFrame reads a frame header at off from b, which holds at least
// frameHeaderSize bytes, and tells whether it is one.
func decodeFrame(b []byte, seed uint32, off int64) (frame, bool) {
	if b[0] != frameMark0 || b[1] != frameMark1 || b[3] != 0 {
		return frame{}, false
	}
	f := frame{
		kind:     b[2],
		length:   binary.LittleEndian.Uint32(b[4:]),
		distance: binary.LittleEndian.Uint32(b[8:]),
		age:      binary.LittleEndian.Uint32(b[12:]),
		check:    binary.LittleEndian.Uint32(b[16:]),
		whole:    binary.LittleEndian.Uint32(b[20:]),
	}
	plausible := f.length <= maxPayload && int64(f.distance) <= off-headerSize
	return f, plausible && f.check == headerCheck(seed, off, b)
}

// holds tells whether payload is the one that the frame was made for.
func (f frame) holds(payload []byte) bool {
	return crc32.Update(f.check, crcTable, payload) == f.whole
}
