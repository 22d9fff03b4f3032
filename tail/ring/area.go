package ring

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// area is where frames are: a file, or memory.
type area interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// memoryArea is as long as its slice.
type memoryArea struct{ b []byte }

var errOutside = errors.New("outside of the ring")

func (m *memoryArea) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > int64(len(m.b)) {
		return 0, errOutside
	}
	return copy(p, m.b[at:]), nil
}

func (m *memoryArea) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > int64(len(m.b)) {
		return 0, errOutside
	}
	return copy(m.b[at:], p), nil
}

func (m *memoryArea) Close() error { return nil }

// writeZeros fills a file, where the system cannot reserve its blocks.
func writeZeros(f *os.File, size int64) error {
	zeros := make([]byte, 1<<20)
	have, err := f.Seek(0, io.SeekEnd)
	for err == nil && have < size {
		n, werr := f.WriteAt(zeros[:min(int64(len(zeros)), size-have)], have)
		have, err = have+int64(n), werr
	}
	if err != nil {
		return fmt.Errorf("allocate %d bytes for %s: %w", size, f.Name(), err)
	}
	return nil
}
