package wire

import "encoding/binary"

// looks is what 64 bytes of a text are: a bit for each that is a quote and for
// each that is a backslash, and whether there is a control character and a
// byte beyond ASCII.
type looks struct {
	quotes, backslashes uint64
	controls, high      bool
}

// lookAt is how look works where there is nothing quicker, eight bytes at a
// time: added to what makes 0x80 of the least that is looked for, each shows in
// its top bit whether it is as much. Bytes beyond ASCII have theirs set
// already.
func lookAt(b *[64]byte) looks {
	le := binary.LittleEndian
	w0, w1, w2, w3 := le.Uint64(b[0:]), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
	w4, w5, w6, w7 := le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:]), le.Uint64(b[56:])
	return looks{
		quotes: same('"', w0) | same('"', w1)<<8 | same('"', w2)<<16 | same('"', w3)<<24 |
			same('"', w4)<<32 | same('"', w5)<<40 | same('"', w6)<<48 | same('"', w7)<<56,
		backslashes: same('\\', w0) | same('\\', w1)<<8 | same('\\', w2)<<16 | same('\\', w3)<<24 |
			same('\\', w4)<<32 | same('\\', w5)<<40 | same('\\', w6)<<48 | same('\\', w7)<<56,
		controls: printed(w0)&printed(w1)&printed(w2)&printed(w3)&printed(w4)&printed(w5)&printed(w6)&printed(w7)&tops != tops,
		high:     (w0|w1|w2|w3|w4|w5|w6|w7)&tops != 0,
	}
}

// same returns a bit for each byte of w that is c.
func same(c byte, w uint64) uint64 {
	other := (w^uint64(c)*ones)&^tops + 0x7f*ones | w
	return (^other & tops) * 0x0002040810204081 >> 56 // gathers the top bits
}

// printed sets the top bit of each byte of w that is no control character.
func printed(w uint64) uint64 { return w&^tops + (0x80-' ')*ones | w }
