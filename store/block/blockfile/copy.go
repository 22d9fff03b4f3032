package blockfile

import (
	"bytes"
	"encoding/binary"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// spare is what no chunk can be read without, once more: it stands behind the
// chunks, far from the parts themselves, and is found by its magic where the
// table is lost. So one damaged place, or a lost end, costs no more than the
// chunk that is hit.
type spare struct {
	seed               uint32
	dict, chunks, meta []byte
	offset             int64 // where the chunks end
}

const (
	spareMagic = "RGNTCOPY"
	spareHead  = 8 + 4 + 3*4
)

// append adds the spare to a file, in which it will stand at offset.
func (s spare) append(b []byte) []byte {
	b = append(b, spareMagic...)
	b = binary.LittleEndian.AppendUint32(b, s.seed)
	for _, part := range [][]byte{s.dict, s.chunks, s.meta} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(part)))
	}
	from := len(b) - spareHead
	b = append(append(append(b, s.dict...), s.chunks...), s.meta...)
	return binary.LittleEndian.AppendUint32(b, checkOf(s.seed, s.offset, b[from:]))
}

// parseSpare reads the spare at the beginning of b, which stands at offset.
func parseSpare(b []byte, offset int64) (*spare, bool) {
	if len(b) < spareHead+checkSize || string(b[:8]) != spareMagic {
		return nil, false
	}
	s := &spare{seed: binary.LittleEndian.Uint32(b[8:]), offset: offset}
	end := uint64(spareHead)
	for i, part := range []*[]byte{&s.dict, &s.chunks, &s.meta} {
		n := uint64(binary.LittleEndian.Uint32(b[12+4*i:]))
		if end+n+checkSize > uint64(len(b)) {
			return nil, false
		}
		*part = b[end : end+n]
		end += n
	}
	return s, checkOf(s.seed, offset, b[:end]) == binary.LittleEndian.Uint32(b[end:])
}

const (
	spareBytes = 1 << 20 // of a file are searched at once
	mostSpares = 100     // places that look like one are read
)

// findSpare searches a file for its spare; nil where there is none.
func findSpare(f vfs.File, size int64) *spare {
	buf, seen := make([]byte, spareBytes), 0
	for at := int64(0); at < size; at += spareBytes - int64(len(spareMagic)) + 1 {
		n, _ := f.ReadAt(buf[:min(spareBytes, size-at)], at) // what cannot be read holds none
		for i := 0; ; i++ {
			next := bytes.Index(buf[i:n], []byte(spareMagic))
			if next < 0 {
				break
			}
			i += next
			if seen++; seen > mostSpares {
				return nil
			}
			if s := spareAt(f, at+int64(i), size); s != nil {
				return s
			}
		}
	}
	return nil
}

// spareAt reads a spare; nil where there is none after all.
func spareAt(f vfs.File, at, size int64) *spare {
	var head [spareHead]byte
	if n, _ := f.ReadAt(head[:], at); n < len(head) {
		return nil
	}
	length := int64(spareHead + checkSize)
	for i := 12; i < spareHead; i += 4 {
		length += int64(binary.LittleEndian.Uint32(head[i:]))
	}
	if length > size-at {
		return nil
	}
	b := make([]byte, length)
	if n, _ := f.ReadAt(b, at); n < len(b) {
		return nil
	}
	s, ok := parseSpare(b, at)
	if !ok {
		return nil
	}
	return s
}

// spare is what a damaged file holds once more, searched for once.
func (d *damaged) spare() *spare {
	if !d.sought {
		d.sought = true
		err := d.with(func(f vfs.File) error {
			d.second = findSpare(f, d.size)
			return nil
		})
		if err != nil {
			d.note("copy", 0, err.Error())
		}
	}
	return d.second
}
