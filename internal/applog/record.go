package applog

// Record is what a log holds: a payload, which may be empty, and a kind from 1
// to 255 that belongs to the caller. Kind 0 is the log's own.
type Record struct {
	Kind    byte
	Payload []byte
}

// FrameBytes returns how many bytes a payload of n bytes takes in a file.
func FrameBytes(n int) int64 { return frameHeaderSize + int64(n) }
