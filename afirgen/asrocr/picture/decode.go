package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// MaxSide is the longest side that Decode returns, in pixels: A4 at 360 dots an inch. More tells a reader nothing.
const MaxSide = 4200

// Decode returns the picture in grey, transparent parts white, turned as EXIF says, and shrunk to MaxSide. It takes as much
// memory as Check allows, and leaves a 14th of it behind.
func Decode(data []byte) (grey *image.Gray, err error) {
	if err := Check(data); err != nil {
		return nil, err
	}
	whole, err := decodeWhole(data)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	return turned(shrunk(whole, factorTo(whole.Bounds(), MaxSide)), orientation(data)), nil
}

func decodeWhole(data []byte) (image.Image, error) {
	if KindOf(data) == JPEG {
		return jpeg.Decode(bytes.NewReader(data))
	}
	return png.Decode(bytes.NewReader(data))
}

// factorTo is the least whole number by which the longer side has to be divided to be at most side.
func factorTo(b image.Rectangle, side int) int { return max(1, (max(b.Dx(), b.Dy())+side-1)/side) }

// shrunk averages squares of n × n pixels. Rows are read one at a time, so that no second copy of a large picture stands
// beside it.
func shrunk(src image.Image, n int) *image.Gray {
	b := src.Bounds()
	width, height := max(1, b.Dx()/n), max(1, b.Dy()/n)
	out := image.NewGray(image.Rect(0, 0, width, height))
	row := newRowReader(src)
	sums := make([]int, width)
	for y := range height {
		clear(sums)
		tall := min(n, b.Dy()-y*n)
		for i := range tall {
			line := row.read(y*n + i)
			for x := range width {
				for _, v := range line[x*n : min(x*n+n, len(line))] {
					sums[x] += int(v)
				}
			}
		}
		for x, sum := range sums {
			out.Pix[y*out.Stride+x] = uint8(sum / (tall * min(n, b.Dx()-x*n)))
		}
	}
	return out
}

// rowReader turns rows of any picture into grey ones. The two kinds that photographs have are read from their bytes.
type rowReader struct {
	src  image.Image
	line []uint8
	rgba *image.RGBA
}

func newRowReader(src image.Image) *rowReader {
	width := src.Bounds().Dx()
	return &rowReader{src: src, line: make([]uint8, width), rgba: image.NewRGBA(image.Rect(0, 0, width, 1))}
}

// read returns row y, counted from the top. It is overwritten by the next.
func (r *rowReader) read(y int) []uint8 {
	b := r.src.Bounds()
	switch src := r.src.(type) {
	case *image.Gray:
		at := src.PixOffset(b.Min.X, b.Min.Y+y)
		return src.Pix[at : at+b.Dx()]
	case *image.YCbCr:
		at := src.YOffset(b.Min.X, b.Min.Y+y)
		return src.Y[at : at+b.Dx()]
	}
	draw.Draw(r.rgba, r.rgba.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(r.rgba, r.rgba.Rect, r.src, image.Pt(b.Min.X, b.Min.Y+y), draw.Over)
	for x := range r.line {
		p := r.rgba.Pix[4*x:]
		r.line[x] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000)
	}
	return r.line
}
