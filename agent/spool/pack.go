package spool

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// maxRatio bounds what is believed of a block before memory is taken for it: a
// block of s2 can say in few bytes that it holds many, and no documents do.
const maxRatio = 1 << 12

// pack returns head and block of the compressed form of records, which lie
// behind a header in mem. The block is written into buf.
func pack(h header, mem, buf []byte) (head, block []byte) {
	h.coding, h.plain = codingS2, uint64(len(mem)-fileHead)
	head = make([]byte, fileHead)
	h.put(head)
	return head, s2.Encode(buf[:cap(buf)], mem[fileHead:])
}

// unpack returns the header of a file's content and, with room for it in front,
// the records, in buf where that is large enough.
func unpack(b, buf []byte) (header, []byte, error) {
	h, found := readHeader(b, int64(len(b)))
	if found != conditionSound {
		return h, nil, errors.New("its header is damaged")
	}
	if h.coding == codingRaw {
		return h, append(buf[:0], b...), nil
	}
	n, err := s2.DecodedLen(b[fileHead:])
	if err != nil || uint64(n) != h.plain || n > maxRatio*(len(b)-fileHead) {
		return h, nil, fmt.Errorf("its block is damaged: it speaks of %d bytes, the header of %d", n, h.plain)
	}
	if cap(buf) < fileHead+n {
		buf = make([]byte, fileHead+n)
	}
	buf = buf[:fileHead+n]
	copy(buf, b[:fileHead])
	if _, err := s2.Decode(buf[fileHead:], b[fileHead:]); err != nil {
		return h, nil, fmt.Errorf("its block is damaged: %w", err)
	}
	return h, buf, nil
}
