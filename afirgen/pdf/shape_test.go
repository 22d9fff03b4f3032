package pdf

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func newTestTypesetter(t testing.TB) *typesetter {
	t.Helper()
	face, err := newTypeface()
	if err != nil {
		t.Fatal(err)
	}
	return newTypesetter(face)
}

func TestWordsAreShapedAsHarfBuzzShapesThem(t *testing.T) {
	golden, err := os.ReadFile("testdata/harfbuzz.txt")
	if err != nil {
		t.Fatal(err)
	}
	shaper := newTestTypesetter(t).shaper
	words := 0
	for _, line := range strings.Split(strings.TrimSpace(string(golden)), "\n") {
		word, want, ok := strings.Cut(line, " ")
		if word == "#" || !ok {
			continue
		}
		words++
		if got := hbShape(shaper.shape(word)); got != want {
			t.Errorf("%s: glyphs\n%s, HarfBuzz has\n%s", word, got, want)
		}
	}
	if words < 30 {
		t.Errorf("only %d words were compared", words)
	}
}

// hbShape writes a run as the program hb-shape does.
func hbShape(r run) string {
	var glyphs []string
	at := 0
	for _, c := range r.clusters {
		for _, g := range c.glyphs {
			place := ""
			if g.dx != 0 || g.dy != 0 {
				place = fmt.Sprintf("@%d,%d", g.dx, g.dy)
			}
			glyphs = append(glyphs, fmt.Sprintf("%d=%d%s+%d", g.id, at, place, g.advance))
		}
		at += len([]rune(c.text))
	}
	return "[" + strings.Join(glyphs, "|") + "]"
}

func TestAShapedRunHoldsItsTextWhole(t *testing.T) {
	shaper := newTestTypesetter(t).shaper
	for _, text := range []string{"", "a", "(क)", "F.I.R.संख्या12/2026", "कि\u200dki", "\u200d\u200cक", "ि", "👨‍👩‍👧", "שלום", "a\u0301\u0302\u0303", "﷽", "क्" + strings.Repeat("क्", 300)} {
		var joined strings.Builder
		r := shaper.shape(text)
		for _, c := range r.clusters {
			joined.WriteString(c.text)
			if len(c.glyphs) == 0 {
				t.Errorf("%q: the cluster %q has no glyph", text, c.text)
			}
		}
		if joined.String() != text {
			t.Errorf("the clusters of %q hold %q", text, joined.String())
		}
	}
}

func TestAStretchIsOfOneScript(t *testing.T) {
	for _, c := range []struct {
		title, text, want string
	}{
		{"English alone", "theft", "theft"},
		{"digits and punctuation stay with the word before", "धारा303(2), BNS", "धारा303(2), |BNS"},
		{"what has no script goes with what follows at the start", "(क)", "(क)"},
		{"nothing but digits is one stretch", "2026-03-14", "2026-03-14"},
		{"scripts that the font lacks go together", "abשלוםعر", "abשלוםعر"},
		{"joiners stay inside", "क्\u200dषX", "क्\u200dष|X"},
	} {
		t.Run(c.title, func(t *testing.T) {
			var got []string
			runes := []rune(c.text)
			for from := 0; from < len(runes); {
				to, _ := stretch(runes, from)
				got = append(got, string(runes[from:to]))
				from = to
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, "|"), c.want)
			}
		})
	}
}

func TestSharesJoinToTheText(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"कि", 2, "क|ि"},
		{"क्षि", 2, "क|्षि"},
		{"क", 3, "क|\u200b|\u200b"},
		{"क्ष", 1, "क्ष"},
	} {
		if got := strings.Join(shares(c.text, c.n), "|"); got != c.want {
			t.Errorf("%q among %d: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
