//go:build !amd64

package wire

// look returns of 64 bytes of a text a bit for each that is a quote and for each
// that is a backslash; and something other than 0 where there is a control
// character, and where there is a byte beyond ASCII.
func look(b *[64]byte) (quotes, backslashes, controls, high uint64) { return lookAt(b) }
