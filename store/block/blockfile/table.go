package blockfile

import (
	"encoding/binary"
	"fmt"
)

// kind says what a part is.
type kind uint32

// The kinds of part. A number is never used for anything else.
const (
	kindChunks  kind = 1 // where the chunks are
	kindDict    kind = 2 // package chunk: shapes and shared strings
	kindIndex   kind = 3 // package index
	kindSummary kind = 4 // package index: what stays in memory
	kindBundle  kind = 5 // package graph
	kindMeta    kind = 6
	kindCopy    kind = 7 // of dictionary, chunk map and meta: spare
	lastKind         = kindCopy
)

// String is what errors and listings call it.
func (k kind) String() string {
	names := [...]string{kindChunks: "chunk map", kindDict: "dictionary", kindIndex: "index",
		kindSummary: "summary", kindBundle: "graph bundle", kindMeta: "meta", kindCopy: "copy"}
	if k >= kindChunks && k <= lastKind {
		return names[k]
	}
	return fmt.Sprintf("part of kind %d", uint32(k))
}

// flagZstd says that the part is one zstd frame.
const flagZstd uint32 = 1

// part is one row of the table.
type part struct {
	kind   kind
	flags  uint32
	offset int64
	length int64 // in the file
	raw    int64 // decompressed; length where it is not compressed
	check  uint32
}

const (
	tableHead = 8
	entrySize = 36
	maxEntry  = 4096 // of later versions
	maxParts  = 1024
)

// maxRatio bounds what a part says of its decompressed length, so that nobody
// is made to take much memory for a little file.
const maxRatio = 64

func appendTable(b []byte, parts []part) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(parts)))
	b = binary.LittleEndian.AppendUint32(b, entrySize)
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint32(b, uint32(p.kind))
		b = binary.LittleEndian.AppendUint32(b, p.flags)
		b = binary.LittleEndian.AppendUint64(b, uint64(p.offset))
		b = binary.LittleEndian.AppendUint64(b, uint64(p.length))
		b = binary.LittleEndian.AppendUint64(b, uint64(p.raw))
		b = binary.LittleEndian.AppendUint32(b, p.check)
	}
	return b
}

// parseTable reads all parts of a table that stands at offset end, those of
// unknown kinds too. Parts lie one behind the other, in the order of the table,
// and the last ends where it begins.
func parseTable(b []byte, end int64) ([]part, error) {
	if len(b) < tableHead {
		return nil, fmt.Errorf("%d bytes hold no table", len(b))
	}
	count, size := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	b = b[tableHead:]
	if size < entrySize || size > maxEntry || count > maxParts || count*size != len(b) {
		return nil, fmt.Errorf("%d parts of %d bytes each are not in the %d bytes behind its head", count, size, len(b))
	}
	parts := make([]part, count)
	for i := range parts {
		parts[i] = parsePart(b[i*size:])
	}
	for i := count - 1; i >= 0; i-- {
		if err := parts[i].judge(end); err != nil {
			return nil, err
		}
		end = parts[i].offset
	}
	return parts, nil
}

func parsePart(b []byte) part {
	return part{
		kind:   kind(binary.LittleEndian.Uint32(b)),
		flags:  binary.LittleEndian.Uint32(b[4:]),
		offset: int64(binary.LittleEndian.Uint64(b[8:])),
		length: int64(binary.LittleEndian.Uint64(b[16:])),
		raw:    int64(binary.LittleEndian.Uint64(b[24:])),
		check:  binary.LittleEndian.Uint32(b[32:]),
	}
}

// judge tells whether the part ends where the next begins, and whether it is of
// a size that can be.
func (p part) judge(next int64) error {
	switch {
	case p.offset < headerSize || p.offset > next || p.length != next-p.offset:
		return fmt.Errorf("%s: offset %d and length %d do not reach to %d", p.kind, p.offset, p.length, next)
	case p.flags&flagZstd == 0 && p.raw != p.length, p.raw < 0, p.raw/maxRatio > p.length:
		return fmt.Errorf("%s: %d bytes cannot hold %d", p.kind, p.length, p.raw)
	}
	return nil
}

// known returns the parts of kinds that this program knows, by kind. Each of
// them has to be there once.
func known(parts []part) (out [lastKind + 1]part, err error) {
	for _, p := range parts {
		if p.kind < kindChunks || p.kind > lastKind {
			continue // of a later minor version
		}
		if out[p.kind].kind != 0 {
			return out, fmt.Errorf("%s is there twice", p.kind)
		}
		out[p.kind] = p
	}
	for k := kindChunks; k <= lastKind; k++ {
		if out[k].kind == 0 {
			return out, fmt.Errorf("%s is missing", k)
		}
	}
	return out, nil
}
