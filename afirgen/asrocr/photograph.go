package asrocr

import (
	"context"
	"image"

	"github.com/roentgen/roentgen/afirgen/asrocr/picture"
)

// sure is the confidence from which on a reading needs no second look. Text upside down or on its side is read with 20 to
// 55; the worst photograph that is still read well, with 70.
const sure = 70

// fewWords is too little text for its confidence to mean anything.
const fewWords = 3

// photograph reads a letter of which is not known which way up it is. Ink alone shows how its lines run (picture.Prepare);
// which end is the beginning is tried out: only when the first reading is doubtful, and on its head first.
func (t *Tesseract) photograph(ctx context.Context, grey *image.Gray, language string) (Page, error) {
	prepared := picture.Prepare(grey)
	best, err := t.Read(ctx, picture.PGM(prepared.Grey), language)
	if err != nil || prepared.Letters == 0 {
		return best, err
	}
	for _, quarters := range []int{2, 1, 3} {
		if best.Confidence >= sure && best.Words >= fewWords {
			break
		}
		page, err := t.Read(ctx, picture.PGM(picture.Quarter(prepared.Grey, quarters)), language)
		if err != nil {
			return best, err
		}
		if page.Weight > best.Weight {
			best = page
		}
	}
	return best, nil
}
