package wire

// look returns of 64 bytes of a text a bit for each that is a quote and for each
// that is a backslash; and something other than 0 where there is a control
// character, and where there is a byte beyond ASCII.
//
// It takes sixteen bytes at a time, with SSE2, which every amd64 has, in a
// quarter of the time of lookAt: the body of a request is looked at, and then
// each document in it.
//
//go:noescape
func look(b *[64]byte) (quotes, backslashes, controls, high uint64)
