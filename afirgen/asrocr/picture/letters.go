package picture

import (
	"image"
	"slices"
)

// letterHeight is the median height in pixels of what hangs together in ink and could be a letter, or a word of
// Devanagari under its line; 0 where there is too little to tell.
func letterHeight(g *image.Gray) int {
	limit := otsu(g)
	c := components{}
	var above, here []run
	for y := range g.Rect.Dy() {
		here = runs(here[:0], g.Pix[y*g.Stride:y*g.Stride+g.Rect.Dx()], limit)
		c.join(above, here, y)
		above, here = here, above
	}
	return c.medianHeight(g.Rect.Dy())
}

// run is ink from x = from up to, without, to.
type run struct{ from, to, component int }

func runs(into []run, row []uint8, limit int) []run {
	for x := 0; x < len(row); x++ {
		if int(row[x]) >= limit {
			continue
		}
		from := x
		for x < len(row) && int(row[x]) < limit {
			x++
		}
		into = append(into, run{from: from, to: x})
	}
	return into
}

// components are the connected pieces: parent makes a forest, the boxes stand at its roots.
type components struct {
	parent []int
	boxes  []image.Rectangle
}

func (c *components) root(i int) int {
	for c.parent[i] != i {
		c.parent[i] = c.parent[c.parent[i]]
		i = c.parent[i]
	}
	return i
}

// join adds a row's runs to the components that they touch in the row above.
func (c *components) join(above, here []run, y int) {
	first := 0
	for i := range here {
		r := &here[i]
		r.component = len(c.parent)
		c.parent = append(c.parent, r.component)
		c.boxes = append(c.boxes, image.Rect(r.from, y, r.to, y+1))
		for first < len(above) && above[first].to < r.from {
			first++
		}
		for j := first; j < len(above) && above[j].from <= r.to; j++ {
			c.merge(above[j].component, r.component)
		}
	}
}

func (c *components) merge(a, b int) {
	a, b = c.root(a), c.root(b)
	if a != b {
		c.parent[b] = a
		c.boxes[a] = c.boxes[a].Union(c.boxes[b])
	}
}

// medianHeight leaves out specks, rules and frames.
func (c *components) medianHeight(pageHeight int) int {
	var heights []int
	for i, box := range c.boxes {
		if w, h := box.Dx(), box.Dy(); c.parent[i] == i && h >= 5 && w >= 2 && h < pageHeight/5 && w < 25*h && h < 25*w {
			heights = append(heights, h)
		}
	}
	if len(heights) < 20 {
		return 0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}
