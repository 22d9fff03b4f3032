package asrocr

import (
	"slices"
	"strings"
	"testing"
)

func TestParseTSVPutsThePageTogether(t *testing.T) {
	const table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n" +
		"1\t1\t0\t0\t0\t0\t0\t0\t10\t10\t-1\t\n" +
		"5\t1\t1\t1\t1\t1\t0\t0\t1\t1\t90\tMy\n" +
		"5\t1\t1\t1\t1\t2\t0\t0\t1\t1\t80.5\tbag\n" +
		"5\t1\t1\t1\t2\t1\t0\t0\t1\t1\t69.5\twas\n" +
		"5\t1\t1\t1\t2\t2\t0\t0\t1\t1\t95\t \n" +
		"5\t1\t1\t2\t1\t1\t0\t0\t1\t1\t100\tstolen\n" +
		"5\t1\t2\t1\t1\t1\t0\t0\t1\t1\t60\tyes\n"
	page, err := parseTSV(table)
	if err != nil || page.Text != "My bag\nwas\n\nstolen\n\nyes" || page.Words != 5 || page.Confidence != 80 {
		t.Errorf("got %+v, %v", page, err)
	}
	if page, err := parseTSV(""); err != nil || page.Text != "" || page.Confidence != 0 {
		t.Errorf("nothing became %+v, %v", page, err)
	}
	if _, err := parseTSV("5\t1\t1\t1\t1\t1\t0\t0\t1\t1\thigh\tbag\n"); err == nil {
		t.Error("a confidence that is no number was taken")
	}
}

func TestAPipeBeforeAnEnglishWordIsTheWordI(t *testing.T) {
	for words, want := range map[string]string{
		"| was": "I was", "When | shouted": "When I shouted", "गया | मेरा": "गया | मेरा", "a|b": "a|b", "| 14": "| 14", "चोरी |": "चोरी |",
	} {
		table := ""
		for _, word := range strings.Fields(words) {
			table += "5\t1\t1\t1\t1\t1\t0\t0\t1\t1\t90\t" + word + "\n"
		}
		if page, err := parseTSV(table); err != nil || page.Text != want {
			t.Errorf("%q became %q (%v), want %q", words, page.Text, err, want)
		}
	}
}

func TestWeightCountsWhatWasReadWithSomeCertainty(t *testing.T) {
	for row, want := range map[string]float64{"90\tbag": 270, "49\tbag": 0, "90\ta": 0, "90\t...": 0, "60\tमेरा": 240} {
		if page, err := parseTSV("5\t1\t1\t1\t1\t1\t0\t0\t1\t1\t" + row + "\n"); err != nil || page.Weight != want {
			t.Errorf("%q weighs %v (%v), want %v", row, page.Weight, err, want)
		}
	}
}

func FuzzParseTSV(f *testing.F) {
	f.Add("5\t1\t1\t1\t1\t1\t0\t0\t1\t1\t90\tMy\n\n5\n\t\t")
	f.Fuzz(func(_ *testing.T, table string) { _, _ = parseTSV(table) }) // it must not panic
}

func TestLanguage(t *testing.T) {
	both := &Tesseract{Languages: []string{"eng", "hin", "mar"}}
	for _, c := range []struct {
		hint, want string
		ok         bool
	}{
		{"", "eng+hin", true},
		{"en", "eng", true},
		{"HI", "hin", true},
		{"eng+hin", "eng+hin", true},
		{"mr + en", "mar+eng", true},
		{"deu", "", false},
		{"eng+", "", false},
		{"../../eng", "", false},
	} {
		if got, err := both.language(c.hint); got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %q, %v; want %q", c.hint, got, err, c.want)
		}
	}
	if got := (&Tesseract{Languages: []string{"eng"}}).standard(); got != "eng" {
		t.Errorf("with English alone the standard is %q", got)
	}
	if got := (&Tesseract{Languages: []string{"tam"}}).standard(); got != "tam" {
		t.Errorf("with Tamil alone the standard is %q", got)
	}
}

func TestLanguagesReadsTheProgramsList(t *testing.T) {
	got := languages("List of available languages in \"/usr/share/x/\" (3):\nosd\nhin\neng\n")
	if !slices.Equal(got, []string{"eng", "hin"}) {
		t.Errorf("got %q", got)
	}
}
