package graph

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
)

// bundled is traces as a bundle and beside it.
type bundled struct {
	*Bundle
	rows    []*roentgen.Rows
	members [][]Member
}

func bundle(t testing.TB, r *randomRows, n int) bundled {
	t.Helper()
	b, out := NewBundler(), bundled{}
	b.least = 1 + r.IntN(100)
	for range n {
		rows, members := r.draw(), r.members()
		b.Add(rows, members...)
		out.rows, out.members = append(out.rows, rows), append(out.members, members)
	}
	var err error
	if out.Bundle, err = ParseBundle(b.Encode(nil)); err != nil {
		t.Fatal(err)
	}
	return out
}

// plainTally is a tally with its words in place of their numbers.
type plainTally struct {
	Start  roentgen.Time
	Marks  [kinds]map[[2]roentgen.ServiceID]mark
	Counts [kinds]map[[2]roentgen.ServiceID][]count
	Also   map[[3]string]bool
}

func (v vocabulary) plain(t *Tally) plainTally {
	p := plainTally{Start: t.start, Also: map[[3]string]bool{}}
	for kind := range kinds {
		p.Marks[kind], p.Counts[kind] = map[[2]roentgen.ServiceID]mark{}, map[[2]roentgen.ServiceID][]count{}
		for _, m := range t.marks[kind] {
			key := v.thing(kind, m.number)
			m.number = 0
			p.Marks[kind][key] = m
		}
		for _, n := range t.counts[kind] {
			key := v.thing(kind, n.number)
			n.number = 0
			p.Counts[kind][key] = append(p.Counts[kind][key], n)
		}
		for _, all := range p.Counts[kind] {
			slices.SortFunc(all, count.compare)
		}
	}
	for _, a := range t.also {
		of := v.thing(a.kind, a.of)
		if a.kind == nodeKind {
			p.Also[[3]string{of[0].Name, "", v.names[a.number]}] = true
		} else {
			p.Also[[3]string{of[0].Name, of[1].Name, v.services[a.number].Name}] = true
		}
	}
	return p
}

func (v vocabulary) thing(kind int, n uint32) [2]roentgen.ServiceID {
	if kind == nodeKind {
		return [2]roentgen.ServiceID{v.services[n]}
	}
	return [2]roentgen.ServiceID{v.services[v.pairs[n].from], v.services[v.pairs[n].to]}
}

func TestTalliesAreReadAsTheyWereWritten(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 1))
		x := bundle(t, &randomRows{random, 1 + random.IntN(9), crowded(random), true}, []int{0, 1, 2, 300, 1000}[seed])
		var want, got []plainTally
		r := NewRollups()
		for _, rows := range x.rows {
			tally := r.pen.tally(&r.words, rows)
			want = append(want, r.vocabulary().plain(tally))
		}
		read := rowReader{}
		read.open(x.Bundle, nil)
		rows, _ := read.pick(window{math.MinInt64, math.MaxInt64, ""})
		for _, row := range rows {
			read.each([]uint32{row}, nil, func(t *Tally) { got = append(got, x.plain(t)) })
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%d traces are read as others", len(want))
		}
		var together []plainTally
		read.each(rows, nil, func(t *Tally) { together = append(together, x.plain(t)) })
		for _, all := range [][]plainTally{want, together} {
			slices.SortFunc(all, func(a, b plainTally) int { return cmp.Compare(a.Start, b.Start) })
		}
		if !reflect.DeepEqual(together, want) {
			t.Fatalf("%d traces are read as others together", len(want))
		}
	}
}

func TestAGroupsRowsAreThoseOfItsMembers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	x := bundle(t, &randomRows{random, 5, crowded(random), true}, 500)
	read := rowReader{}
	read.open(x.Bundle, []uint32{7, 400, 100_000})
	for _, group := range []string{"", "group-0", "group-1", "group-2"} {
		var want []uint32
		var who admissions
		for row, members := range x.members {
			for _, m := range append(members, Member{}) {
				if m.Group == group && row != 7 && row != 400 {
					want = append(want, uint32(row))
					who.admit(m.Version, 1)
				}
			}
		}
		got, a := read.pick(window{math.MinInt64, math.MaxInt64, group})
		if !slices.Equal(got, want) || !reflect.DeepEqual(a, who) {
			t.Errorf("%q: %v %v, want %v %v", group, got, a, want, who)
		}
	}
}

func TestABundlerThatWasResetWritesWhatANewOneWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	r := &randomRows{random, 5, crowded(random), true}
	again := NewBundler()
	for _, n := range []int{300, 1, 40, 120} {
		fresh := NewBundler()
		again.Reset()
		for range n {
			rows, members := r.draw(), r.members()
			fresh.Add(rows, members...)
			again.Add(rows, members...)
		}
		if got, want := again.Encode(nil), fresh.Encode(nil); !slices.Equal(got, want) {
			t.Errorf("%d traces: %d bytes, want %d", n, len(got), len(want))
		}
	}
}
