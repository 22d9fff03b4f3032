package picture

import (
	"image"
	"math"
)

// Bounds of the search for the skew, in degrees. A letter that leans more was not meant to be read by a machine.
const (
	maxSkew    = 12.0
	coarseStep = 0.5
	fineStep   = 0.1
)

// analysisSide is the side in pixels of the small copy on which the skew is looked for.
const analysisSide = 1000

// lines says how the lines of text run.
type lines struct {
	upright bool    // along the height: the picture lies on its side
	skew    float64 // degrees by which they fall to the right
}

// findLines looks for the direction in which ink and gaps change most from row to row (a projection profile). The picture
// must be evenly lit.
func findLines(g *image.Gray) lines {
	small := shrunk(g, factorTo(g.Rect, analysisSide))
	points := ink(small)
	if len(points) < 50 {
		return lines{}
	}
	along, alongScore := bestSkew(points, small.Rect.Dx(), small.Rect.Dy())
	for i, p := range points { // turned a quarter clockwise, as Prepare does then
		points[i] = image.Pt(small.Rect.Dy()-1-p.Y, p.X)
	}
	across, acrossScore := bestSkew(points, small.Rect.Dy(), small.Rect.Dx())
	// Clearly better, for columns of short lines have edges across too.
	if acrossScore > 1.3*alongScore {
		return lines{true, across}
	}
	return lines{false, along}
}

// ink lists the pixels that are clearly darker than the paper.
func ink(g *image.Gray) []image.Point {
	limit := otsu(g)
	var points []image.Point
	for y := range g.Rect.Dy() {
		for x, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			if int(v) < limit {
				points = append(points, image.Pt(x, y))
			}
		}
	}
	return points
}

func bestSkew(points []image.Point, width, height int) (skew, score float64) {
	profile := make([]int, width+2*height)
	try := func(angle float64) {
		if s := steepness(points, angle, profile, width/2); s > score {
			skew, score = angle, s
		}
	}
	for a := -maxSkew; a <= maxSkew; a += coarseStep {
		try(a)
	}
	around := skew
	for a := around - coarseStep; a <= around+coarseStep; a += fineStep {
		try(a)
	}
	return skew, score
}

// steepness is the sum of the squared steps between neighbouring rows of the profile along the angle.
func steepness(points []image.Point, angle float64, profile []int, offset int) float64 {
	clear(profile)
	slope := math.Tan(angle * math.Pi / 180)
	for _, p := range points {
		row := p.Y + offset - int(math.Round(float64(p.X)*slope))
		if row >= 0 && row < len(profile) {
			profile[row]++
		}
	}
	sum := 0.0
	for i := 1; i < len(profile); i++ {
		step := float64(profile[i] - profile[i-1])
		sum += step * step
	}
	return sum
}

// otsu returns the brightness that parts ink from paper best (Otsu 1979).
func otsu(g *image.Gray) int {
	var count [256]int
	total, sum := 0, 0
	for y := range g.Rect.Dy() {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			count[v]++
			total++
			sum += int(v)
		}
	}
	limit, best, dark, darkSum := 0, 0.0, 0, 0
	for v, n := range count {
		dark += n
		darkSum += v * n
		if dark == 0 || dark == total {
			continue
		}
		gap := float64(darkSum)/float64(dark) - float64(sum-darkSum)/float64(total-dark)
		if between := float64(dark) * float64(total-dark) * gap * gap; between > best {
			limit, best = v+1, between
		}
	}
	return limit
}
