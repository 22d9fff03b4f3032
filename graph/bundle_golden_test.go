package graph

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// A bundle of version 1, in which every trace stands for itself, is read.
func TestBundlesOfVersion1(t *testing.T) {
	_, all := goldenBundle(func(rows *roentgen.Rows) { rows.Summary.Keep = roentgen.Keep{} })
	golden, err := os.ReadFile("testdata/bundle/v1.bundle")
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, golden, all)
}

// A bundle of version 2 is written, byte for byte, as it was, and read.
func TestBundlesOfVersion2(t *testing.T) {
	const path = "testdata/bundle/v2.bundle"
	text, all := goldenBundle(func(*roentgen.Rows) {})
	if flag.Lookup("rewrite").Value.String() == "true" {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden bundle (make it with -rewrite): %v", err)
	}
	if !bytes.Equal(text, golden) {
		t.Errorf("a bundle of %d bytes is written where one of %d was", len(text), len(golden))
	}
	checkGolden(t, golden, all)
}

// goldenBundle makes the traces that the golden files have, each changed.
func goldenBundle(change func(*roentgen.Rows)) ([]byte, *Rollups) {
	random := rand.New(rand.NewPCG(1, 1))
	r := &randomRows{random, 5, func() roentgen.Time { return noon + roentgen.Time(random.IntN(90))*roentgen.Time(time.Second) }, true}
	b, all := NewBundler(), NewRollups()
	b.least = 15
	for range 40 {
		rows, members := r.draw(), r.members()
		change(rows)
		b.Add(rows, members...)
		all.Add(rows, members...)
	}
	return b.Encode(nil), all
}

func checkGolden(t *testing.T, golden []byte, all *Rollups) {
	t.Helper()
	x, err := ParseBundle(golden)
	if err != nil || len(x.sums) == 0 {
		t.Fatalf("%v, or it has no sums", err)
	}
	board := NewBoard(1 << 20)
	board.Put(1, noon, noon+roentgen.Time(time.Hour), func() (*Bundle, error) { return x, nil })
	for _, group := range []string{"", "group-0", "group-1"} {
		got, err := board.Graph(noon, noon+roentgen.Time(time.Minute), group, 1, nil)
		if want := all.Graph(noon, noon+roentgen.Time(time.Minute), group, 1); err != nil || !same(got, want) {
			t.Errorf("group %q: %v\n got  %v\n want %v", group, err, got, want)
		}
	}
}
