package blockfile

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

func TestAWholeBlockIsGood(t *testing.T) {
	f, fs := blockOf(t, made(t, 200))
	r := Verify(fs, "dir/7.blk")
	if !r.Good() || len(r.Notes) > 0 || r.Traces != 200 || r.Lost != 0 || r.Documents != 640 || r.Chunks != f.c.count || len(r.Parts) != int(lastKind) {
		t.Errorf("%+v", r)
	}
	if !reflect.DeepEqual(r.Meta, aMeta) || r.Bytes != f.Bytes() || r.Raw < 1_000_000 {
		t.Errorf("%+v", r)
	}
}

func TestVerifyNamesEveryDamage(t *testing.T) {
	f, fs := blockOf(t, made(t, 200))
	first, _ := f.c.chunks.find(0)
	last, _ := f.c.chunks.find(199)
	index := f.c.parts[kindIndex]
	for _, at := range []int64{3, first.offset, last.offset + int64(last.length), index.offset + index.length - 1, f.Bytes() - 1} {
		fs.Flip("dir/7.blk", at, 0x10)
	}
	r := Verify(fs, "dir/7.blk")
	var got []string
	for _, d := range r.Damage {
		got = append(got, fmt.Sprint(d.Part, " ", d.Offset))
	}
	want := []string{"header 0", fmt.Sprint("trailer ", f.Bytes()-trailerSize), fmt.Sprint("index ", index.offset),
		fmt.Sprint("chunk ", first.offset), fmt.Sprint("chunk ", last.offset)}
	if r.Good() || !slices.Equal(got, want) || r.Lost != first.rows+last.rows {
		t.Errorf("%d lost, damage %v, want %v", r.Lost, got, want)
	}
}

// Checksums hold and the documents say otherwise: a mistake of the program, or
// of somebody who wrote the file.
func TestVerifyHoldsTheIndexAgainstTheDocuments(t *testing.T) {
	traces := made(t, 20)
	wrong := slices.Clone(traces)
	wrong[3].Row.Documents++
	wrong[4].Row.Failing = !wrong[4].Row.Failing
	wrong[5].Row.ID[15] ^= 1
	_, fs := blockOf(t, wrong)
	r := Verify(fs, "dir/7.blk")
	text := fmt.Sprint(r.Damage)
	for _, want := range []string{"row 3, ", "documents is 4", "row 4, ", "failing is", "row 5, ", "cannot be read: document 0 is of trace"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	wrong = slices.Clone(traces)
	wrong[3].Rows = wrong[4].Rows
	_, fs = blockOf(t, wrong)
	if r := Verify(fs, "dir/7.blk"); !r.Good() || len(r.Notes) == 0 {
		t.Errorf("%v, notes %v", r.Damage, r.Notes)
	}
}

func TestVerifySaysWhatIsNoBlock(t *testing.T) {
	fs := vfs.NewFault(1)
	if r := Verify(fs, "none"); !errors.Is(r.Err, os.ErrNotExist) {
		t.Errorf("%+v", r)
	}
	fs.WriteFile("b", []byte("something else, and long enough to be anything at all"))
	var foreign *ForeignError
	if r := Verify(fs, "b"); r.Good() || !errors.As(r.Err, &foreign) {
		t.Errorf("%+v", r)
	}
	fs.WriteFile("b", newerHeader(t, small(t)))
	var version *VersionError
	if r := Verify(fs, "b"); r.Good() || !errors.As(r.Err, &version) {
		t.Errorf("%+v", r)
	}
	for n := range 100 {
		fs.WriteFile("b", small(t)[:n])
		if r := Verify(fs, "b"); r.Err != nil || len(r.Damage) == 0 {
			t.Errorf("%d bytes: %+v", n, r)
		}
	}
}

// salvaged writes what can be saved of dir/7.blk to dir/8.blk.
func salvaged(t testing.TB, fs vfs.FS) Saved {
	t.Helper()
	s, err := Salvage(fs, "dir/7.blk", Reading{}, nil, func(m Meta, traces iter.Seq2[Trace, error]) error {
		m.Number++
		_, err := Write(fs, "dir/8.blk", m, traces, Options{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatCanBeReadIsSaved(t *testing.T) {
	traces := made(t, 60)
	for name, c := range map[string]struct {
		damage  func(f *File) []int64
		unknown bool // what documents do not say
	}{
		"nothing":          {func(f *File) []int64 { return nil }, false},
		"the header":       {func(f *File) []int64 { return []int64{20} }, false},
		"the magic":        {func(f *File) []int64 { return []int64{2} }, false},
		"the seed":         {func(f *File) []int64 { return []int64{headerSize - 1} }, false},
		"the trailer":      {func(f *File) []int64 { return []int64{f.Bytes() - trailerSize + 3} }, false},
		"table's checksum": {func(f *File) []int64 { return []int64{f.Bytes() - trailerSize + 17} }, false},
		"the index":        {func(f *File) []int64 { return []int64{f.c.parts[kindIndex].offset} }, true},
		"the dictionary":   {func(f *File) []int64 { return []int64{f.c.parts[kindDict].offset + 9} }, false},
		"the chunk map":    {func(f *File) []int64 { return []int64{f.c.parts[kindChunks].offset + 3} }, false},
		"the meta":         {func(f *File) []int64 { return []int64{f.c.parts[kindMeta].offset} }, false},
		"the copy":         {func(f *File) []int64 { return []int64{f.c.parts[kindCopy].offset + 40} }, false},
		"the table":        {func(f *File) []int64 { return []int64{f.Bytes() - trailerSize - 20} }, true},
		"the summary":      {func(f *File) []int64 { return []int64{f.c.parts[kindSummary].offset} }, false},
		"the bundle":       {func(f *File) []int64 { return []int64{f.c.parts[kindBundle].offset} }, false},
		"two chunks and the index": {func(f *File) []int64 {
			a, _ := f.c.chunks.find(0)
			b, _ := f.c.chunks.find(40)
			return []int64{a.offset, b.offset, f.c.parts[kindIndex].offset}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, fs := blockOf(t, traces)
			lost := map[int]bool{}
			for _, at := range c.damage(f) {
				fs.Flip("dir/7.blk", at, 1)
				for p := range f.c.chunks.all {
					if at >= p.offset && at < p.offset+int64(p.length)+checkSize {
						for row := p.first; row < p.first+p.rows; row++ {
							lost[row] = true
						}
					}
				}
			}
			s := salvaged(t, fs)
			if len(s.Rows) != len(traces)-len(lost) || s.Traces != len(traces) || s.Forgotten != c.unknown || (len(s.Damage) == 0) != (name == "nothing") {
				t.Fatalf("%d saved of %d, %+v", len(s.Rows), s.Traces, s.Damage)
			}
			saved, err := Open(fs, "dir/8.blk", NewCache(1<<20))
			if err != nil {
				t.Fatal(err)
			}
			defer saved.Close()
			x, err := saved.Index()
			if err != nil {
				t.Fatal(err)
			}
			for row, old := range s.Rows {
				docs, err := saved.Trace(row)
				want := traces[old]
				if c.unknown {
					want.Row.Limited, want.Row.Members = false, nil
				}
				if err != nil || lost[old] || !sameDocs(docs, want.Docs) || !reflect.DeepEqual(x.Row(row), want.Row) {
					t.Fatalf("row %d, which was %d: %v", row, old, err)
				}
			}
			if r := Verify(fs, "dir/8.blk"); !r.Good() || len(r.Notes) > 0 {
				t.Errorf("what was saved: %+v", r)
			}
		})
	}
}

// What chunks cannot be read without stands in two places that are far apart.
func TestALostEndCostsNoTrace(t *testing.T) {
	traces := made(t, 60)
	f, fs := blockOf(t, traces)
	text := fs.ReadFile("dir/7.blk")
	enough := f.c.parts[kindCopy].offset + f.c.parts[kindCopy].length
	for n := enough; n < int64(len(text)); n += 7000 {
		for _, rest := range []int64{0, int64(len(text)) - n} { // gone, or zeros
			fs := vfs.NewFault(1)
			fs.WriteFile("dir/7.blk", append(bytes.Clone(text[:n]), make([]byte, rest)...))
			s := salvaged(t, fs)
			if len(s.Rows) != len(traces) || len(s.Damage) == 0 || !reflect.DeepEqual(s.Meta, aMeta) {
				t.Fatalf("of the first %d bytes of %d: %+v", n, len(text), s)
			}
			if r := Verify(fs, "dir/8.blk"); !r.Good() || r.Traces != len(traces) {
				t.Fatalf("of the first %d bytes: %+v", n, r)
			}
		}
	}
}

func TestWhereNothingCanBeSavedNothingIsWritten(t *testing.T) {
	f, fs := blockOf(t, made(t, 20))
	text := fs.ReadFile("dir/7.blk")
	fs.WriteFile("dir/7.blk", text[:f.c.parts[kindCopy].offset+100])
	if s := salvaged(t, fs); len(s.Rows) > 0 || len(s.Damage) == 0 || fs.ReadFile("dir/8.blk") != nil {
		t.Errorf("%+v", s)
	}
	fs.WriteFile("dir/7.blk", bytes.Clone(text))
	fs.Flip("dir/7.blk", f.c.parts[kindDict].offset, 1)
	fs.Flip("dir/7.blk", f.c.parts[kindCopy].offset+40, 1)
	if s := salvaged(t, fs); len(s.Rows) > 0 || len(s.Damage) == 0 || fs.ReadFile("dir/8.blk") != nil {
		t.Errorf("%+v", s)
	}
}
