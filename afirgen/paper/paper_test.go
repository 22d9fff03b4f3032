package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/paper"
)

const statement = "दिनांक 13 मार्च को मेरा मोबाइल चोरी हो गया।\nउसने कहा: \"चुप रहो\"।"

func report() fir.Report {
	value := int64(18_500)
	return fir.Report{State: fir.StateDraft, UpdatedAt: time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), Document: fir.Document{
		Header:      fir.Header{Station: fir.Station{Code: "KTW", Name: "Kotwali", District: "Lucknow", State: "Uttar Pradesh"}, Number: fir.Number{Station: "KTW", Series: fir.SeriesFIR, Seq: 42, Year: 2026}},
		Charges:     []fir.Violation{{Act: "BNS", Section: "303", SubSection: "(2)", Title: fir.Label{En: "Theft; simple", Hi: "चोरी"}, Cognizable: fir.Cognizable, Bailable: fir.NonBailable, Confidence: fir.High, MaxYears: 3}},
		Properties:  []fir.Property{{Category: "Electronics", Type: "Telephone", Description: "काला फ़ोन", Value: &value}},
		Complainant: fir.Complainant{Name: "श्रद्धा कृष्णमूर्ति"},
		Contents:    fir.Contents{Narrative: "The telephone was stolen.", Statement: statement},
	}}
}

func TestTextHoldsEveryItemAndEveryWord(t *testing.T) {
	for language, want := range map[string][]string{
		"en": {"FIRST INFORMATION REPORT", "1. District", "15. Date", "KTW/0042/2026", "BNS 303(2); Theft; simple; cognizable", "To be ascertained", "18,500"},
		"hi": {"प्रथम सूचना रिपोर्ट", "भा.न्या.सं. 303(2); चोरी; संज्ञेय", "ज्ञात किया जाना है"},
	} {
		got := paper.Text(report().Document, language)
		want = append(append(want, strings.Split(statement, "\n")...), "श्रद्धा कृष्णमूर्ति")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("the form in %s lacks %q:\n%s", language, w, got)
			}
		}
	}
}

func TestAnNCRSaysUnderWhichSectionItStands(t *testing.T) {
	d := report().Document
	d.Header.Number.Series = fir.SeriesNCR
	if got := paper.Text(d, "en"); !strings.Contains(got, "section 174") || strings.Contains(got, "section 173") {
		t.Errorf("a non-cognizable report reads\n%s", got)
	}
}

func TestPrintWritesAPDFInBothLanguages(t *testing.T) {
	for _, language := range []string{"en", "hi"} {
		var b bytes.Buffer
		if err := paper.Print(&b, report(), language); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF-")) {
			t.Errorf("printing in %s: %v, %d bytes", language, err, b.Len())
		}
	}
	if err := paper.Print(&bytes.Buffer{}, report(), "fr"); err == nil {
		t.Error("a form in French was printed")
	}
}

// An empty report prints too: a draft has to be readable at any time.
func TestPrintOfAnEmptyReport(t *testing.T) {
	if err := paper.Print(&bytes.Buffer{}, fir.Report{}, "hi"); err != nil {
		t.Error(err)
	}
}
