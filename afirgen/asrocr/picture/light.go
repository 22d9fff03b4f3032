package picture

import (
	"image"
	"slices"
)

// paper is what the background becomes, so that sharpening by a reader has room above it.
const paper = 245

// evenLight divides by the brightness of the paper around each pixel, so that shadow and lamp go and ink stays. The paper
// is the bright tenth of a square, which letters cover only in part, smoothed over its neighbours.
func evenLight(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	square := max(8, min(w, h)/40)
	paperAt := background(g, square)
	out := image.NewGray(g.Rect)
	for y := range h {
		for x := range w {
			v := int(g.Pix[y*g.Stride+x]) * paper / max(paperAt.at(x, y), 24)
			out.Pix[y*out.Stride+x] = uint8(min(v, 255))
		}
	}
	return out
}

// grid holds a brightness for the middle of each square.
type grid struct {
	square, columns, rows int
	v                     []int
}

func background(g *image.Gray, square int) *grid {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	b := &grid{square: square, columns: (w + square - 1) / square, rows: (h + square - 1) / square}
	b.v = make([]int, b.columns*b.rows)
	for r := range b.rows {
		for c := range b.columns {
			area := image.Rect(c*square, r*square, min(w, (c+1)*square), min(h, (r+1)*square))
			b.v[r*b.columns+c] = bright(g, area)
		}
	}
	return b.smoothed(brightest).smoothed(mean)
}

// bright is the brightness that a tenth of the area exceeds.
func bright(g *image.Gray, area image.Rectangle) int {
	var count [256]int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for _, v := range g.Pix[y*g.Stride+area.Min.X : y*g.Stride+area.Max.X] {
			count[v]++
		}
	}
	left := area.Dx() * area.Dy() / 10
	for v := 255; v > 0; v-- {
		if left -= count[v]; left < 0 {
			return v
		}
	}
	return 0
}

// brightest takes the second brightest, so that a lamp's reflection does not count.
func brightest(v []int) int { return v[max(0, len(v)-2)] }

func mean(v []int) int {
	sum := 0
	for _, x := range v {
		sum += x
	}
	return sum / len(v)
}

// smoothed replaces each value by what pick makes of the sorted 3 × 3 around it.
func (b *grid) smoothed(pick func([]int) int) *grid {
	out := &grid{b.square, b.columns, b.rows, make([]int, len(b.v))}
	near := make([]int, 0, 9)
	for r := range b.rows {
		for c := range b.columns {
			near = near[:0]
			for y := max(0, r-1); y <= min(b.rows-1, r+1); y++ {
				near = append(near, b.v[y*b.columns+max(0, c-1):y*b.columns+min(b.columns, c+2)]...)
			}
			slices.Sort(near)
			out.v[r*b.columns+c] = pick(near)
		}
	}
	return out
}

// at is the brightness at a pixel, between the four middles around it.
func (b *grid) at(x, y int) int {
	c0, c1, fx := between(x, b.square, b.columns)
	r0, r1, fy := between(y, b.square, b.rows)
	top := b.v[r0*b.columns+c0]*(b.square-fx) + b.v[r0*b.columns+c1]*fx
	low := b.v[r1*b.columns+c0]*(b.square-fx) + b.v[r1*b.columns+c1]*fx
	return (top*(b.square-fy) + low*fy) / (b.square * b.square)
}

// between returns the squares before and after a place, and how far it is on the way, in pixels.
func between(at, square, n int) (before, after, way int) {
	at -= square / 2
	if at < 0 {
		return 0, 0, 0
	}
	before = min(at/square, n-1)
	return before, min(before+1, n-1), at % square
}
