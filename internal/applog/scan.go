package applog

import (
	"bytes"
	"fmt"
	"io"
)

// window reads an io.ReaderAt in pieces of at least windowBytes.
type window struct {
	r    io.ReaderAt
	size int64 // bytes past it do not exist
	at   int64 // offset of buf
	buf  []byte
}

const windowBytes = 256 << 10

// bytes returns the n bytes at off, which lie inside size, until the next call.
func (w *window) bytes(off, n int64) ([]byte, error) {
	if off < w.at || off+n > w.at+int64(len(w.buf)) {
		if err := w.fill(off, n); err != nil {
			return nil, err
		}
	}
	return w.buf[off-w.at:][:n], nil
}

func (w *window) fill(off, n int64) error {
	n = min(max(n, windowBytes), w.size-off)
	if int64(cap(w.buf)) < n {
		w.buf = make([]byte, n)
	}
	w.at, w.buf = off, w.buf[:n]
	if got, err := w.r.ReadAt(w.buf, off); int64(got) < n {
		w.buf = w.buf[:0]
		return fmt.Errorf("read %d bytes at %d: %w", n, off, err)
	}
	return nil
}

// finding is what a scanner met in [off, end): a record, or damage where
// reason is not empty.
type finding struct {
	off, end int64
	frame    frame
	framed   bool   // the frame header holds, whatever the payload
	payload  []byte // until the next call
	reason   string
}

// scanner walks the frames of one file in order. After damage it goes on at
// the next frame header that passes its check.
type scanner struct {
	w    window
	seed uint32
	off  int64
}

func newScanner(r io.ReaderAt, seed uint32, from, to int64) *scanner {
	return &scanner{w: window{r: r, size: to}, seed: seed, off: from}
}

// next returns the next finding, io.EOF at the end, or a read error, which it
// returns again when asked again.
func (s *scanner) next() (finding, error) {
	if s.off >= s.w.size {
		return finding{}, io.EOF
	}
	f, err := s.look(s.off)
	if err != nil {
		return finding{}, err
	}
	s.off = f.end
	return f, nil
}

// look judges the bytes at off.
func (s *scanner) look(off int64) (finding, error) {
	f := finding{off: off, end: s.w.size}
	if f.end-off < frameHeaderSize {
		f.reason = "ends inside a record's header"
		return f, nil
	}
	b, err := s.w.bytes(off, frameHeaderSize)
	if err != nil {
		return f, err
	}
	if f.frame, f.framed = decodeFrame(b, s.seed, off); !f.framed {
		f.reason = "no record begins here"
		f.end, err = s.resync(off + 1)
		return f, err
	}
	if f.frame.end(off) > f.end {
		f.reason = fmt.Sprintf("ends inside a record of kind %d with %d bytes", f.frame.kind, f.frame.length)
		return f, nil
	}
	return s.lookPayload(f)
}

func (s *scanner) lookPayload(f finding) (finding, error) {
	f.end = f.frame.end(f.off)
	payload, err := s.w.bytes(f.off+frameHeaderSize, int64(f.frame.length))
	if err != nil {
		return f, err
	}
	f.payload = payload
	if !f.frame.holds(payload) {
		f.payload = nil
		f.reason = fmt.Sprintf("checksum of a record of kind %d with %d bytes does not hold", f.frame.kind, f.frame.length)
	}
	return f, nil
}

// resync returns the offset of the first good frame header at or behind off,
// or the end.
func (s *scanner) resync(off int64) (int64, error) {
	for off+frameHeaderSize <= s.w.size {
		n := min(windowBytes, s.w.size-off)
		b, err := s.w.bytes(off, n)
		if err != nil {
			return 0, err
		}
		at, found := findFrame(b, s.seed, off)
		if found {
			return at, nil
		}
		off = at
	}
	return s.w.size, nil
}

// findFrame searches b, which stands at off, and returns where a frame begins
// or where, with more bytes, the search goes on.
func findFrame(b []byte, seed uint32, off int64) (int64, bool) {
	last := len(b) - frameHeaderSize // a frame header that begins behind it is cut by b's end
	for i := 0; ; i++ {
		j := bytes.Index(b[i:], []byte{frameMark0, frameMark1})
		if j < 0 || i+j > last {
			return off + int64(last) + 1, false
		}
		i += j
		if _, ok := decodeFrame(b[i:], seed, off+int64(i)); ok {
			return off + int64(i), true
		}
	}
}
