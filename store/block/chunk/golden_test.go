package chunk

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files of the present version anew")

// Every version of the format that was ever released is read: a directory each,
// with the chunks of a block, its dictionary, and the documents as text.
func TestGoldenFiles(t *testing.T) {
	if *rewrite {
		writeGolden(t, filepath.Join("testdata", fmt.Sprintf("v%d", version)))
	}
	dirs, err := filepath.Glob(filepath.Join("testdata", "v*"))
	if err != nil || len(dirs) < version {
		t.Fatalf("golden files of %d versions: %v", len(dirs), err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			d, err := ParseDict(readFile(t, dir, "dictionary"))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i := range goldenChunks {
				c := readFile(t, dir, fmt.Sprintf("chunk-%d", i))
				n, err := Len(c)
				if err != nil {
					t.Fatal(err)
				}
				err = d.Decode(c, 0, n, func(_ int, id roentgen.TraceID, docs []Doc) error {
					describe(&got, sample{id, docs})
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if want := readFile(t, dir, "documents.txt"); got.String() != string(want) {
				t.Errorf("%s came out as\n%s", dir, got.String())
			}
		})
	}
}

const goldenChunks = 4

func describe(b *strings.Builder, s sample) {
	fmt.Fprintf(b, "%v, %d documents\n", s.id, len(s.docs))
	for _, d := range s.docs {
		fmt.Fprintf(b, "%d %v %v %s\n", d.Received, d.Keep.Reason, d.Keep.Probability, d.Text)
	}
}

func readFile(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeGolden(t *testing.T, dir string) {
	var text strings.Builder
	e := NewEncoder()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	traces := append(serviceTraces(8), oddTraces(8, 24)...)
	for i := range goldenChunks {
		for _, s := range traces[i*8 : i*8+8] {
			e.Trace(s.id, s.docs)
			describe(&text, s)
		}
		write(fmt.Sprintf("chunk-%d", i), e.Cut(nil))
	}
	write("dictionary", e.Dict(nil))
	write("documents.txt", []byte(text.String()))
}
