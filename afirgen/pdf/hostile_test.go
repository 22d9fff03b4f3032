package pdf

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// everywhere puts the text where a document may hold one.
func everywhere(text string) Document {
	both := Both(text)
	item := Item{Number: text, Heading: both, Value: both, Prose: both,
		Fields: []Field{{both, both}, {both, both}},
		Table:  &Table{Columns: []Column{{both, 1}, {both, 9}}, Rows: [][]Text{{both, both}}}}
	return Document{Form: text, Title: both, Basis: both, Reference: text, Mark: both,
		Items: []Item{item}, Signed: []Signature{{Lines: []Text{both, both}}}}
}

// once puts the text in one paragraph.
func once(text string) Document { return Document{Items: []Item{{Prose: Text{Hindi: text}}}} }

func TestHostileTextIsShownAndNotHidden(t *testing.T) {
	for _, c := range []struct {
		title, text string
		boxes       int    // glyphs drawn for what the font lacks
		want        string // what a reader gets
	}{
		{"Hebrew and Arabic", "שלום مرحبا", 9, "שלום مرحبا"},
		{"emoji", "चोर 👮 भागा", 1, "चोर 👮 भागा"},
		{"Tamil and Chinese", "திருடன் 小偷", 9, "திருடன் 小偷"},
		{"control characters", "a\x00b\x1bc\x7fd", 3, "a�b�c�d"},
		{"what turns the order of reading", "₹\u202e0001\u202c and \u2066x\u2069\u200f", 5, "₹�0001� and �x��"},
		{"bytes that are no UTF-8", "a\xff\xfeb", 2, "a��b"},
		{"what is no character", "a\ufffeb\U0010ffffc", 2, "a�b�c"},
		{"private use", "a\ue000b", 1, "a\ue000b"},
		{"a marker of byte order in the middle is not seen", "a\ufeffb", 0, "a\ufeffb"},
		{"joiners on their own", "\u200d \u200c क\u200d\u200c\u200dख", 0, "\u200d \u200c क\u200d\u200c\u200dख"},
		{"a matra without a letter gets a dotted circle", "ि ् ं", 0, "ि ् ं"},
		{"PDF's own brackets", `) Tj ET <</S>> endstream \n [ ( %`, 0, `) Tj ET <</S>> endstream \n [ ( %`},
		{"lines of every kind", "a\r\nb\rc\u2028d\u2029e\vf\fg\u0085h", 0, "abcdefgh"},
	} {
		t.Run(c.title, func(t *testing.T) {
			p := parse(t, renderSample(t, once(c.text), Hindi))
			if got := p.boxes(); got != c.boxes {
				t.Errorf("%d boxes are drawn, want %d", got, c.boxes)
			}
			if got := p.readText(true); got != c.want {
				t.Errorf("read: %+q, want %+q", got, c.want)
			}
			parse(t, renderSample(t, everywhere(c.text), English))
		})
	}
}

func TestALongTextOfAnyKindIsPrinted(t *testing.T) {
	for title, text := range map[string]string{
		"a word":                       strings.Repeat("ab", 600),
		"a word of bound consonants":   strings.Repeat("क्", 600),
		"marks without end":            "e" + strings.Repeat("\u0301", 600),
		"joiners without end":          strings.Repeat("\u200d", 600),
		"matras without end":           strings.Repeat("ि", 600),
		"emoji without end":            strings.Repeat("👨\u200d", 300),
		"spaces without end":           strings.Repeat(" ", 600),
		"no-break spaces without end":  strings.Repeat("\u00a0", 600),
		"lines without end":            strings.Repeat("a\n", 300),
		"different characters, boxed":  different(0x4E00, 600),
		"different characters, Indian": different(0x0900, 128),
	} {
		t.Run(title, func(t *testing.T) {
			parse(t, renderSample(t, everywhere(text), Hindi))
		})
	}
}

func different(from rune, n int) string {
	var b strings.Builder
	for r := range rune(n) {
		b.WriteRune(from + r)
	}
	return b.String()
}

func FuzzFIR(f *testing.F) {
	for _, text := range []string{"", "My bag was stolen.", "मेरा बैग चोरी हुआ ।", "क्\u200dष\u0301", "שלום", "\x00\xff", "👨‍👩‍👧", strings.Repeat("क्र", 50)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := render(everywhere(text), Hindi, plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range parse(t, file).contents() {
			if !utf8.ValidString(c) || strings.Count(c, "BDC\n")+strings.Count(c, "BMC\n") != strings.Count(c, "EMC\n") {
				t.Fatalf("a page's content is broken: %.200q", c)
			}
		}
		if file, err = render(once(text), Hindi, plain); err != nil {
			t.Fatal(err)
		}
		got, want := unspaced(parse(t, file).readText(true)), unspaced(strings.Join(paragraphs(strings.TrimSpace(text)), ""))
		if got != want {
			t.Fatalf("read: %+q, want %+q", got, want)
		}
	})
}

// unspaced leaves out what may go where a line ends.
func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return r
	}, s)
}
