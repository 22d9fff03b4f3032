package pdf

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// long is a report with so many numbered paragraphs, and a table that runs over several pages.
func long(paragraphs int) Document {
	doc := sample()
	var prose []string
	for n := range paragraphs {
		prose = append(prose, fmt.Sprintf("अनुच्छेद %d %s", n, hindi()[n%3]))
	}
	doc.Items = append(doc.Items, Item{Number: "16.", Heading: Text{"Separate sheet", "पृथक पत्र"}, Prose: Text{Hindi: strings.Join(prose, "\n")}})
	table := property()
	for n := range 150 {
		table.Rows = append(table.Rows, []Text{Both(itoa(n)), {"Receipt " + itoa(n), "रसीद " + itoa(n)}, Both(itoa(100 * n))})
	}
	doc.Items = append(doc.Items, Item{Number: "17.", Heading: Text{"List", "सूची"}, Table: table})
	return doc
}

func TestATablesHeadingIsOnEachOfItsPages(t *testing.T) {
	doc := Document{Items: []Item{long(1).Items[12]}}
	path := saved(t, doc, English)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, file)
	pages := p.contents()
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	text := copied(t, path)
	if got := strings.Count(text, "Category Description Value (₹)"); got != len(pages) {
		t.Errorf("the heading stands %d times on %d pages", got, len(pages))
	}
	if got := len(p.all("/StructElem /S /TH ")); got != 3 {
		t.Errorf("the text has %d column headings; the repeated ones are not part of it", got)
	}
}

func BenchmarkFIROfFiftyPages(b *testing.B) {
	doc := long(800)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := render(doc, Hindi, deflated); err != nil {
			b.Fatal(err)
		}
	}
}
