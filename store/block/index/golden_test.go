package index

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/roentgen/roentgen"
)

// goldenBlock is what the golden files hold.
func goldenBlock(t testing.TB) ([]Row, []*roentgen.Rows) {
	t.Helper()
	rows, traces := night(t, 40)
	r := newRandom(7, 20)
	for range 60 {
		row, trace := r.rows()
		rows, traces = append(rows, row), append(traces, trace)
	}
	sorted(rows, traces)
	return rows, traces
}

// The files of every version ever released are read for ever. What is compared is what they say, not their bytes: a
// newer library may pack better.
func TestGoldenFilesAreRead(t *testing.T) {
	rows, traces := goldenBlock(t)
	fresh := build(t, NewBuilder(), rows, traces)
	if *rewrite {
		write(t, NewBuilder(), rows, traces)
	}
	index, err := Parse(read(t, "v1.index"))
	if err != nil {
		t.Fatal(err)
	}
	summary, err := ParseSummary(read(t, "v1.summary"))
	if err != nil {
		t.Fatal(err)
	}
	old := block{rows, traces, index, summary}
	for i := range rows {
		if got, want := fmt.Sprint(index.Row(i)), fmt.Sprint(rows[i]); got != want {
			t.Fatalf("row %d is\n%s, want\n%s", i, got, want)
		}
		if !summary.HasTrace(rows[i].ID) {
			t.Fatalf("the summary does not have %s", rows[i].ID)
		}
	}
	checkTotals(t, &old)
	r := newRandom(8, 20)
	for range 2000 {
		m := r.matcher()
		old.check(t, m)
		got, gotAll := index.Candidates(m)
		want, wantAll := fresh.index.Candidates(m)
		if gotAll != wantAll || !got.Equals(want) {
			t.Fatalf("%s has the candidates %v (%t), want %v (%t)", m, got, gotAll, want, wantAll)
		}
		if got, want := summary.MayMatch(m), fresh.summary.MayMatch(m); got != want {
			t.Fatalf("%s may match: %t, want %t", m, got, want)
		}
	}
}

func write(t *testing.T, b *Builder, rows []Row, traces []*roentgen.Rows) {
	t.Helper()
	for i := range rows {
		b.Add(rows[i], traces[i])
	}
	for name, part := range map[string][]byte{"v1.index": b.Encode(nil), "v1.summary": b.Summary(nil)} {
		if err := os.WriteFile(filepath.Join("testdata", "golden", name), part, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "golden", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
