package pdf

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// drawn joins what stands on a line.
func drawn(l line) string {
	var b strings.Builder
	for _, p := range l.pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

func breakAt(t *testing.T, width unit, spans ...span) []string {
	t.Helper()
	var texts []string
	for _, l := range newTestTypesetter(t).lines(spans, width) {
		texts = append(texts, drawn(l))
	}
	return texts
}

func TestLinesAreBrokenBetweenWords(t *testing.T) {
	for _, c := range []struct {
		title, text string
		width       unit
		want        string
	}{
		{"what fits stays on one line", "stolen bag", 100 * point, "stolen bag"},
		{"a line ends at a space, which stays for those who copy", "stolen bag", 40 * point, "stolen |bag"},
		{"many spaces at the end become one", "stolen     bag", 40 * point, "stolen |bag"},
		{"many spaces between words stay", "a     b", 100 * point, "a     b"},
		{"a danda does not begin a line, even after a space", "बैग चोरी हुआ ।", 50 * point, "बैग चोरी |हुआ ।"},
		{"a no-break space holds", "Rs.\u00a0500 only", 40 * point, "Rs.\u00a0500 |only"},
		{"spaces at the start go", "   bag", 100 * point, "bag"},
		{"only spaces are nothing", "    ", 100 * point, ""},
		{"a line break is kept", "12 Gandhi Marg\n\nLucknow", 200 * point, "12 Gandhi Marg|Lucknow"},
		{"a word too long is cut between letters", "aaaaaaaaaaaaaaaa", 40 * point, "aaaaaaa|aaaaaaa|aa"},
		{"Hindi is cut between syllables", "किक्षिर्किकिक्षिर्कि", 26 * point, "किक्षि|र्किकि|क्षिर्कि"},
	} {
		t.Run(c.title, func(t *testing.T) {
			got := strings.Join(breakAt(t, c.width, span{text: c.text, style: bodyStyle}), "|")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStylesChangeWithinALine(t *testing.T) {
	got := breakAt(t, 70*point, span{text: "Name: ", style: labelStyle}, span{text: "Ramesh Kumar", style: bodyStyle})
	if strings.Join(got, "|") != "Name: Ramesh |Kumar" {
		t.Errorf("got %q", got)
	}
}

// TestNothingIsLostBetweenLines breaks random texts at random widths: no character but spaces may go, no line may be
// too wide unless it holds a single character, and no syllable may be cut that fits on a line.
func TestNothingIsLostBetweenLines(t *testing.T) {
	set := newTestTypesetter(t)
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aik 1.,()-कखगषरतािीुेंः़्।\u200d\u200c\u00a0ﻼ👩é\u0301")
	for range 500 {
		var text []rune
		for range random.IntN(120) {
			text = append(text, alphabet[random.IntN(len(alphabet))])
		}
		width := unit(5+random.IntN(200)) * point
		var joined strings.Builder
		for _, l := range set.lines([]span{{text: string(text), style: bodyStyle}}, width) {
			joined.WriteString(drawn(l))
			if l.width > width && len([]rune(strings.TrimSpace(drawn(l)))) > 1 {
				t.Fatalf("%q in %v points: the line %q is %v wide", string(text), width, drawn(l), l.width)
			}
		}
		if spaceless(joined.String()) != spaceless(string(text)) {
			t.Fatalf("%q became %q", string(text), joined.String())
		}
	}
}

func spaceless(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestAVeryLongWordIsCut(t *testing.T) {
	lines := breakAt(t, 100*point, span{text: strings.Repeat("क्षत्रिय", 2_000), style: bodyStyle})
	if len(lines) < 300 {
		t.Errorf("%d lines", len(lines))
	}
	many := breakAt(t, 100*point, span{text: strings.Repeat("। ", 10_000), style: bodyStyle})
	if len(many) < 100 {
		t.Errorf("%d lines of dandas", len(many))
	}
}
