package asrocr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Page is what was read from an image.
type Page struct {
	Text       string  // lines end in \n, a blank line stands between paragraphs
	Confidence float64 // 0 to 100: the mean over the words; 0 without words
	Words      int
	// Weight is how much was read with some certainty: letters in words of two and more, each as much as the word's
	// confidence. Of two readings of one image the heavier is the right way up.
	Weight float64
}

// The columns of tesseract's TSV; a row of level 5 is a word.
const (
	columnLevel, columnBlock, columnParagraph, columnLine = 0, 2, 3, 4
	columnConfidence, columnText, columns                 = 10, 11, 12
	levelWord                                             = "5"
)

// parseTSV puts the words together again.
func parseTSV(tsv string) (Page, error) {
	var text strings.Builder
	var page Page
	var last [3]string // block, paragraph, line
	sum := 0.0
	for row := range strings.Lines(tsv) {
		cell := strings.SplitN(strings.TrimRight(row, "\r\n"), "\t", columns)
		if cell[columnLevel] != levelWord || len(cell) < columns || strings.TrimSpace(cell[columnText]) == "" {
			continue
		}
		confidence, err := strconv.ParseFloat(cell[columnConfidence], 64)
		if err != nil || !(confidence >= 0 && confidence <= 100) {
			return Page{}, fmt.Errorf("reading tesseract's table: the confidence of word %d is no number from 0 to 100", page.Words+1)
		}
		word := strings.TrimSpace(cell[columnText])
		at := [3]string{cell[columnBlock], cell[columnParagraph], cell[columnLine]}
		text.WriteString(gap(page.Words == 0, last, at))
		text.WriteString(word)
		last = at
		sum += confidence
		page.Words++
		page.Weight += weight(word, confidence)
	}
	if page.Words > 0 {
		page.Confidence = sum / float64(page.Words)
	}
	page.Text = lonePipe.ReplaceAllString(text.String(), "${1}I$2")
	return page, nil
}

// lonePipe is what tesseract reads for the English word I in most typefaces without serifs: nobody writes a pipe before a
// word in small Latin letters.
var lonePipe = regexp.MustCompile(`(^|[\s"'(])\|(\s+[a-z])`)

// weight leaves out what a reader makes of specks: single letters, signs, and what it doubts itself.
func weight(word string, confidence float64) float64 {
	letters := 0
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			letters++
		}
	}
	if letters < 2 || confidence < 50 {
		return 0
	}
	return float64(letters) * confidence
}

// gap is what stands between two words.
func gap(first bool, last, at [3]string) string {
	switch {
	case first:
		return ""
	case last == at:
		return " "
	case last[0] == at[0] && last[1] == at[1]:
		return "\n"
	}
	return "\n\n"
}
