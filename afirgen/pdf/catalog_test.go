package pdf

import (
	"encoding/xml"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTheMetadataSaysWhatTheDocumentIs(t *testing.T) {
	doc := sample()
	doc.Title.English = "FIRST <INFORMATION> & REPORT"
	p := parse(t, renderSample(t, doc, English))
	info := p.objects[p.only("/Producer (AFIRGen)")]
	title, _ := strings.CutPrefix(regexp.MustCompile(`/Title <FEFF[0-9A-F]+`).FindString(info), "/Title <FEFF")
	if got := fromUTF16(t, title); got != "FIRST <INFORMATION> & REPORT SDR/0042/2026" {
		t.Errorf("the title is %q", got)
	}
	if !strings.Contains(info, "/CreationDate (D:20260314092653+00'00)") {
		t.Errorf("the date is not in %s", info)
	}
	var xmp struct {
		Title    string `xml:"RDF>Description>title>Alt>li"`
		Language string `xml:"RDF>Description>language>Bag>li"`
		Created  string `xml:"RDF>Description>CreateDate"`
	}
	if err := xml.Unmarshal(p.streams[p.only("/Type /Metadata")], &xmp); err != nil {
		t.Fatal(err)
	}
	if xmp.Title != "FIRST <INFORMATION> & REPORT SDR/0042/2026" || xmp.Language != "en-IN" || xmp.Created != "2026-03-14T09:26:53Z" {
		t.Errorf("the metadata says %+v", xmp)
	}
}

func TestWithoutADateThereIsNone(t *testing.T) {
	doc := sample()
	doc.Made = time.Time{}
	if file := string(renderSample(t, doc, English)); strings.Contains(file, "CreationDate") || strings.Contains(file, "CreateDate") {
		t.Error("a date is in the file")
	}
}

func TestDifferentDocumentsHaveDifferentIdentifiers(t *testing.T) {
	id := func(doc Document) string {
		return regexp.MustCompile(`/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]`).FindString(parse(t, renderSample(t, doc, English)).trailer)
	}
	other := sample()
	other.Reference = "SDR/0043/2026"
	first, again, others := id(sample()), id(sample()), id(other)
	if first == "" || first != again || first == others {
		t.Errorf("identifiers %q, %q again, and of another document %q", first, again, others)
	}
}

func TestAWarningStandsOnEveryPage(t *testing.T) {
	doc := sample()
	doc.Mark = Text{"DRAFT, NOT REGISTERED", "प्रारूप, पंजीकृत नहीं"}
	path := saved(t, doc, English)
	if got := strings.Count(copied(t, path), "DRAFT, NOT REGISTERED"); got != 2 {
		t.Errorf("the warning stands %d times on 2 pages", got)
	}
}
