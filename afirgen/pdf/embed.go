package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// font writes the font with the codes that the pages use, and returns it.
func (f *file) font(k *ink) (ref, error) {
	s := k.face.subset(k.glyphs())
	program, err := f.stream(fmt.Sprintf("/Length1 %d", len(s.program)), s.program)
	if err != nil {
		return 0, err
	}
	toGlyphs, err := f.stream("", k.toGlyphs(s))
	if err != nil {
		return 0, err
	}
	toUnicode, err := f.stream("", []byte(k.toUnicode()))
	if err != nil {
		return 0, err
	}
	name := subsetName(s.program)
	descriptor := f.add(k.face.descriptor(name, program))
	descendant := f.add(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s "+
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %v /CIDToGIDMap %v /W [0 [%s]]>>",
		name, descriptor, toGlyphs, k.widths()))
	return f.add(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%v] /ToUnicode %v>>",
		name, descendant, toUnicode)), nil
}

// subsetName is the font's name with six letters before it that tell this subset from others (ISO 32000-1, section
// 9.6.4).
func subsetName(program []byte) string {
	sum := sha256.Sum256(program)
	letters := make([]byte, 6)
	for i := range letters {
		letters[i] = 'A' + sum[i]%26
	}
	return string(letters) + "+" + postScriptName
}

// descriptor describes the font as a whole, in thousandths of an em. Flag 4: it holds glyphs beyond Latin's.
func (t *typeface) descriptor(name string, program ref) string {
	em := func(fontUnits int) string { return thousandths(t.perMille(fontUnits)) }
	return fmt.Sprintf("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%s %s %s %s] /ItalicAngle 0 /Ascent %s /Descent %s "+
		"/CapHeight %s /StemV 80 /FontFile2 %v>>",
		name, em(t.box[0]), em(t.box[1]), em(t.box[2]), em(t.box[3]), em(t.ascent), em(-t.depth), em(t.ascent), program)
}

// glyphs lists the glyph of each code.
func (k *ink) glyphs() []uint16 {
	glyphs := make([]uint16, len(k.codes))
	for i, c := range k.codes {
		glyphs[i] = c.glyph
	}
	return glyphs
}

// toGlyphs is the CIDToGIDMap: for each code two bytes, the number of its glyph in the subset.
func (k *ink) toGlyphs(s subset) []byte {
	var b []byte
	for _, c := range k.codes {
		b = binary.BigEndian.AppendUint16(b, s.number[c.glyph])
	}
	return b
}

// widths lists how far each code moves the pen, in thousandths of an em.
func (k *ink) widths() string {
	var b strings.Builder
	for i, c := range k.codes {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(thousandths(k.face.perMille(k.face.advance(c.glyph))))
	}
	return b.String()
}

// toUnicode is the table by which readers turn codes into characters (ISO 32000-1, section 9.10.3). A block of it holds
// at most 100 entries.
func (k *ink) toUnicode() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for from := 0; from < len(k.codes); from += 100 {
		block := k.codes[from:min(from+100, len(k.codes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, c := range block {
			fmt.Fprintf(&b, "<%04X> <%s>\n", from+i, utf16Hex(c.text))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}
