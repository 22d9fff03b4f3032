package block

import (
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store/block/index"
)

// sievedBlock is a block with one trace, which bears its number.
func sievedBlock(t *testing.T, number uint64) *block {
	t.Helper()
	b := index.NewBuilder()
	b.Add(index.Row{ID: idOfNumber(number)}, &roentgen.Rows{Summary: &roentgen.Summary{}})
	summary, err := index.ParseSummary(b.Summary(nil))
	if err != nil {
		t.Fatal(err)
	}
	return &block{number: number, summary: summary}
}

func idOfNumber(number uint64) roentgen.TraceID {
	return roentgen.TraceID{byte(number), byte(number >> 8), 1}
}

// TestSievesKnowTheBlocksThatAreThere adds and removes blocks, oldest first and
// in the middle, as retention and merges do.
func TestSievesKnowTheBlocksThatAreThere(t *testing.T) {
	var v sieves
	var set []*block
	change := func(next []*block) {
		v.change(set, next)
		set = next
	}
	for number := range uint64(300) {
		change(append([]*block{sievedBlock(t, number)}, set...))
	}
	check := func(gone func(number uint64) bool) {
		t.Helper()
		for number := range uint64(300) {
			found := 0
			for b := range v.may(index.KeyOf(idOfNumber(number))) {
				if b.number == number {
					found++
				}
			}
			if want := 1 - map[bool]int{true: 1}[gone(number)]; found != want {
				t.Fatalf("block %d found %d times, want %d", number, found, want)
			}
		}
	}
	check(func(uint64) bool { return false })
	if n := len(load(&v.groups)); n != 5 {
		t.Errorf("300 blocks stand in %d groups, want 5", n)
	}
	keep := func(stays func(number uint64) bool) {
		next := slices.DeleteFunc(slices.Clone(set), func(b *block) bool { return !stays(b.number) })
		change(next)
		check(func(number uint64) bool { return !stays(number) })
	}
	keep(func(n uint64) bool { return n >= 64 })
	if n := len(load(&v.groups)); n != 4 {
		t.Errorf("without the oldest 64 there are %d groups, want 4", n)
	}
	keep(func(n uint64) bool { return n >= 64 && n%16 == 0 })
	if n := len(load(&v.groups)); n != 1 {
		t.Errorf("one block in sixteen stands in %d groups, want 1", n)
	}
	change(append([]*block{sievedBlock(t, 299)}, set...))
	keep(func(n uint64) bool { return n == 299 })
	change(nil)
	check(func(uint64) bool { return true })
}
