package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tool runs a program that reads PDFs or pictures, and returns what it prints. A machine without it fails the test:
// nothing else here can say that other people's programs read our files.
func tool(t testing.TB, debianPackage, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("this test needs the program %s: apt-get install %s", name, debianPackage)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}

// saved writes the document to a file that goes when the test ends, and returns its path.
func saved(t testing.TB, doc Document, lang Language) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fir.pdf")
	if err := os.WriteFile(path, renderSample(t, doc, lang), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// copied is the text that a reader copies out of the file: white space of whatever kind and length is one space.
func copied(t testing.TB, path string) string {
	t.Helper()
	return squeezed(tool(t, "poppler-utils", "pdftotext", "-enc", "UTF-8", path, "-"))
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// texts lists all that the document has to say in the language, in the order of reading.
func texts(doc Document, lang Language) []string {
	in := func(t Text) string { s, _ := t.in(lang); return s }
	all := []string{doc.Form, in(doc.Title), in(doc.Basis)}
	var items func([]Item)
	items = func(of []Item) {
		for _, item := range of {
			all = append(all, item.Number+" "+in(item.Heading), in(item.Value))
			for _, f := range item.Fields {
				all = append(all, in(f.Label)+":", in(f.Value))
			}
			if item.Table != nil {
				for _, c := range item.Table.Columns {
					all = append(all, in(c.Heading))
				}
				for _, row := range item.Table.Rows {
					for _, c := range row {
						all = append(all, in(c))
					}
				}
			}
			all = append(all, strings.Split(in(item.Prose), "\n")...)
			items(item.Items)
		}
	}
	items(doc.Items)
	for _, s := range doc.Signed {
		for _, l := range s.Lines {
			all = append(all, in(l))
		}
	}
	return all
}

func TestTextIsCopiedOutAsItWentIn(t *testing.T) {
	for _, lang := range []Language{English, Hindi} {
		// The paragraph that runs over to the second page has one page's foot and the other's head within it.
		doc := sample()
		title, _ := doc.Title.in(lang)
		between := doc.Reference + " " + pageOf(lang, 1, 2) + " " + title + " "
		before, after, ok := strings.Cut(copied(t, saved(t, doc, lang)), between)
		if !ok {
			t.Fatalf("%s: %q is not in\n%s", lang, between, before)
		}
		page := before + after
		found := 0
		for _, text := range texts(doc, lang) {
			if !strings.Contains(page, squeezed(text)) {
				t.Errorf("%s: %q is not in\n%s", lang, text, page)
			}
			found++
		}
		if found < 70 {
			t.Errorf("%s: only %d texts were looked for", lang, found)
		}
	}
}

// TestPagesAreReadInOrder holds the copied text against the paragraphs, one after the other.
func TestPagesAreReadInOrder(t *testing.T) {
	doc := Document{Items: []Item{{Number: "12.", Heading: Text{"Contents", "तथ्य"}, Prose: sample().Items[9].Prose}}}
	page := copied(t, saved(t, doc, Hindi))
	want := squeezed("12. तथ्य " + strings.Join(hindi(), " ") + " " + pageOf(Hindi, 1, 1))
	if page != want {
		t.Errorf("the page reads\n%s\nwant\n%s", page, want)
	}
}

func TestOfManyPagesEachIsNumbered(t *testing.T) {
	path := saved(t, long(800), Hindi)
	info := squeezed(tool(t, "poppler-utils", "pdfinfo", path))
	_, after, _ := strings.Cut(info, "Pages: ")
	number, _, _ := strings.Cut(after, " ")
	pages, err := strconv.Atoi(number)
	if err != nil || pages < 50 || !strings.Contains(info, "Tagged: yes") {
		t.Fatalf("pdfinfo says\n%s", info)
	}
	t.Logf("%d pages", pages)
	text := copied(t, path)
	for n := 1; n <= pages; n++ {
		if !strings.Contains(text, pageOf(Hindi, n, pages)) {
			t.Errorf("there is no %q", pageOf(Hindi, n, pages))
		}
	}
	for n := range 800 {
		if words := "अनुच्छेद " + itoa(n) + " "; !strings.Contains(text, words) {
			t.Fatalf("there is no %q", words)
		}
	}
}
