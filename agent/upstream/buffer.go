package upstream

import "github.com/roentgen/roentgen/wire"

// buffer is the memory that one request needs.
type buffer struct {
	writer       wire.BatchWriter
	body, answer []byte
}

const (
	keptBuffers     = 8
	keptBufferBytes = 4 << 20
)

// buffers keeps a few for the next requests. A sync.Pool would give them up at
// each collection, and a megabyte would have to be cleared anew.
type buffers chan *buffer

func newBuffers() buffers { return make(buffers, keptBuffers) }

func (b buffers) get() *buffer {
	select {
	case buf := <-b:
		return buf
	default:
		return new(buffer)
	}
}

func (b buffers) put(buf *buffer) {
	if cap(buf.body) > keptBufferBytes {
		return
	}
	select {
	case b <- buf:
	default:
	}
}
