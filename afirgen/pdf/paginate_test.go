package pdf

import (
	"math/rand/v2"
	"testing"
)

// stack makes a block of n lines of 15 points.
func stack(n int) *block {
	return &block{leading: 15 * point, cells: []cell{{lines: make([]line, n)}}}
}

// fill makes blocks that leave room for n lines of 15 points on the first page.
func fill(n int) *block {
	b := stack(1)
	b.whole, b.leading = true, textHeight-unit(n)*15*point
	return b
}

// counts says how many lines of the block stand on each page that it reaches.
func counts(pages []page, b *block) []int {
	var of []int
	for _, p := range pages {
		for _, at := range p.placements {
			if at.block == b && !at.repeated {
				of = append(of, at.to-at.from)
			}
		}
	}
	return of
}

func TestParagraphsArePartedWithoutWidows(t *testing.T) {
	for _, c := range []struct {
		title      string
		room, size int
		want       []int
	}{
		{"what fits stays", 5, 5, []int{5}},
		{"one line of two is not left behind", 1, 2, []int{2}},
		{"three lines stay together", 2, 3, []int{3}},
		{"four are halved", 3, 4, []int{2, 2}},
		{"one line does not go over alone", 7, 8, []int{6, 2}},
		{"one line does not stay alone", 1, 8, []int{8}},
		{"two may stay", 2, 8, []int{2, 6}},
	} {
		t.Run(c.title, func(t *testing.T) {
			b := stack(c.size)
			got := counts(paginate([]*block{fill(c.room), b}), b)
			if len(got) != len(c.want) || got[0] != c.want[0] {
				t.Errorf("with room for %d of %d lines the pages hold %v, want %v", c.room, c.size, got, c.want)
			}
		})
	}
}

func TestAHeadingStaysWithWhatFollows(t *testing.T) {
	heading, text := stack(1), stack(6)
	heading.keep = true
	pages := paginate([]*block{fill(2), heading, text})
	if len(pages) != 2 || len(pages[0].placements) != 1 || len(pages[1].placements) != 2 {
		t.Errorf("with room for the heading and one line: %d pages, the first with %d blocks", len(pages), len(pages[0].placements))
	}
	if pages = paginate([]*block{fill(3), heading, text}); counts(pages, text)[0] != 2 {
		t.Errorf("with room for the heading and two lines the pages hold %v of the text", counts(pages, text))
	}
}

func TestARowIsPartedOnlyIfNoPageHoldsIt(t *testing.T) {
	row := stack(10)
	row.whole, row.frame = true, boxed
	if got := counts(paginate([]*block{fill(5), row}), row); len(got) != 1 {
		t.Errorf("a row that fits on a page is parted into %v", got)
	}
	long := stack(200)
	long.whole = true
	if got := counts(paginate([]*block{fill(5), long}), long); len(got) < 4 || got[0] != 5 {
		t.Errorf("a row of 200 lines is parted into %v", got)
	}
}

func TestATablesHeaderIsRepeated(t *testing.T) {
	header := stack(1)
	header.keep = true
	blocks := []*block{header}
	for range 100 {
		row := stack(1)
		row.header, row.whole = header, true
		blocks = append(blocks, row)
	}
	pages := paginate(blocks)
	if len(pages) < 2 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		first := p.placements[0]
		if first.block != header || first.repeated != (i > 0) {
			t.Errorf("page %d begins with %+v", i+1, first)
		}
	}
}

func TestNoBlocksMakeOnePage(t *testing.T) {
	if pages := paginate(nil); len(pages) != 1 {
		t.Errorf("%d pages", len(pages))
	}
}

// TestPagesHoldEveryLineOnce puts random blocks on pages: every line must stand there once and in order, above the foot
// of the page unless it is the page's only one, and below what came before it.
func TestPagesHoldEveryLineOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var blocks []*block
		header := stack(1 + random.IntN(3))
		for range random.IntN(60) {
			b := stack(random.IntN(12))
			if random.IntN(20) == 0 {
				b = stack(random.IntN(200))
			}
			b.before, b.above = unit(random.IntN(20))*point, unit(random.IntN(60))*point
			b.keep, b.whole = random.IntN(4) == 0, random.IntN(4) == 0
			if random.IntN(3) == 0 {
				b.header = header
			}
			blocks = append(blocks, b)
		}
		holdsEveryLineOnce(t, paginate(blocks), blocks)
	}
}

func holdsEveryLineOnce(t *testing.T, pages []page, blocks []*block) {
	t.Helper()
	next := map[*block]int{}
	for n, p := range pages {
		y := topMargin
		for _, at := range p.placements {
			if at.top < y {
				t.Fatalf("page %d: a block begins at %v, inside the one before it", n+1, at.top)
			}
			y = at.bottom()
			alone := at.to-at.from == 1
			if y > textBottom && !alone {
				t.Fatalf("page %d: %d lines reach %v, below %v", n+1, at.to-at.from, y, unit(textBottom))
			}
			if at.repeated {
				continue
			}
			if at.from != next[at.block] {
				t.Fatalf("page %d: line %d follows line %d", n+1, at.from, next[at.block]-1)
			}
			next[at.block] = at.to
		}
	}
	for _, b := range blocks {
		if next[b] != b.size() {
			t.Fatalf("%d of %d lines stand on pages", next[b], b.size())
		}
	}
}
