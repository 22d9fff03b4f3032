package pdf

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

// style is how a stretch of text looks.
type style struct {
	size unit
	bold bool
}

// The styles of the form.
var (
	titleStyle   = style{size: 15 * point, bold: true}
	headingStyle = style{size: 10_500, bold: true}
	labelStyle   = style{size: 10 * point, bold: true}
	bodyStyle    = style{size: 10 * point}
	smallStyle   = style{size: 8 * point}
)

// leading is the height of a line: Devanagari reaches further up and down than Latin does.
func (s style) leading() unit { return s.size * 3 / 2 }

// span is text of one style.
type span struct {
	text  string // made printable by clean
	style style
}

// piece is shaped text of one style: what is drawn at once.
type piece struct {
	span
	run   run
	width unit
}

// line is what stands on one line. A blank at its end is there for those who copy or listen, and not counted in width.
type line struct {
	pieces []piece
	width  unit
}

// word is what a line may not be broken within, unless a whole line is too short for it, and the blanks after it.
type word struct {
	body, blanks []piece
}

// typesetter breaks paragraphs into lines.
type typesetter struct {
	face   *typeface
	shaper *shaper
}

func newTypesetter(t *typeface) *typesetter { return &typesetter{face: t, shaper: newShaper(t)} }

// piece shapes text.
func (t *typesetter) piece(text string, s style) piece {
	r := t.shaper.shape(text)
	return piece{span: span{text: text, style: s}, run: r, width: unit(r.advance) * s.size / unit(t.face.upem)}
}

// lines breaks the spans, one after the other, into lines no wider than width. A \n breaks the line wherever it stands.
func (t *typesetter) lines(spans []span, width unit) []line {
	f := &filler{typesetter: t, width: width}
	for _, paragraph := range splitSpans(spans) {
		for _, w := range t.words(paragraph) {
			f.add(w)
		}
		f.endLine()
	}
	return f.lines
}

// splitSpans parts the spans at every \n. Parts with nothing to see are left out.
func splitSpans(spans []span) [][]span {
	parts := [][]span{nil}
	for _, s := range spans {
		for i, text := range strings.Split(s.text, "\n") {
			if i > 0 {
				parts = append(parts, nil)
			}
			if text != "" {
				parts[len(parts)-1] = append(parts[len(parts)-1], span{text: text, style: s.style})
			}
		}
	}
	return slices.DeleteFunc(parts, func(part []span) bool {
		return !slices.ContainsFunc(part, func(s span) bool { return strings.TrimFunc(s.text, blank) != "" })
	})
}

// words cuts spans where Unicode's rules (UAX 14) let a line be broken. They would let one begin with a danda that has
// a space before it, as Hindi is often typed; that is taken back here.
func (t *typesetter) words(spans []span) []word {
	var text []rune
	for _, s := range spans {
		text = append(text, []rune(s.text)...)
	}
	var seg segmenter.Segmenter
	seg.Init(text)
	var words []word
	cut := &cutter{typesetter: t, spans: spans}
	for it := seg.LineIterator(); it.Next(); {
		segment := it.Line().Text
		body := len(segment)
		for body > 0 && blank(segment[body-1]) {
			body--
		}
		w := word{body: cut.take(body), blanks: cut.take(len(segment) - body)}
		if last := len(words) - 1; last >= 0 && body > 0 && danda(segment[0]) {
			words[last].body = append(append(words[last].body, words[last].blanks...), w.body...)
			words[last].blanks = w.blanks
			continue
		}
		words = append(words, w)
	}
	return words
}

// cutter takes spans apart from the front.
type cutter struct {
	typesetter *typesetter
	spans      []span
}

// take returns the next n characters, shaped, a piece for each style.
func (c *cutter) take(n int) []piece {
	var pieces []piece
	for n > 0 && len(c.spans) > 0 {
		s := &c.spans[0]
		at, taken := byteOffset(s.text, n)
		pieces = append(pieces, c.typesetter.piece(s.text[:at], s.style))
		n -= taken
		if s.text = s.text[at:]; s.text == "" {
			c.spans = c.spans[1:]
		}
	}
	return pieces
}

// byteOffset returns where the nth character of s ends, or s itself, and how many characters that is.
func byteOffset(s string, n int) (at, taken int) {
	for at = range s {
		if taken == n {
			return at, taken
		}
		taken++
	}
	return len(s), taken
}

// blank says that r is a space at which a line may end.
func blank(r rune) bool {
	return unicode.Is(unicode.Zs, r) && r != '\u00A0' && r != '\u2007' && r != '\u202F'
}

// danda says that r is one of Devanagari's full stops.
func danda(r rune) bool { return r == '।' || r == '॥' }

// sum is the width of the pieces together.
func sum(pieces []piece) unit {
	var width unit
	for _, p := range pieces {
		width += p.width
	}
	return width
}
