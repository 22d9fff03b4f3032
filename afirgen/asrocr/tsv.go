package asrocr

import (
	"fmt"
	"strconv"
	"strings"
)

// Page is what was read from an image.
type Page struct {
	Text       string  // lines end in \n, a blank line stands between paragraphs
	Confidence float64 // 0 to 100: the mean over the words; 0 without words
	Words      int
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
		if err != nil {
			return Page{}, fmt.Errorf("reading tesseract's table: the confidence of word %d is no number", page.Words+1)
		}
		at := [3]string{cell[columnBlock], cell[columnParagraph], cell[columnLine]}
		text.WriteString(gap(page.Words == 0, last, at))
		text.WriteString(strings.TrimSpace(cell[columnText]))
		last = at
		sum += confidence
		page.Words++
	}
	if page.Words > 0 {
		page.Confidence = sum / float64(page.Words)
	}
	page.Text = text.String()
	return page, nil
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
