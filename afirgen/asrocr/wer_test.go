package asrocr

import (
	"image"
	"testing"

	"github.com/roentgen/roentgen/afirgen/pdf"
)

// condition is a way in which letters arrive, with the bound on words that may be read wrongly, in a hundred.
type condition struct {
	name    string
	dpi     string
	spoil   spoiling
	english float64
	hindi   float64
}

// usual are the conditions that are tried at every run; wer_long_test.go has the rest.
func usual() []condition {
	return []condition{
		{"turned by 8°, a shadow, noise, JPEG 45", "200", spoiling{skew: 8, shadow: 0.5, noise: 12, quality: 45}, 10, 10},
		{"upside down, turned by -3°", "150", spoiling{skew: -3, quarter: 2}, 10, 10},
	}
}

// TestSpoiledPhotographsAreRead prints the word error rate of each condition as the server reads it, and as tesseract reads
// the very same file by itself.
func TestSpoiledPhotographsAreRead(t *testing.T) {
	measure(t, usual(), "eng+hin")
}

func measure(t *testing.T, conditions []condition, language string) {
	t.Helper()
	s := withTesseract(t)
	t.Logf("%-44s %8s %8s   %8s %8s   %s", "words read wrongly, in a hundred", "English", "alone", "Hindi", "alone", "confidence")
	for _, c := range conditions {
		english, sureEnglish := rate(t, s, sheet(t, englishLetter, pdf.English, c.dpi), c.spoil, englishLetter, language)
		hindi, sureHindi := rate(t, s, sheet(t, hindiLetter, pdf.Hindi, c.dpi), c.spoil, hindiLetter, language)
		t.Logf("%-44s %8.1f %8.1f   %8.1f %8.1f   %.0f, %.0f", c.name, english[0], english[1], hindi[0], hindi[1], sureEnglish, sureHindi)
		if english[0] > c.english || hindi[0] > c.hindi {
			t.Errorf("%s: %.1f %% and %.1f %% of the words are read wrongly, more than %.0f %% and %.0f %%", c.name, english[0], hindi[0], c.english, c.hindi)
		}
	}
}

// rate returns the word error rate of the server's reading and of tesseract's own, and how sure the server is.
func rate(t *testing.T, s *Server, page *image.Gray, spoil spoiling, want, language string) (rates [2]float64, sure float64) {
	t.Helper()
	file := spoiled(t, page, spoil)
	pages, err := s.readImage(t.Context(), file, language)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := s.engine.program().run(t.Context(), input{stdin: file}, "stdin", "stdout", "-l", language)
	if err != nil {
		t.Fatal(err)
	}
	return [2]float64{wordErrors(pages[0].Text, want), wordErrors(string(alone), want)}, pages[0].Confidence
}
