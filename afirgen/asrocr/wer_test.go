package asrocr

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/asrocr/picture"
	"github.com/roentgen/roentgen/afirgen/pdf"
)

func TestExplore(t *testing.T) {
	s := withTesseract(t)
	conds := []struct {
		name string
		dpi  string
		s    spoiling
	}{
		{"plain", "200", spoiling{}},
		{"skew 3", "200", spoiling{skew: 3}},
		{"skew -8", "200", spoiling{skew: -8}},
		{"skew 8", "200", spoiling{skew: 8}},
		{"noise 12", "200", spoiling{noise: 12}},
		{"noise 25", "200", spoiling{noise: 25}},
		{"specks 2%", "200", spoiling{specks: 0.02}},
		{"shadow .6", "200", spoiling{shadow: 0.6}},
		{"shadow .8", "200", spoiling{shadow: 0.8}},
		{"jpeg 15", "200", spoiling{quality: 15}},
		{"small 100dpi", "100", spoiling{}},
		{"90", "200", spoiling{quarter: 1}},
		{"180", "200", spoiling{quarter: 2}},
		{"270", "200", spoiling{quarter: 3}},
		{"everything", "200", spoiling{skew: 5, shadow: 0.5, noise: 12, quality: 45}},
	}
	for _, l := range []struct {
		text string
		lang pdf.Language
	}{{englishLetter, pdf.English}, {hindiLetter, pdf.Hindi}} {
		for _, c := range conds {
			file := spoiled(t, sheet(t, l.text, l.lang, c.dpi), c.s)
			start := time.Now()
			raw, err := s.engine.Read(t.Context(), file, "eng+hin")
			if err != nil {
				t.Fatal(err)
			}
			mid := time.Now()
			g, err := picture.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			p := picture.Prepare(g)
			prep := time.Now()
			page, err := s.engine.photograph(t.Context(), g, "eng+hin")
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s %-14s raw %6.1f (%.0f) ours %6.1f (%.0f) skew %.1f noise %.1f letters %d grow %.2f turned %v; %v %v %v", l.lang, c.name, wordErrors(raw.Text, l.text), raw.Confidence,
				wordErrors(page.Text, l.text), page.Confidence, p.Skew, p.Noise, p.Letters, p.Growth, p.Turned, mid.Sub(start).Round(time.Millisecond), prep.Sub(mid).Round(time.Millisecond), time.Since(prep).Round(time.Millisecond))
		}
	}
}
