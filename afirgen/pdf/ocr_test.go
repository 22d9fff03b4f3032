package pdf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Bounds on character errors in a hundred. Measured with tesseract 5.3.0 and its Hindi data 4.1.0: 0.36 as printed,
// 9.70 with a glyph for each character, which is readable for a machine where a virama is drawn in place of a conjunct.
const (
	worstHindi  = 1.5
	leastBroken = 5.0
)

// TestTheHindiPageIsReadFromItsPicture draws the page and has it read as a person would, with no help from the text
// inside. The same page without the rules of Devanagari must fail, or the test says nothing.
func TestTheHindiPageIsReadFromItsPicture(t *testing.T) {
	doc := Document{
		Title: Text{Hindi: "प्रथम सूचना रिपोर्ट"},
		Items: []Item{{Heading: Text{Hindi: "प्रथम सूचना तथ्य"}, Prose: Text{Hindi: strings.Join(append(hindi(), conjuncts), "\n")}}},
	}
	want := squeezed("प्रथम सूचना रिपोर्ट प्रथम सूचना तथ्य " + strings.Join(hindi(), " ") + " " + conjuncts + " " + pageOf(Hindi, 1, 1))
	got := recognised(t, renderSample(t, doc, Hindi))
	rate := errorRate(got, want)
	t.Logf("character error rate %.2f %% of %d characters", rate, len([]rune(want)))
	if rate > worstHindi {
		t.Errorf("%.2f %% of the characters are read wrongly, more than %.1f %%:\n%s\nwant\n%s", rate, worstHindi, got, want)
	}
	rate = errorRate(recognised(t, unshaped(t, doc, Hindi)), want)
	t.Logf("without the rules of Devanagari %.2f %%", rate)
	if rate < leastBroken {
		t.Errorf("without the rules of Devanagari only %.2f %% are read wrongly: the test proves nothing", rate)
	}
}

// unshaped prints the document with a glyph for each character, in the order of the characters.
func unshaped(t *testing.T, doc Document, lang Language) []byte {
	t.Helper()
	set := newTestTypesetter(t)
	for _, text := range texts(doc, lang) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
			set.shaper.known[word] = nominal(set.face, word)
		}
	}
	c := newComposer(set, lang)
	if err := c.document(doc); err != nil {
		t.Fatal(err)
	}
	p := &painter{typesetter: set, doc: doc, lang: lang, ink: newInk(set.face)}
	p.paint(paginate(c.blocks))
	file, err := p.file(c.root, deflated)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// nominal is the run of a word as writers of PDF without a shaper print it.
func nominal(face *typeface, word string) run {
	var r run
	for _, c := range word {
		id, _ := face.face.NominalGlyph(c)
		g := glyph{id: uint16(id), advance: face.advance(uint16(id))}
		r.clusters = append(r.clusters, cluster{text: string(c), glyphs: []glyph{g}})
		r.advance += g.advance
	}
	return r
}

// conjuncts are words that come out wrong where letters are not joined and signs not moved.
const conjuncts = "विद्युत विभाग के निरीक्षक श्री कृष्णकान्त द्विवेदी ने प्रार्थना पत्र पर टिप्पणी की। राष्ट्रपति महोदय के कार्यक्रम में छात्रों एवं शिक्षिकाओं की उपस्थिति आवश्यक थी। चिकित्सक ने स्पष्ट किया कि स्त्री के मस्तिष्क पर गम्भीर चोट का चिह्न है। न्यायालय के निर्णय के पश्चात मूल्यांकन पुनः प्रारम्भ हुआ।"

// recognised is what tesseract reads off the first page at 200 dots an inch.
func recognised(t *testing.T, file []byte) string {
	t.Helper()
	picture := filepath.Join(t.TempDir(), "page")
	path := picture + ".pdf"
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "poppler-utils", "pdftoppm", "-r", "200", "-gray", "-png", "-singlefile", path, picture)
	if !strings.Contains(tool(t, "tesseract-ocr", "tesseract", "--list-langs"), "hin") {
		t.Fatal("this test needs tesseract's Hindi data: apt-get install tesseract-ocr-hin")
	}
	return squeezed(tool(t, "tesseract-ocr", "tesseract", picture+".png", "-", "-l", "hin"))
}

// errorRate is the least number of characters to add, drop and change between the two, in a hundred of want's.
func errorRate(got, want string) float64 {
	a, b := []rune(got), []rune(want)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 100 * float64(row[len(b)]) / float64(len(b))
}
