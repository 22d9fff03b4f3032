//go:build !amd64

package structure

// Fast reports whether indexes are made by instructions for many bytes at a time.
func Fast() bool { return false }

// classify fills out with the bits of text, which has 64 bytes for each of it, and says whether there is a control
// character and whether a byte is not ASCII.
func classify(text []byte, out []block) (controls, high bool) { return classifyTable(text, out) }

func plainStrings(b []block, quotes []uint32, s *state) (read int) { return stringsPlain(b, quotes, s) }
