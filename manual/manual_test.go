package manual

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

var rewrite = flag.Bool("rewrite", false, "copy the pages that lie beside the code")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// repository is where the tests stand, seen from here.
const repository = ".."

func TestNoLinkLeadsNowhereAndEveryPageIsLedTo(t *testing.T) {
	for _, problem := range built(t).Problems {
		t.Error(problem)
	}
}

// whole is the manual of all tests, which only look at it.
var whole = sync.OnceValues(func() (*Manual, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	return Build(files)
})

func built(t *testing.T) *Manual {
	t.Helper()
	m, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Embedding takes folders by pattern; a page in a deeper folder would be left out without a word.
func TestEveryPageAndPictureOfDocsIsInTheProgram(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(os.DirFS(repository), "docs", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) == ".go" {
			return err
		}
		content, err := os.ReadFile(filepath.Join(repository, name))
		if !bytes.Equal(files[name], content) {
			t.Errorf("%s is not in the program as it stands there; see docs/docs.go", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The pages beside the code are copied by: go test ./manual -run TestCopiesAreFresh -rewrite
func TestCopiesAreFresh(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return !strings.HasPrefix(name, "docs/") })
	m, err := Build(files)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(m.missing)
	wanted := slices.Compact(m.missing)
	if *rewrite {
		copyAll(t, wanted)
		return
	}
	if len(wanted) == 0 {
		t.Error("no page of docs links to one beside the code")
	}
	for _, name := range wanted {
		original, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if held, _ := outside.ReadFile("outside/" + name + copySuffix); !bytes.Equal(held, original) {
			t.Errorf("the manual holds another %s than the repository; copy it: go test ./manual -run TestCopiesAreFresh -rewrite", name)
		}
	}
}

func copyAll(t *testing.T, names []string) {
	t.Helper()
	if err := os.RemoveAll("outside"); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		original, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Error(err)
			continue
		}
		to := filepath.Join("outside", name+copySuffix)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, original, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// small is a manual of three pages; each case below changes one.
func small(changed string, text string) map[string][]byte {
	files := map[string][]byte{
		"docs/README.md":       []byte("# Docs\n\n## Guides\n\n- [First](guides/one.md): how\n\n## Reference\n\n- [Folder](sub/README.md)\n- [Code](../tracing/README.md)\n"),
		"docs/guides/one.md":   []byte("# One\n\nSee [a part](../sub/two.md#a-part) and [the code](../../cmd/main.go).\n\n## Here\n\n[up](#here) ![pic](../images/p.png)\n"),
		"docs/sub/README.md":   []byte("# Sub\n\n| | |\n|---|---|\n| [2](two.md) | second |\n"),
		"docs/sub/two.md":      []byte("# Two, the `second`\n\n## A part\n\n### A part\n\n[out](https://example.com/x)\n"),
		"docs/images/p.png":    {0x89},
		"tracing/README.md":    []byte("# SDK\n"),
		"docs/images/note.txt": nil,
	}
	if changed != "" {
		files[changed] = []byte(text)
	}
	return files
}

func TestTheSmallManualIsSound(t *testing.T) {
	m, err := Build(small("", ""))
	if err != nil || len(m.Problems) > 0 {
		t.Fatalf("%v %q", err, m.Problems)
	}
	var contents []string
	for _, s := range m.Sections {
		for _, e := range s.Entries {
			contents = append(contents, s.Title+"/"+e.Label+"="+e.Page.Address)
		}
	}
	want := []string{"Guides/First=guides/one", "Reference/Folder=sub/", "Reference/Two, the second=sub/two", "Reference/Code=repository/tracing/"}
	if !slices.Equal(contents, want) {
		t.Errorf("the contents are %q, want %q", contents, want)
	}
	for _, part := range []string{`<a href="../sub/two#a-part">a part</a>`, `<span class="path" title="cmd/main.go in the repository">the code</span>`,
		`<h2 id="here">Here`, `<a href="#here">up</a>`, `src="../images/p.png"`} {
		if got := m.pages["docs/guides/one.md"].HTML; !strings.Contains(got, part) {
			t.Errorf("the page has no %s:\n%s", part, got)
		}
	}
	for _, part := range []string{`<h2 id="a-part">`, `<h3 id="a-part-1">`, `<a href="https://example.com/x" class="outside" rel="noopener noreferrer">`} {
		if got := m.pages["docs/sub/two.md"].HTML; !strings.Contains(got, part) {
			t.Errorf("the page has no %s:\n%s", part, got)
		}
	}
	if got := m.pages["docs/sub/README.md"].HTML; strings.Contains(got, "<thead>") || strings.Count(got, "<tbody>") != 1 || strings.Count(got, "</tbody>") != 1 {
		t.Errorf("a table with an empty head is\n%s", got)
	}
}

func TestProblemsAreFound(t *testing.T) {
	for _, c := range []struct{ title, page, text, says string }{
		{"a page that is not there", "docs/sub/two.md", "# Two\n\n[x](three.md)", "docs/sub/two.md links to docs/sub/three.md"},
		{"a page beside the code that is not copied", "docs/sub/two.md", "# Two\n\n[x](../../redact/README.md)", "links to redact/README.md"},
		{"a heading that is not there", "docs/sub/two.md", "# Two\n\n[x](../guides/one.md#there)", "docs/guides/one.md has no such heading"},
		{"a heading of its own that is not there", "docs/sub/two.md", "# Two\n\n[x](#there)", "docs/sub/two.md has no such heading"},
		{"a picture that is not there", "docs/sub/two.md", "# Two\n\n![x](gone.png)", "shows the picture gone.png"},
		{"HTML", "docs/sub/two.md", "# Two\n\n<b>bold</b>", "has HTML"},
		{"a block of HTML", "docs/sub/two.md", "# Two\n\n<div>\n</div>\n", "has HTML"},
		{"a page that nothing leads to", "docs/alone.md", "# Alone", "docs/alone.md is a page that docs/README.md does not lead to"},
	} {
		t.Run(c.title, func(t *testing.T) {
			files := small(c.page, c.text)
			if c.page == "docs/sub/two.md" {
				files["docs/guides/one.md"] = []byte("# One\n")
			}
			m, err := Build(files)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(m.Problems, func(p string) bool { return strings.Contains(p, c.says) }) {
				t.Errorf("nothing says %q: %q", c.says, m.Problems)
			}
		})
	}
	if _, err := Build(nil); err == nil {
		t.Error("a manual without its first page is built")
	}
}

func TestHeadingsHaveTheIDsThatGitHubGivesThem(t *testing.T) {
	for heading, want := range map[string]string{
		"When things go wrong":              "when-things-go-wrong",
		"What can go wrong?":                "what-can-go-wrong",
		"XRAY_SAMPLING_RATE, and --redact":  "xray_sampling_rate-and---redact",
		"1. GET /api/x: the “first” answer": "1-get-apix-the-first-answer",
		"Überblick – हिन्दी":                "überblick--हिन्दी",
	} {
		if got := slug(heading); got != want {
			t.Errorf("%q gets %q, want %q", heading, got, want)
		}
	}
}

func TestFencesOfGuidesBecomeCaptions(t *testing.T) {
	for info, want := range map[string]string{
		"go file=main.go": "<code>main.go</code>", "text output": "prints", "sh run": "", "": "", "hcl from=deploy/a.tf": "<code>deploy/a.tf</code>",
		"sh start name=a ready=x": "goes on running: give it a terminal of its own", `x file=<b>"`: "<code>&lt;b&gt;&quot;</code>",
	} {
		if got := captionOf(info); got != want {
			t.Errorf("%q gets %q, want %q", info, got, want)
		}
	}
}
