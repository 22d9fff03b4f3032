package pdf

// code is what a glyph is called in a page's content: a glyph that stands for different characters in different places
// has a code for each, so that every reader finds the characters again.
type code struct {
	glyph uint16
	text  string
}

const (
	mostTexts   = 60_000 // codes are 16 bits wide; beyond these, one for each glyph must do
	longestText = 8      // characters that one code may stand for
	filling     = "\u200B"
)

// ink numbers the codes that a document uses, in the order in which they are first drawn.
type ink struct {
	face    *typeface
	numbers map[code]uint16
	codes   []code
	texts   int // mostTexts, but for tests
}

// newInk begins with code 0, the box that stands for what the font lacks.
func newInk(face *typeface) *ink {
	k := &ink{face: face, numbers: map[code]uint16{}, texts: mostTexts}
	k.number(code{text: string(replacement)})
	return k
}

func (k *ink) number(c code) uint16 {
	n, ok := k.numbers[c]
	if !ok {
		n = uint16(len(k.codes))
		k.numbers[c] = n
		k.codes = append(k.codes, c)
	}
	return n
}

// encode returns a code for each of the cluster's glyphs. Its characters are shared out in their order, whatever order
// the glyphs have: a reader that joins what the codes stand for gets the text. Span says that the cluster needs its
// text written beside it too: where several glyphs draw it, or where a code does not tell the whole truth.
func (k *ink) encode(c cluster) (codes []uint16, span bool) {
	span = len(c.glyphs) > 1
	for i, share := range shares(c.text, len(c.glyphs)) {
		id := c.glyphs[i].id
		told := k.told(id, share)
		span = span || told != c.text
		codes = append(codes, k.number(code{glyph: id, text: told}))
	}
	return codes, span
}

// told is the text that the glyph's code is to stand for: share, unless the glyph is the box or there are too many codes.
func (k *ink) told(id uint16, share string) string {
	_, known := k.numbers[code{glyph: id, text: share}]
	switch {
	case known:
		return share
	case id == 0, len([]rune(share)) > longestText, len(k.codes) >= k.texts:
		return string(replacement)
	}
	return share
}

// shares parts text among n glyphs: a character for each, the rest for the last, a space without width where none is
// left.
func shares(text string, n int) []string {
	parts := make([]string, n)
	runes := []rune(text)
	for i := range parts {
		switch {
		case len(runes) == 0:
			parts[i] = filling
		case i == n-1:
			parts[i] = string(runes)
		default:
			parts[i], runes = string(runes[:1]), runes[1:]
		}
	}
	return parts
}
