package picture

import (
	"image"
	"math"
)

// Heights of letters in pixels, by the median: between the first two a reader is content; beyond them letters are brought
// to the third. Twelve points at 300 dots an inch have about 28.
const (
	smallLetters = 20
	largeLetters = 60
	goodLetters  = 30
	maxGrowth    = 3.0
)

// Prepared is a picture that is ready to be read, but perhaps upside down.
type Prepared struct {
	Grey    *image.Gray
	Skew    float64 // degrees that were turned back
	Turned  bool    // it lay on its side and was turned a quarter clockwise
	Noise   float64 // deviation that was found, in grey levels
	Growth  float64 // by which letters were brought to size
	Letters int     // their height before, in pixels; 0 where too few were found
}

// Prepare puts right what can be known from the picture alone. It never changes g.
func Prepare(g *image.Gray) Prepared {
	p := Prepared{Noise: noise(g), Growth: 1}
	if p.Noise > noisy {
		g = median(g)
	}
	g = evenLight(g)
	l := findLines(g)
	if l.upright {
		g, p.Turned = Quarter(g, 1), true
	}
	p.Skew = l.skew
	p.Letters = letterHeight(g)
	p.Growth = growth(p.Letters, max(g.Rect.Dx(), g.Rect.Dy()))
	p.Grey = straightened(g, p.Skew, p.Growth)
	return p
}

// growth never makes a side longer than MaxSide.
func growth(letters, side int) float64 {
	if letters == 0 || letters >= smallLetters && letters <= largeLetters {
		return 1
	}
	factor := min(float64(goodLetters)/float64(letters), maxGrowth, float64(MaxSide)/float64(side))
	if letters < smallLetters {
		return max(factor, 1)
	}
	return factor
}

// straightened turns the picture back by the skew about its middle and scales it, in one step: each pixel is interpolated
// once. What comes in from outside is paper.
func straightened(g *image.Gray, skew, scale float64) *image.Gray {
	if math.Abs(skew) < fineStep/2 && scale == 1 {
		return g
	}
	if scale < 1 { // averaged first, or thin strokes fall between the samples
		whole := int(1 / scale)
		g = shrunk(g, whole)
		scale *= float64(whole)
	}
	sin, cos := math.Sincos(skew * math.Pi / 180)
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	wide := int(scale * (w*cos + h*math.Abs(sin)))
	high := int(scale * (h*cos + w*math.Abs(sin)))
	out := image.NewGray(image.Rect(0, 0, max(1, wide), max(1, high)))
	for y := range out.Rect.Dy() {
		dy := (float64(y) + 0.5 - float64(high)/2) / scale
		for x := range out.Rect.Dx() {
			dx := (float64(x) + 0.5 - float64(wide)/2) / scale
			out.Pix[y*out.Stride+x] = interpolated(g, w/2+dx*cos-dy*sin-0.5, h/2+dx*sin+dy*cos-0.5)
		}
	}
	return out
}

// interpolated is the brightness between the four pixels around a place.
func interpolated(g *image.Gray, x, y float64) uint8 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	if x0 < 0 || y0 < 0 || x0+1 >= g.Rect.Dx() || y0+1 >= g.Rect.Dy() {
		return paper
	}
	fx, fy := x-float64(x0), y-float64(y0)
	at := y0*g.Stride + x0
	top := float64(g.Pix[at])*(1-fx) + float64(g.Pix[at+1])*fx
	low := float64(g.Pix[at+g.Stride])*(1-fx) + float64(g.Pix[at+g.Stride+1])*fx
	return uint8(top*(1-fy) + low*fy + 0.5)
}
