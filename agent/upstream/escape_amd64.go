package upstream

import "golang.org/x/sys/cpu"

// escapeBlocks escapes up to blocks times sixteen bytes of src, and stops in
// front of sixteen among which there is a control character. It may write up to
// sixteen bytes behind what it says that it has written. High tells whether a
// byte beyond ASCII was among them. It needs SSSE3.
//
//go:noescape
func escapeBlocks(dst, src *byte, blocks int, spread *[256][16]byte) (read, written int, high bool)

// canShuffle: every processor of the last fifteen years can.
var canShuffle = cpu.X86.HasSSSE3 && cpu.X86.HasPOPCNT

// spread says for each set of eight bytes how they are put with a backslash in
// front of those in the set: 0 to 7 is one of them, 8 a backslash.
var spread = makeSpread()

func makeSpread() *[256][16]byte {
	t := new([256][16]byte)
	for set := range t {
		n := 0
		for i := range 8 {
			if set>>i&1 != 0 {
				t[set][n] = 8
				n++
			}
			t[set][n] = byte(i)
			n++
		}
	}
	return t
}

// appendEscaped appends as many whole blocks of sixteen bytes as are without a
// control character, and returns the rest. high: there is a byte beyond ASCII
// in what was taken.
func appendEscaped(dst, doc []byte) (out, rest []byte, high bool) {
	if !canShuffle {
		return appendRuns(dst, doc)
	}
	blocks := len(doc) / escapeBlock
	if blocks == 0 {
		return dst, doc, false
	}
	buf := dst[:cap(dst)]
	_ = buf[len(dst)+2*escapeBlock*blocks+escapeBlock-1] // room for the worst
	read, written, high := escapeBlocks(&buf[len(dst)], &doc[0], blocks, spread)
	return dst[:len(dst)+written], doc[read:], high
}
