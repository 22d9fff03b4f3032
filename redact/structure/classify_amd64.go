package structure

// fast says that the processor has what the instructions here need, and that the operating system saves it. Never
// written.
var fast = hasAVX2()

// Fast reports whether indexes are made by instructions for many bytes at a time.
func Fast() bool { return fast }

// classify fills out with the bits of text, which has 64 bytes for each of it, and says whether there is a control
// character and whether a byte is not ASCII.
func classify(text []byte, out []block) (controls, high bool) {
	if !fast {
		return classifyTable(text, out)
	}
	if len(out) == 0 || len(text) < 64*len(out) {
		return false, false
	}
	c, h := classifyAVX2(&text[0], &out[0], len(out))
	return c != 0, h != 0
}

// classifyAVX2 reads 64 bytes at a time n times, and writes a block for each.
//
//go:noescape
func classifyAVX2(text *byte, out *block, n int) (controls, high uint32)

// plainStrings is stringsPlain by instructions of this processor.
func plainStrings(b []block, quotes []uint32, s *state) (read int) {
	if !fast || len(b) == 0 || len(quotes) < s.count+64*len(b) {
		return stringsPlain(b, quotes, s)
	}
	return stringsAVX2(&b[0], len(b), &quotes[0], s)
}

// stringsAVX2 is stringsPlain of n blocks. quotes has room for 64 times as many more.
//
//go:noescape
func stringsAVX2(b *block, n int, quotes *uint32, s *state) (read int)

// hasAVX2 asks the processor (CPUID leaves 1 and 7) and the operating system (XCR0).
func hasAVX2() bool
