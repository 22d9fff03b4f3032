//go:build !amd64

package upstream

// appendEscaped appends what can be taken several bytes at a time, up to a
// control character, and returns the rest. high: there is a byte beyond ASCII
// in what was taken.
func appendEscaped(dst, doc []byte) (out, rest []byte, high bool) { return appendRuns(dst, doc) }
