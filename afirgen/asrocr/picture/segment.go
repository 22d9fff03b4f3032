package picture

import "encoding/binary"

// eachSegment calls visit with each marker segment before a JPEG's first scan, until it returns false. What is broken
// ends the walk: the decoder will say so.
func eachSegment(data []byte, visit func(marker byte, body []byte) bool) {
	const soi, sos = 2, 0xDA
	for at := soi; at+4 <= len(data); {
		if data[at] != 0xFF {
			return
		}
		marker := data[at+1]
		if marker == 0xFF { // a filling byte
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(data[at+2:])) // with its own two bytes
		if marker == sos || size < 2 || at+2+size > len(data) {
			return
		}
		if !visit(marker, data[at+4:at+2+size]) {
			return
		}
		at += 2 + size
	}
}
