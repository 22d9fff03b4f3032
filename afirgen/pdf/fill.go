package pdf

import (
	"sort"

	"github.com/go-text/typesetting/segmenter"
)

// filler puts words on lines, as many on each as there is room for.
type filler struct {
	typesetter *typesetter
	width      unit
	lines      []line
	current    line
	pending    []piece // blanks after the last word, drawn if a word follows on the line
}

// add puts the word on the current line, or else on the next.
func (f *filler) add(w word) {
	if len(f.current.pieces) > 0 && f.current.width+sum(f.pending)+sum(w.body) > f.width {
		f.endLine()
	}
	if len(f.current.pieces) == 0 {
		f.pending = nil
	}
	if sum(w.body) > f.width {
		for _, p := range w.body {
			f.addCut(p.span)
		}
	} else if len(w.body) > 0 {
		f.put(f.pending...)
		f.put(w.body...)
		f.pending = nil
	}
	f.pending = append(f.pending, w.blanks...)
}

// addCut puts a piece of a word that no line is wide enough for, cut where lines end.
func (f *filler) addCut(s span) {
	for s.text != "" {
		at := f.typesetter.fitting(s, f.width-f.current.width, len(f.current.pieces) == 0)
		if at > 0 {
			f.put(f.typesetter.piece(s.text[:at], s.style))
			s.text = s.text[at:]
		}
		if s.text != "" {
			f.endLine()
		}
	}
}

func (f *filler) put(pieces ...piece) {
	f.current.pieces = append(f.current.pieces, pieces...)
	f.current.width += sum(pieces)
}

// endLine begins a new line. One blank stays with the old one.
func (f *filler) endLine() {
	if len(f.current.pieces) > 0 {
		if len(f.pending) > 0 {
			f.current.pieces = append(f.current.pieces, f.typesetter.piece(" ", f.pending[0].style))
		}
		f.lines = append(f.lines, f.current)
	}
	f.current, f.pending = line{}, nil
}

// window is how many characters are looked at for the end of a line: more than any line holds, and few enough that a
// word of a megabyte costs no more than a book.
const window = 400

// fitting returns how many bytes of s fit into width, cut between syllables; where a single syllable is too wide and
// must go somewhere, between characters. With must it returns at least the first character.
func (t *typesetter) fitting(s span, width unit, must bool) int {
	end, _ := byteOffset(s.text, window)
	ends := syllableEnds(s.text[:end])
	if n := t.fit(s, ends, width); n > 0 {
		return ends[n-1]
	}
	if !must {
		return 0
	}
	ends = characterEnds(s.text[:ends[0]])
	return ends[max(t.fit(s, ends, width)-1, 0)]
}

// fit returns how many of the ends are within width. It doubles its reach first: what is far too long is not measured.
func (t *typesetter) fit(s span, ends []int, width unit) int {
	tooWide := func(i int) bool { return t.measure(s.text[:ends[i]], s.style) > width }
	reach := 8
	for reach < len(ends) && !tooWide(reach) {
		reach *= 2
	}
	return sort.Search(min(reach, len(ends)), tooWide)
}

// measure is how wide text is.
func (t *typesetter) measure(text string, s style) unit { return t.piece(text, s).width }

// characterEnds lists where each character of text ends, in bytes.
func characterEnds(text string) []int {
	var ends []int
	for at := range text {
		if at > 0 {
			ends = append(ends, at)
		}
	}
	return append(ends, len(text))
}

// syllableEnds lists where a word may be cut at need: where Unicode's grapheme clusters (UAX 29) end, but not after a
// virama, which binds the next consonant to the one before, nor after a joiner that follows one.
func syllableEnds(text string) []int {
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var ends []int
	at := 0
	for it := seg.GraphemeIterator(); it.Next(); {
		g := it.Grapheme().Text
		at += len(string(g))
		if at < len(text) && !binds(g) {
			ends = append(ends, at)
		}
	}
	return append(ends, len(text))
}

// binds says that the grapheme ends in a virama, with or without a zero width joiner after it.
func binds(grapheme []rune) bool {
	for i := len(grapheme) - 1; i >= 0; i-- {
		if grapheme[i] != '\u200D' {
			return grapheme[i] == '\u094D'
		}
	}
	return false
}
