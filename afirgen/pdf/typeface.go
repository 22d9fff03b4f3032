package pdf

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// lohit is the one font: 155,012 bytes, Latin and Devanagari with the rules for conjuncts. Noto would need two files of
// twice the size each for the same. It has no bold: headings are drawn with a stroked outline instead.
//
//go:embed fonts/Lohit-Devanagari.ttf
var lohit []byte

const postScriptName = "Lohit-Devanagari"

// typeface is the font read for two purposes: shaping, and being embedded.
type typeface struct {
	face   *font.Face
	tables map[string][]byte
	upem   int // font units in an em
	ascent int // of the tallest glyph above the base line, font units
	depth  int // of the deepest below it, font units, positive
	box    [4]int
}

// newTypeface reads the embedded font. A face is not safe for concurrent use, so each document has its own.
func newTypeface() (*typeface, error) {
	loader, err := opentype.NewLoader(bytes.NewReader(lohit))
	if err != nil {
		return nil, fmt.Errorf("read the embedded font: %w", err)
	}
	parsed, err := font.NewFont(loader)
	if err != nil {
		return nil, fmt.Errorf("read the embedded font: %w", err)
	}
	t := &typeface{face: font.NewFace(parsed), tables: map[string][]byte{}}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cvt ", "fpgm", "prep"} {
		if t.tables[tag], err = loader.RawTable(opentype.MustNewTag(tag)); err != nil {
			return nil, fmt.Errorf("read the embedded font's table %q: %w", tag, err)
		}
	}
	t.readMetrics()
	return t, nil
}

// readMetrics takes the measures from the tables head and hhea, at the places that the OpenType specification gives them.
func (t *typeface) readMetrics() {
	head, hhea := t.tables["head"], t.tables["hhea"]
	t.upem = int(binary.BigEndian.Uint16(head[18:]))
	for i := range t.box {
		t.box[i] = signed(head[36+2*i:])
	}
	t.ascent, t.depth = signed(hhea[4:]), -signed(hhea[6:])
}

// advance is how far glyph moves the pen, in font units.
func (t *typeface) advance(glyph uint16) int {
	hmtx := t.tables["hmtx"]
	last := int(binary.BigEndian.Uint16(t.tables["hhea"][34:])) - 1
	return int(binary.BigEndian.Uint16(hmtx[4*min(int(glyph), last):]))
}

// perMille turns font units into thousandths of an em, times a thousand.
func (t *typeface) perMille(fontUnits int) int {
	n := fontUnits * 1_000_000
	if n < 0 {
		return -((-n + t.upem/2) / t.upem)
	}
	return (n + t.upem/2) / t.upem
}

// signed reads a 16-bit number with a sign.
func signed(b []byte) int { return int(int16(binary.BigEndian.Uint16(b))) }
