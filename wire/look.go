package wire

import "encoding/binary"

// lookAt is look where there is nothing quicker, eight bytes at a time: added
// to what makes 0x80 of the least that is looked for, each shows in its top bit
// whether it is as much. Bytes beyond ASCII have theirs set already.
func lookAt(b *[64]byte) (quotes, backslashes, controls, high uint64) {
	printable := uint64(tops)
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quotes |= same('"', w) << i
		backslashes |= same('\\', w) << i
		printable &= w&^tops + (0x80-' ')*ones | w
		high |= w & tops
	}
	return quotes, backslashes, printable ^ tops, high
}

// same returns a bit for each byte of w that is c.
func same(c byte, w uint64) uint64 {
	other := (w^uint64(c)*ones)&^tops + 0x7f*ones | w
	return (^other & tops) * 0x0002040810204081 >> 56 // gathers the top bits
}
