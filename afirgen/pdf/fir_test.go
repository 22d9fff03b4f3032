package pdf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden hashes anew; look at the pages first")

// TestThePagesAreAsTheyWere holds the bytes before compression against their hashes: compressed ones may change with Go.
func TestThePagesAreAsTheyWere(t *testing.T) {
	var got strings.Builder
	for _, lang := range []Language{English, Hindi} {
		file, err := render(sample(), lang, plain)
		if err != nil {
			t.Fatal(err)
		}
		parse(t, file)
		fmt.Fprintf(&got, "%x  sample, %s\n", sha256.Sum256(file), lang)
	}
	const golden = "testdata/sample.sha256"
	if *rewrite {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the bytes have changed:\n%swere\n%sif that was meant, look at the pages and run go test ./pdf -rewrite", got.String(), want)
	}
}

func TestTheSameDocumentGivesTheSameBytesToEveryone(t *testing.T) {
	want := renderSample(t, sample(), Hindi)
	files := make([][]byte, 8)
	var group sync.WaitGroup
	for i := range files {
		group.Go(func() {
			var b bytes.Buffer
			if err := FIR(&b, sample(), Hindi); err != nil {
				t.Error(err)
			}
			files[i] = b.Bytes()
		})
	}
	group.Wait()
	for i, file := range files {
		if !bytes.Equal(file, want) {
			t.Errorf("file %d differs", i)
		}
	}
}

func TestWhatCannotBePrintedIsRefused(t *testing.T) {
	nested := Item{Number: "9"}
	for range 10 {
		nested = Item{Number: "9", Items: []Item{nested}}
	}
	for _, c := range []struct {
		title string
		doc   Document
		lang  Language
		want  string
	}{
		{"a language without a form", Document{Reference: "7/2026"}, "ta", `print "7/2026": no form in the language "ta": ask for "en" or "hi"`},
		{"a row with more cells than columns", Document{Reference: "7/2026", Items: []Item{{Number: "2.", Table: &Table{
			Columns: []Column{{}}, Rows: [][]Text{{Both("a")}, {Both("a"), Both("b")}}}}}}, English,
			`print "7/2026": item "2.": row 2 has 2 cells for 1 columns: leave some out or add columns`},
		{"a table without columns", Document{Items: []Item{{Number: "2.", Table: &Table{}}}}, English, `a table of 0 columns: give 1 to 10`},
		{"a table of too many columns", Document{Items: []Item{{Number: "2.", Table: &Table{Columns: make([]Column, 11)}}}}, English, `a table of 11 columns`},
		{"items too deep", Document{Items: []Item{nested}}, English, `items stand in more than 8 others: put them side by side`},
	} {
		t.Run(c.title, func(t *testing.T) {
			var b bytes.Buffer
			err := FIR(&b, c.doc, c.lang)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%d bytes were written all the same", b.Len())
			}
		})
	}
}

// full is a disk without room.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestAWritersErrorIsReturned(t *testing.T) {
	noSpace := errors.New("no space left")
	if err := FIR(full{noSpace}, sample(), English); !errors.Is(err, noSpace) || !strings.Contains(err.Error(), "SDR/0042/2026") {
		t.Errorf("the error is %v", err)
	}
}

func TestTextIsInTheFormsLanguageIfItIsThere(t *testing.T) {
	for _, c := range []struct {
		title string
		in    Text
		form  Language
		want  string
		lang  Language
	}{
		{"English for the English form", Text{"theft", "चोरी"}, English, "theft", English},
		{"Hindi for the Hindi form", Text{"theft", "चोरी"}, Hindi, "चोरी", Hindi},
		{"English where there is no Hindi", Text{English: "theft"}, Hindi, "theft", English},
		{"Hindi where there is no English", Text{Hindi: "चोरी"}, English, "चोरी", Hindi},
		{"white space is nothing", Text{" \n", "चोरी"}, English, "चोरी", Hindi},
		{"a number is in the form's language", Both("303"), Hindi, "303", Hindi},
		{"nothing is nothing", Text{}, Hindi, "", Hindi},
	} {
		t.Run(c.title, func(t *testing.T) {
			if got, lang := c.in.in(c.form); got != c.want || lang != c.lang {
				t.Errorf("got %q in %s", got, lang)
			}
		})
	}
}

func TestAnEmptyDocumentIsAnEmptyPage(t *testing.T) {
	p := parse(t, renderSample(t, Document{}, English))
	if n := len(p.all("/Type /Page ")); n != 1 {
		t.Errorf("%d pages", n)
	}
}

func TestThousandthsAreWrittenShort(t *testing.T) {
	for n, want := range map[int]string{0: "0", 5: "0.005", 1500: "1.5", -250: "-0.25", 595276: "595.276", 841890: "841.89", -12000: "-12", 10: "0.01"} {
		if got := thousandths(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

func BenchmarkFIR(b *testing.B) {
	for _, lang := range []Language{English, Hindi} {
		b.Run("two pages, "+string(lang), func(b *testing.B) {
			doc := sample()
			b.ReportAllocs()
			var out bytes.Buffer
			for b.Loop() {
				out.Reset()
				if err := FIR(&out, doc, lang); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len()), "bytes/file")
		})
	}
}
