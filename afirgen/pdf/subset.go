package pdf

import (
	"encoding/binary"
	"slices"
)

// subset is a font file with some of the glyphs of another, numbered anew.
type subset struct {
	program []byte
	number  map[uint16]uint16 // of a glyph of the whole font in this one
}

// Flags of a compound glyph's components (OpenType specification, table glyf).
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	moreFollow    = 1 << 5
	twoScales     = 1 << 6
	fourScales    = 1 << 7
)

// subset cuts the font down to the glyphs given, glyph 0, and those that they are compounded of. Only the tables that
// draw are kept: shaping is done, and characters are found by the PDF's own tables.
func (t *typeface) subset(glyphs []uint16) subset {
	kept := t.closure(glyphs)
	s := subset{number: map[uint16]uint16{}}
	for i, g := range kept {
		s.number[g] = uint16(i)
	}
	var glyf, loca, hmtx []byte
	for _, g := range kept {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, renumbered(t.outline(g), s.number)...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(t.advance(g)))
		hmtx = append(hmtx, t.bearing(g)...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	s.program = fontFile([]fontTable{
		{"cvt ", t.tables["cvt "]}, {"fpgm", t.tables["fpgm"]}, {"glyf", glyf},
		{"head", patched(patched(t.tables["head"], 8, 0, 0), 50, 1)}, // no checksum yet; loca in 32 bits
		{"hhea", patched(t.tables["hhea"], 34, uint16(len(kept)))},
		{"hmtx", hmtx}, {"loca", loca},
		{"maxp", patched(t.tables["maxp"], 4, uint16(len(kept)))},
		{"prep", t.tables["prep"]},
	})
	return s
}

// closure sorts the glyphs and adds glyph 0 and the components.
func (t *typeface) closure(glyphs []uint16) []uint16 {
	seen := map[uint16]bool{0: true}
	todo := append([]uint16{0}, glyphs...)
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		seen[g] = true
		for _, at := range components(t.outline(g)) {
			if c := binary.BigEndian.Uint16(t.outline(g)[at:]); !seen[c] {
				todo = append(todo, c)
			}
		}
	}
	kept := make([]uint16, 0, len(seen))
	for g := range seen {
		kept = append(kept, g)
	}
	slices.Sort(kept)
	return kept
}

// outline is the glyph's entry in glyf; empty for one without a shape, such as a space.
func (t *typeface) outline(g uint16) []byte {
	loca := t.tables["loca"]
	at := func(i int) int {
		if long := signed(t.tables["head"][50:]) == 1; long {
			return int(binary.BigEndian.Uint32(loca[4*i:]))
		}
		return 2 * int(binary.BigEndian.Uint16(loca[2*i:]))
	}
	return t.tables["glyf"][at(int(g)):at(int(g)+1)]
}

// bearing is the two bytes of hmtx that follow the glyph's advance.
func (t *typeface) bearing(g uint16) []byte {
	hmtx, full := t.tables["hmtx"], binary.BigEndian.Uint16(t.tables["hhea"][34:])
	if g < full {
		return hmtx[4*int(g)+2:][:2]
	}
	return hmtx[4*int(full)+2*int(g-full):][:2]
}

// components lists where in a compound glyph the numbers of its components stand; none for a simple one.
func components(outline []byte) []int {
	if len(outline) == 0 || signed(outline) >= 0 {
		return nil
	}
	var places []int
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(outline[at:])
		places = append(places, at+2)
		if flags&moreFollow == 0 {
			return places
		}
		at += 4 + argumentSize(flags)
	}
}

// argumentSize is how many bytes follow a component's flags and number.
func argumentSize(flags uint16) int {
	size := 2
	if flags&wordArguments != 0 {
		size = 4
	}
	switch {
	case flags&oneScale != 0:
		size += 2
	case flags&twoScales != 0:
		size += 4
	case flags&fourScales != 0:
		size += 8
	}
	return size
}

// renumbered is the outline with its components called by their new numbers.
func renumbered(outline []byte, number map[uint16]uint16) []byte {
	places := components(outline)
	if len(places) == 0 {
		return outline
	}
	outline = slices.Clone(outline)
	for _, at := range places {
		binary.BigEndian.PutUint16(outline[at:], number[binary.BigEndian.Uint16(outline[at:])])
	}
	return outline
}

// patched is the table with other 16-bit numbers from the offset on.
func patched(table []byte, offset int, values ...uint16) []byte {
	table = slices.Clone(table)
	for i, v := range values {
		binary.BigEndian.PutUint16(table[offset+2*i:], v)
	}
	return table
}
