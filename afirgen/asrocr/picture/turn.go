package picture

import "image"

// turned mirrors, then turns.
func turned(g *image.Gray, t turn) *image.Gray {
	if t.mirrored {
		g = mirrored(g)
	}
	return Quarter(g, t.quarters)
}

func mirrored(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Pix[y*out.Stride+x] = g.Pix[y*g.Stride+w-1-x]
		}
	}
	return out
}

// Quarter turns the picture clockwise by so many quarters. By none it is the same picture, not a copy.
func Quarter(g *image.Gray, quarters int) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	quarters &= 3
	if quarters == 0 {
		return g
	}
	size := image.Rect(0, 0, w, h)
	if quarters != 2 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewGray(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			from := 0
			switch quarters {
			case 1:
				from = (h-1-x)*g.Stride + y
			case 2:
				from = (h-1-y)*g.Stride + w - 1 - x
			case 3:
				from = x*g.Stride + w - 1 - y
			}
			out.Pix[y*out.Stride+x] = g.Pix[from]
		}
	}
	return out
}
