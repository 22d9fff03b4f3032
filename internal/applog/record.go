package applog

// Record is what a log holds: a payload, which may be empty, and a kind from 1
// to 255 that belongs to the caller. Kind 0 is the log's own.
type Record struct {
	Kind byte
	// Head stands in front of Payload and is one payload with it to whoever
	// reads. It spares those who put a few bytes before a long text the copy.
	Head    []byte
	Payload []byte
}

// length is that of the payload as it is read.
func (r *Record) length() int { return len(r.Head) + len(r.Payload) }

// FrameBytes returns how many bytes a payload of n bytes takes in a file.
func FrameBytes(n int) int64 { return frameHeaderSize + int64(n) }
