package picture

import (
	"bytes"
	"encoding/binary"
)

// turn is how a picture has to be turned to stand as its camera was held: mirrored left to right first, then turned
// clockwise by quarters.
type turn struct {
	mirrored bool
	quarters int // 0 to 3
}

// orientation reads tag 0x0112 of the first directory of a JPEG's EXIF, or of a PNG's chunk eXIf (CIPA DC-008, 4.6.4).
// Without it, or where it makes no sense, the picture stays as it is.
func orientation(data []byte) turn {
	switch tag(tiff(data)) {
	case 2:
		return turn{true, 0}
	case 3:
		return turn{false, 2}
	case 4:
		return turn{true, 2}
	case 5:
		return turn{true, 3}
	case 6:
		return turn{false, 1}
	case 7:
		return turn{true, 1}
	case 8:
		return turn{false, 3}
	}
	return turn{}
}

// tiff finds the block in which EXIF stands, or nil.
func tiff(data []byte) []byte {
	if KindOf(data) == PNG {
		return pngChunk(data, "eXIf")
	}
	var found []byte
	eachSegment(data, func(marker byte, body []byte) bool {
		rest, isEXIF := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
		if marker == 0xE1 && isEXIF {
			found = rest
		}
		return found == nil
	})
	return found
}

// pngChunk returns the body of the first chunk of the name before the image's data, or nil.
func pngChunk(data []byte, name string) []byte {
	const signature, head, crc = 8, 8, 4
	for at := signature; at+head+crc <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		kind := string(data[at+4 : at+head])
		if size > len(data)-at-head-crc || kind == "IDAT" {
			return nil
		}
		if kind == name {
			return data[at+head : at+head+size]
		}
		at += head + size + crc
	}
	return nil
}

// tag returns the orientation, 1 to 8, or 0.
func tag(block []byte) int {
	if len(block) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(block, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(block[4:]))
	if at+2 > int64(len(block)) {
		return 0
	}
	const entry, name, short = 12, 0x0112, 3
	entries := block[at+2:]
	for range order.Uint16(block[at:]) {
		if len(entries) < entry {
			return 0
		}
		if order.Uint16(entries) == name && order.Uint16(entries[2:]) == short {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[entry:]
	}
	return 0
}
