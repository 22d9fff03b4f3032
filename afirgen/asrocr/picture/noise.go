package picture

import (
	"image"
	"math"
)

// noisy is the standard deviation of noise, in grey levels, from which on a median does more good than harm: it rounds
// the strokes of small letters.
const noisy = 9.0

// noise estimates the deviation after Immerkær (1996): a mask that is blind to edges and slopes, averaged over the
// picture.
func noise(g *image.Gray) float64 {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w < 3 || h < 3 {
		return 0
	}
	sum := 0
	for y := 1; y < h-1; y++ {
		a, b, c := g.Pix[(y-1)*g.Stride:], g.Pix[y*g.Stride:], g.Pix[(y+1)*g.Stride:]
		for x := 1; x < w-1; x++ {
			v := int(a[x-1]) - 2*int(a[x]) + int(a[x+1]) - 2*int(b[x-1]) + 4*int(b[x]) - 2*int(b[x+1]) + int(c[x-1]) - 2*int(c[x]) + int(c[x+1])
			sum += max(v, -v)
		}
	}
	return math.Sqrt(math.Pi/2) * float64(sum) / 6 / float64((w-2)*(h-2))
}

// median replaces each pixel by the middle one of the nine around it; the rim stays.
func median(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(g.Rect)
	copy(out.Pix, g.Pix)
	var near [9]uint8
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			at := y*g.Stride + x
			copy(near[:3], g.Pix[at-g.Stride-1:])
			copy(near[3:6], g.Pix[at-1:])
			copy(near[6:], g.Pix[at+g.Stride-1:])
			out.Pix[at] = middle(near)
		}
	}
	return out
}

// middle sorts as far as the fifth.
func middle(v [9]uint8) uint8 {
	for i := range 5 {
		least := i
		for j := i + 1; j < len(v); j++ {
			if v[j] < v[least] {
				least = j
			}
		}
		v[i], v[least] = v[least], v[i]
	}
	return v[4]
}
