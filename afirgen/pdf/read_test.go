package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
)

// parsed is a PDF taken apart again.
type parsed struct {
	t       testing.TB
	objects map[int]string // what stands between obj and endobj, without a stream
	streams map[int][]byte // inflated
	trailer string
}

var (
	objectHead = regexp.MustCompile(`^(\d+) 0 obj\n`)
	lengthOf   = regexp.MustCompile(`/Length (\d+)`)
	reference  = regexp.MustCompile(`(\d+) 0 R`)
)

// parse follows the table of objects from the end of the file, as a reader does, and fails the test at anything amiss.
func parse(t testing.TB, file []byte) *parsed {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-1.7\n")) || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
		t.Fatalf("the file begins with %q and ends with %q", file[:9], file[len(file)-6:])
	}
	tail := string(file[bytes.LastIndex(file, []byte("startxref\n")):])
	at, err := strconv.Atoi(strings.Split(tail, "\n")[1])
	if err != nil {
		t.Fatal(err)
	}
	table, trailer, ok := strings.Cut(string(file[at:]), "trailer\n")
	if !ok {
		t.Fatalf("no trailer after %d", at)
	}
	rows := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	if rows[0] != "xref" || rows[1] != "0 "+strconv.Itoa(len(rows)-2) || rows[2] != "0000000000 65535 f " {
		t.Fatalf("the table begins %q", rows[:3])
	}
	p := &parsed{t: t, objects: map[int]string{}, streams: map[int][]byte{}, trailer: trailer}
	for i, row := range rows[3:] {
		offset, err := strconv.Atoi(row[:10])
		if err != nil || row[10:] != " 00000 n " {
			t.Fatalf("row %d of the table is %q", i+1, row)
		}
		p.object(i+1, file[offset:])
	}
	p.checkReferences()
	return p
}

// object reads the object that begins the bytes.
func (p *parsed) object(n int, b []byte) {
	p.t.Helper()
	head := objectHead.FindSubmatch(b)
	if head == nil || string(head[1]) != strconv.Itoa(n) {
		p.t.Fatalf("object %d begins with %.20q", n, b)
	}
	b = b[len(head[0]):]
	end := bytes.Index(b, []byte("\nendobj\n"))
	dictionary, _, isStream := bytes.Cut(b[:end], []byte("\nstream\n"))
	p.objects[n] = string(dictionary)
	if !isStream {
		return
	}
	length, err := strconv.Atoi(lengthOf.FindStringSubmatch(string(dictionary))[1])
	if err != nil {
		p.t.Fatal(err)
	}
	data := b[len(dictionary)+len("\nstream\n"):]
	if !bytes.HasPrefix(data[length:], []byte("\nendstream\nendobj\n")) {
		p.t.Fatalf("object %d: its stream is not %d bytes long", n, length)
	}
	p.streams[n] = p.inflate(p.objects[n], data[:length])
}

func (p *parsed) inflate(dictionary string, data []byte) []byte {
	p.t.Helper()
	if !strings.Contains(dictionary, "/FlateDecode") {
		return data
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		p.t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		p.t.Fatal(err)
	}
	return plain
}

// checkReferences fails if an object names one that is not there, or brackets are left open.
func (p *parsed) checkReferences() {
	p.t.Helper()
	for n, body := range p.objects {
		for _, r := range reference.FindAllStringSubmatch(body, -1) {
			if to, _ := strconv.Atoi(r[1]); p.objects[to] == "" {
				p.t.Errorf("object %d refers to %d, which is not there: %.80s", n, to, body)
			}
		}
		if strings.Count(body, "<<") != strings.Count(body, ">>") || strings.Count(body, "[") != strings.Count(body, "]") {
			p.t.Errorf("object %d leaves brackets open: %.80s", n, body)
		}
	}
}

// only returns the number of the one object that holds all the words.
func (p *parsed) only(words ...string) int {
	p.t.Helper()
	found := p.all(words...)
	if len(found) != 1 {
		p.t.Fatalf("%d objects hold %q", len(found), words)
	}
	return found[0]
}

// all lists the objects that hold all the words, in the order of their numbers.
func (p *parsed) all(words ...string) []int {
	var found []int
	for n, body := range p.objects {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) }) {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found
}

// follow returns the object to which the entry of another refers.
func (p *parsed) follow(from int, entry string) int {
	p.t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(entry) + ` \[?(\d+) 0 R`).FindStringSubmatch(p.objects[from])
	if m == nil {
		p.t.Fatalf("object %d has no %s: %s", from, entry, p.objects[from])
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// contents returns the drawing instructions of each page.
func (p *parsed) contents() []string {
	p.t.Helper()
	var all []string
	for _, page := range p.all("/Type /Page ") {
		all = append(all, string(p.streams[p.follow(page, "/Contents")]))
	}
	return all
}

func renderSample(t testing.TB, doc Document, lang Language) []byte {
	t.Helper()
	file, err := render(doc, lang, deflated)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheFileIsWellFormed(t *testing.T) {
	for _, lang := range []Language{English, Hindi} {
		p := parse(t, renderSample(t, sample(), lang))
		catalog := p.only("/Type /Catalog")
		for _, words := range []string{"/Lang (" + lang.region() + ")", "/MarkInfo <</Marked true>>", "/DisplayDocTitle true"} {
			if !strings.Contains(p.objects[catalog], words) {
				t.Errorf("%s: the catalog lacks %s: %s", lang, words, p.objects[catalog])
			}
		}
		pages := p.all("/Type /Page ")
		if !strings.Contains(p.objects[p.follow(catalog, "/Pages")], "/Count "+strconv.Itoa(len(pages))) || len(pages) != 2 {
			t.Errorf("%s: %d pages", lang, len(pages))
		}
		for _, page := range pages {
			if !strings.Contains(p.objects[page], "/MediaBox [0 0 595.276 841.89]") {
				t.Errorf("%s: a page is not A4: %s", lang, p.objects[page])
			}
		}
	}
}

func TestTheContentsAreBalanced(t *testing.T) {
	for i, c := range parse(t, renderSample(t, sample(), Hindi)).contents() {
		count := func(pattern string) int { return len(regexp.MustCompile(`(?m)`+pattern).FindAllString(c, -1)) }
		if begun, ended := count(`B[DM]C$`), count(`^EMC$`); begun != ended || begun == 0 {
			t.Errorf("page %d begins %d marked stretches and ends %d", i+1, begun, ended)
		}
		if begun, ended := count(`^BT$`), count(`^ET$`); begun != ended || begun == 0 {
			t.Errorf("page %d begins %d texts and ends %d", i+1, begun, ended)
		}
	}
}

// TestEveryMarkHasAnOwner reads the pages' marks and the tree of elements: each mark belongs to the element that the
// page's list names, and that element names the mark.
func TestEveryMarkHasAnOwner(t *testing.T) {
	p := parse(t, renderSample(t, sample(), Hindi))
	root := p.follow(p.only("/Type /Catalog"), "/StructTreeRoot")
	lists := regexp.MustCompile(`(\d+) \[([^\]]*)\]`).FindAllStringSubmatch(strings.TrimPrefix(p.objects[p.follow(root, "/ParentTree")], "<</Nums ["), -1)
	pages := p.all("/Type /Page ")
	if len(lists) != len(pages) {
		t.Fatalf("%d lists of owners for %d pages", len(lists), len(pages))
	}
	for i, page := range pages {
		owners := reference.FindAllStringSubmatch(lists[i][2], -1)
		marks := regexp.MustCompile(`/(\w+) <</MCID (\d+)>> BDC`).FindAllStringSubmatch(p.contents()[i], -1)
		if len(owners) != len(marks) || len(marks) == 0 {
			t.Fatalf("page %d has %d marks and %d owners", i+1, len(marks), len(owners))
		}
		for n, m := range marks {
			owner, _ := strconv.Atoi(owners[n][1])
			claim := "<</Type /MCR /Pg " + ref(page).String() + " /MCID " + m[2] + ">>"
			if !strings.Contains(p.objects[owner], claim) || !strings.Contains(p.objects[owner], "/S /"+m[1]+" ") {
				t.Errorf("page %d, mark %s (%s): its owner is %s", i+1, m[2], m[1], p.objects[owner])
			}
		}
	}
}

func TestTheTreeNamesWhatThingsAre(t *testing.T) {
	p := parse(t, renderSample(t, sample(), English))
	for kind, want := range map[string]int{"Document": 1, "H1": 1, "Table": 2, "TR": 6, "TH": 7, "TD": 14} {
		if got := len(p.all("/StructElem /S /" + kind + " ")); got != want {
			t.Errorf("%d elements of the kind %s, want %d", got, kind, want)
		}
	}
	if got := len(p.all("/S /TH ", "/Scope /Column")); got != 7 {
		t.Errorf("%d column headings say so", got)
	}
}

func TestTextInTheOtherLanguageSaysSo(t *testing.T) {
	doc := Document{Items: []Item{{Heading: Text{"Contents", "तथ्य"}, Prose: Text{English: "My bag was stolen."}}}}
	p := parse(t, renderSample(t, doc, Hindi))
	if got := len(p.all("/StructElem /S /P ", "/Lang (en-IN)")); got != 1 {
		t.Errorf("%d paragraphs in the Hindi form are marked as English", got)
	}
	if got := len(p.all("/StructElem", "/Lang")); got != 1 {
		t.Errorf("%d elements are marked with a language, want only the one that differs", got)
	}
}

// TestTheFontHoldsWhatIsDrawn reads the embedded font back: its checksum is right, and for each code the outline is the
// whole font's.
func TestTheFontHoldsWhatIsDrawn(t *testing.T) {
	face, err := newTypeface()
	if err != nil {
		t.Fatal(err)
	}
	all := make([]uint16, 711)
	for i := range all {
		all[i] = uint16(i)
	}
	for _, glyphs := range [][]uint16{nil, {3}, {5, 600, 17, 17}, all} {
		s := face.subset(glyphs)
		if sum := checksum(s.program); sum != checksumSeed {
			t.Errorf("%d glyphs: the file's checksum is %#x", len(glyphs), sum)
		}
		cut := readFont(t, s.program)
		for _, g := range append(glyphs, 0) {
			n := s.number[g]
			want, got := face.outline(g), cut.outline(n)
			if len(components(want)) == 0 && !bytes.Equal(bytes.TrimRight(got, "\x00"), bytes.TrimRight(want, "\x00")) {
				t.Errorf("glyph %d has another outline as %d", g, n)
			}
			if len(components(want)) != len(components(got)) || cut.advance(n) != face.advance(g) || !bytes.Equal(cut.bearing(n), face.bearing(g)) {
				t.Errorf("glyph %d is not the same as %d", g, n)
			}
			for i, at := range components(want) {
				if old, now := binary.BigEndian.Uint16(want[at:]), binary.BigEndian.Uint16(got[at:]); s.number[old] != now {
					t.Errorf("component %d of glyph %d is %d, want %d", i, g, now, s.number[old])
				}
			}
		}
	}
}

// readFont reads a subset's tables.
func readFont(t *testing.T, program []byte) *typeface {
	t.Helper()
	loader, err := opentype.NewLoader(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	f := &typeface{tables: map[string][]byte{}}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cvt ", "fpgm", "prep"} {
		if f.tables[tag], err = loader.RawTable(opentype.MustNewTag(tag)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestCodesRunOut(t *testing.T) {
	face, err := newTypeface()
	if err != nil {
		t.Fatal(err)
	}
	k := newInk(face)
	k.texts = 3
	for _, c := range []struct {
		title string
		in    cluster
		want  uint16
		span  bool
	}{
		{"the first is code 1", cluster{"a", []glyph{{id: 36}}}, 1, false},
		{"another text for the same glyph is code 2", cluster{"b", []glyph{{id: 36}}}, 2, false},
		{"a known one keeps its code", cluster{"a", []glyph{{id: 36}}}, 1, false},
		{"then one code for each glyph must do, and its text stands beside it", cluster{"c", []glyph{{id: 36}}}, 3, true},
		{"and again", cluster{"d", []glyph{{id: 36}}}, 3, true},
		{"the box is always code 0", cluster{"世", []glyph{{id: 0}}}, 0, true},
		{"a text too long for a code stands beside it", cluster{strings.Repeat("e", 9), []glyph{{id: 36}}}, 3, true},
	} {
		codes, span := k.encode(c.in)
		if codes[0] != c.want || span != c.span {
			t.Errorf("%s: code %d, span %v", c.title, codes[0], span)
		}
	}
}
