package pdf

import (
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
)

// glyph is one drawn shape of the font. Measures are in font units.
type glyph struct {
	id      uint16
	advance int // how far the pen moves after it
	dx, dy  int // where it is drawn, from the pen
}

// cluster is the least that cannot be taken apart: some characters and the glyphs that draw them together. The glyphs may
// stand in another order than the characters, as in कि, where the sign for i is drawn first.
type cluster struct {
	text   string
	glyphs []glyph
}

// run is a shaped stretch of text.
type run struct {
	clusters []cluster
	advance  int // font units
}

// longestKept bounds what the shaper remembers, in bytes: words come again, oddities do not.
const longestKept = 96

// shaper turns characters into glyphs.
type shaper struct {
	font   *harfbuzz.Font
	buffer *harfbuzz.Buffer
	known  map[string]run
}

func newShaper(t *typeface) *shaper {
	return &shaper{font: harfbuzz.NewFont(t.face), buffer: harfbuzz.NewBuffer(), known: map[string]run{}}
}

// shape returns the glyphs of text, which has no line break in it. The answer is shared: callers don't change it.
func (s *shaper) shape(text string) run {
	if r, ok := s.known[text]; ok {
		return r
	}
	var r run
	runes := []rune(text)
	for from := 0; from < len(runes); {
		to, script := stretch(runes, from)
		s.shapeStretch(&r, runes, from, to, script)
		from = to
	}
	if len(text) <= longestKept {
		s.known[text] = r
	}
	return r
}

// stretch finds how far the script at from reaches. For this font there are two: Devanagari, and all the rest.
// Characters of no script of their own (digits, punctuation, joiners) go with what stands before them, or at the start
// with what follows.
func stretch(runes []rune, from int) (to int, script language.Script) {
	for to = from; to < len(runes); to++ {
		its := scriptOf(runes[to])
		if its == language.Common || its == script {
			continue
		}
		if script != 0 {
			return to, script
		}
		script = its
	}
	if script == 0 {
		script = language.Latin
	}
	return to, script
}

// scriptOf is Common, Devanagari, or Latin, which stands for every other script: the font has none of them, and their
// own rules, such as joining or writing from the right, are not for boxes.
func scriptOf(r rune) language.Script {
	switch its := language.LookupScript(r); its {
	case language.Common, language.Inherited:
		return language.Common
	case language.Devanagari:
		return its
	}
	return language.Latin
}

// shapeStretch shapes runes[from:to] and adds what comes out to r.
func (s *shaper) shapeStretch(r *run, runes []rune, from, to int, script language.Script) {
	b := s.buffer
	b.Clear()
	b.ClusterLevel = harfbuzz.MonotoneGraphemes
	b.Props = harfbuzz.SegmentProperties{Script: script, Direction: harfbuzz.LeftToRight, Language: "en"}
	if script == language.Devanagari {
		b.Props.Language = "hi"
	}
	b.AddRunes(runes, from, to-from)
	b.Shape(s.font, nil)
	for i := 0; i < len(b.Info); {
		first := i
		var c cluster
		for ; i < len(b.Info) && b.Info[i].Cluster == b.Info[first].Cluster; i++ {
			c.glyphs = append(c.glyphs, placed(b, i))
			r.advance += int(b.Pos[i].XAdvance)
		}
		end := to
		if i < len(b.Info) {
			end = b.Info[i].Cluster
		}
		c.text = string(runes[from:end])
		from = end
		r.clusters = append(r.clusters, c)
	}
}

// placed is the buffer's glyph at i.
func placed(b *harfbuzz.Buffer, i int) glyph {
	at := b.Pos[i]
	return glyph{id: uint16(b.Info[i].Glyph), advance: int(at.XAdvance), dx: int(at.XOffset), dy: int(at.YOffset)}
}
