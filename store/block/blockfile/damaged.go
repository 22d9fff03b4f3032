package blockfile

import (
	"encoding/binary"
	"fmt"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// damaged is a container of which as much was found as can be, and what is
// wrong with the rest.
type damaged struct {
	*container
	found  []*CorruptError
	headed bool   // the header is good
	second *spare // what stands in the file once more
	sought bool   // second is as it was found
	end    int64  // of the chunks, where the table says it
}

// openDamaged opens a file that Open may refuse. The error says that it is no
// block, or a newer one, or cannot be read at all.
func openDamaged(fs vfs.FS, path string, cache *Cache) (*damaged, error) {
	d := &damaged{container: &container{fs: fs, path: path, cache: cache, id: cache.files.Add(1)}}
	if err := d.with(d.open); err != nil {
		_ = d.close() // it was only read, and there is a better error
		return nil, err
	}
	d.findChunks()
	return d, nil
}

func (d *damaged) note(what string, offset int64, reason string) {
	d.found = append(d.found, d.corrupt(what, offset, reason))
}

func (d *damaged) open(f vfs.File) (err error) {
	if d.size, err = f.Size(); err != nil {
		return fmt.Errorf("ask for the size of block file %s: %w", d.path, err)
	}
	h, err := readHeader(f, d.path, d.size)
	switch {
	case err != nil:
		return err
	case h.state == headerForeign:
		return &ForeignError{d.path}
	case h.state == headerNewer:
		return &VersionError{File: d.path, Version: h.version}
	case h.state == headerCut:
		d.note("header", 0, "the file is cut short: it ends inside its header, or was never written")
	case h.state == headerDamaged:
		d.note("header", 0, "its checksum does not hold")
	default:
		d.headed = true
	}
	d.header = h.header
	b := make([]byte, min(d.size, trailerSize+maxTable))
	if n, err := f.ReadAt(b, d.size-int64(len(b))); n < len(b) {
		return readError(d.path, d.size-int64(len(b)), "trailer", err)
	}
	d.findParts(b, []uint32{h.stored, h.computed})
	return nil
}

// maxTable is as far as a table is looked for when the trailer does not say
// where it is.
const maxTable = tableHead + 64*entrySize

// findParts reads the table, with the seed among those given and the trailer's
// by which it holds.
func (d *damaged) findParts(b []byte, seeds []uint32) {
	end, reason := parseTrailer(b, d.size)
	if reason != "" {
		d.note("trailer", max(0, d.size-trailerSize), reason)
		end = guessTable(b, d.size)
	} else {
		seeds = append(seeds, end.seed)
	}
	if end.length == 0 {
		return
	}
	table, err := d.bytes(tail{b, d.size - int64(len(b))}, "table", end.table, end.length)
	if err != nil {
		d.note("table", end.table, err.Error())
		return
	}
	parts, err := parseTable(table, end.table)
	if err != nil {
		d.note("table", end.table, err.Error())
		return
	}
	d.seed = d.fitting(parts, seeds)
	if reason == "" && checkOf(d.seed, end.table, table) != end.check {
		d.note("table", end.table, "its checksum does not hold")
	}
	d.take(parts, end.table)
}

// guessTable finds a table of the usual form in front of where the trailer
// should be, or none.
func guessTable(b []byte, size int64) trailer {
	if len(b) < trailerSize {
		return trailer{}
	}
	b = b[:len(b)-trailerSize]
	for n := tableHead + int(lastKind)*entrySize; n <= len(b); n += entrySize {
		t := b[len(b)-n:]
		if binary.LittleEndian.Uint32(t) == uint32(n/entrySize) && binary.LittleEndian.Uint32(t[4:]) == entrySize {
			return trailer{table: size - trailerSize - int64(n), length: int64(n)}
		}
	}
	return trailer{}
}

// fitting returns the seed by which a part holds.
func (d *damaged) fitting(parts []part, seeds []uint32) uint32 {
	for _, seed := range seeds {
		for _, p := range parts {
			b, err := d.bytes(tail{at: d.size}, p.kind.String(), p.offset, p.length)
			if err == nil && checkOf(seed, p.offset, b) == p.check {
				return seed
			}
		}
	}
	return seeds[len(seeds)-1]
}

// take keeps the parts of known kinds.
func (d *damaged) take(parts []part, table int64) {
	for _, p := range parts {
		if p.kind >= kindChunks && p.kind <= lastKind {
			d.parts[p.kind] = p
		}
	}
	if _, err := known(parts); err != nil {
		d.note("table", table, err.Error())
	}
	if len(parts) > 0 {
		d.end = parts[0].offset
	}
}

// findChunks reads the map of the chunks, or the copy of it.
func (d *damaged) findChunks() {
	if d.parts[kindChunks].kind != 0 {
		p, b, err := d.part(kindChunks)
		if err == nil {
			d.chunks, d.count, d.rows, err = parseChunkMap(b, d.end)
		}
		if err == nil {
			return
		}
		d.report(kindChunks.String(), p.offset, err)
	}
	s := d.spare()
	if s == nil {
		return
	}
	var err error
	if d.chunks, d.count, d.rows, err = parseChunkMap(s.chunks, s.offset); err != nil {
		d.note("copy", s.offset, err.Error())
		return
	}
	d.seed = s.seed
}

// report notes an error about a part.
func (d *damaged) report(what string, offset int64, err error) {
	if c, ok := err.(*CorruptError); ok {
		d.found = append(d.found, c)
		return
	}
	d.note(what, offset, err.Error())
}
