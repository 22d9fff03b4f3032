package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"runtime"
	"strings"
	"testing"
)

// claim is a PNG of a few bytes whose header claims the size, depth and kind of colour.
func claim(width, height uint32, depth, kind, interlaced byte, padding int) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	head = append(binary.BigEndian.AppendUint32(head, height), depth, kind, 0, 0, interlaced)
	file := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	file = binary.BigEndian.AppendUint32(append(file, head...), crc32.ChecksumIEEE(head))
	file = append(binary.BigEndian.AppendUint32(file, uint32(padding)), "IDAT"...)
	return append(file, make([]byte, padding+4)...)
}

// The file that took 400 MB to find out that it is damaged: 49 million pixels of 64 bits.
func TestClaimsAreBoundedBeforeAnythingIsAllocated(t *testing.T) {
	for _, c := range []struct {
		title string
		file  []byte
		large bool // TooLargeError, or else damage
		says  string
	}{
		{"3.6 thousand million pixels", claim(60_000, 60_000, 8, 0, 0, 0), true, "at most 50 million"},
		{"a width beyond every number", claim(1<<31-1, 1<<31-1, 8, 0, 0, 0), false, "damaged"},
		{"49 million pixels of 64 bits", claim(7000, 7000, 16, 6, 0, 1<<20), true, "MiB to be decoded"},
		{"49 million pixels, interlaced", claim(7000, 7000, 8, 2, 1, 1<<20), true, "MiB to be decoded"},
		{"49 million pixels in 100 bytes", claim(7000, 7000, 8, 2, 0, 40), false, "damaged"},
		{"no width", claim(0, 10, 8, 0, 0, 10), false, "damaged"},
		{"an ELF program", []byte("\x7FELF"), false, "damaged"},
		{"a head alone", []byte("\x89PNG\r\n\x1a\n"), false, "damaged"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(c.file)
		runtime.ReadMemStats(&after)
		var large *TooLargeError
		if errors.As(err, &large) != c.large || errors.Is(err, ErrDamaged) == c.large || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.title, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
			t.Errorf("%s: %d bytes were allocated", c.title, took)
		}
	}
}

func TestAPictureOfEveryColourModelBecomesGreyAndSmall(t *testing.T) {
	paint := func(m interface {
		image.Image
		Set(x, y int, c color.Color)
	}) image.Image {
		b := m.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				m.Set(x, y, color.Gray{uint8(100 + 100*(x*2/b.Dx()))}) // 100 left, 200 right
			}
		}
		return m
	}
	r := image.Rect(0, 0, 60, 40)
	palette := color.Palette{color.Gray{100}, color.Gray{200}}
	for title, m := range map[string]image.Image{
		"grey": paint(image.NewGray(r)), "grey of 16 bits": paint(image.NewGray16(r)), "RGBA": paint(image.NewRGBA(r)),
		"NRGBA of 16 bits": paint(image.NewNRGBA64(r)), "a palette": paint(image.NewPaletted(r, palette)), "CMYK": paint(image.NewCMYK(r)),
	} {
		g := shrunk(m, 2)
		if g.Rect != image.Rect(0, 0, 30, 20) {
			t.Errorf("%s: %v", title, g.Rect)
		}
		for at, want := range map[image.Point]int{{3, 3}: 100, {25, 15}: 200} {
			if got := int(g.GrayAt(at.X, at.Y).Y); got < want-3 || got > want+3 {
				t.Errorf("%s: %d at %v, want %d", title, got, at, want)
			}
		}
	}
	if got := shrunk(image.NewNRGBA(r), 1).GrayAt(1, 1).Y; got != 255 {
		t.Errorf("what is transparent became %d, want white", got)
	}
}

func TestAPictureIsShrunkToTheLongestSide(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9000, 10))); err != nil {
		t.Fatal(err)
	}
	g, err := Decode(b.Bytes())
	if err != nil || g.Rect.Dx() != 3000 || g.Rect.Dy() != 3 {
		t.Errorf("%v, %v", g, err)
	}
}

// TestEveryOrientation writes the picture as a camera held that way does, and wants it back upright.
func TestEveryOrientation(t *testing.T) {
	upright := [][]uint8{{10, 20, 30}, {40, 50, 60}}
	for tag, stored := range map[uint16][][]uint8{
		1: {{10, 20, 30}, {40, 50, 60}}, 2: {{30, 20, 10}, {60, 50, 40}}, 3: {{60, 50, 40}, {30, 20, 10}}, 4: {{40, 50, 60}, {10, 20, 30}},
		5: {{10, 40}, {20, 50}, {30, 60}}, 6: {{30, 60}, {20, 50}, {10, 40}}, 7: {{60, 30}, {50, 20}, {40, 10}}, 8: {{40, 10}, {50, 20}, {60, 30}},
		0: {{10, 20, 30}, {40, 50, 60}}, 9: {{10, 20, 30}, {40, 50, 60}},
	} {
		g, err := Decode(pngWithEXIF(t, stored, tag))
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range upright {
			for x, want := range row {
				if g.Rect.Dx() != 3 || g.Rect.Dy() != 2 || g.GrayAt(x, y).Y != want {
					t.Errorf("tag %d: %v is %d at %d,%d, want %d", tag, g.Rect, g.GrayAt(x, y).Y, x, y, want)
				}
			}
		}
	}
}

func pngWithEXIF(t *testing.T, rows [][]uint8, tag uint16) []byte {
	t.Helper()
	g := image.NewGray(image.Rect(0, 0, len(rows[0]), len(rows)))
	for y, row := range rows {
		copy(g.Pix[y*g.Stride:], row)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, g); err != nil {
		t.Fatal(err)
	}
	chunk := append([]byte("eXIf"), exifBlock(tag)...)
	const afterIHDR = 8 + 25
	out := bytes.Clone(b.Bytes()[:afterIHDR])
	out = append(binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4)), chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, b.Bytes()[afterIHDR:]...)
}

// exifBlock is little-endian TIFF with another entry before the orientation.
func exifBlock(tag uint16) []byte {
	order := binary.LittleEndian
	block := append([]byte("II\x2A\x00"), 8, 0, 0, 0, 2, 0)
	block = append(block, 0x0F, 0x01, 2, 0, 4, 0, 0, 0, 'A', 'B', 'C', 0) // the maker
	block = order.AppendUint16(order.AppendUint16(block, 0x0112), 3)
	block = order.AppendUint16(order.AppendUint32(block, 1), tag)
	return append(block, 0, 0, 0, 0, 0, 0)
}

func TestNotesThatMakeNoSenseLeaveThePictureAsItIs(t *testing.T) {
	block := exifBlock(6)
	for title, b := range map[string][]byte{
		"nothing": nil, "cut off": block[:20], "a directory beyond the end": append([]byte("II\x2A\x00\xFF\xFF\xFF\xFF"), block[8:]...),
		"of another type": bytes.Replace(block, []byte{0x12, 0x01, 3}, []byte{0x12, 0x01, 4}, 1),
	} {
		if got := tag(b); got != 0 {
			t.Errorf("%s: %d", title, got)
		}
	}
	if got := tag(block); got != 6 {
		t.Errorf("the whole note says %d", got)
	}
}

// page is black lines of words on white, the lines falling to the right by the angle in degrees.
func page(width, height int, angle float64) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, width, height))
	sin, cos := math.Sincos(angle * math.Pi / 180)
	for y := range height {
		for x := range width {
			dx, dy := float64(x-width/2), float64(y-height/2)
			u, v := dx*cos+dy*sin+4000, -dx*sin+dy*cos+4000
			line := math.Floor(v / 40)
			inMargin := math.Abs(u-4000) < 0.38*float64(width) && math.Abs(v-4000) < 0.4*float64(height)
			value := uint8(230)
			if inMargin && v-40*line < 16 && math.Mod(u+31*line, 90) < 70 && math.Mod(u+9.3*line*line, 14) < 8 {
				value = 40
			}
			g.Pix[y*g.Stride+x] = value
		}
	}
	return g
}

func TestSkewIsFoundAndTurnedBack(t *testing.T) {
	for _, angle := range []float64{-11, -3.3, 0, 5.7, 11} {
		p := Prepare(page(700, 900, angle))
		if p.Turned || math.Abs(p.Skew-angle) > 0.25 {
			t.Errorf("%.1f: found %.1f, turned %v", angle, p.Skew, p.Turned)
		}
		if again := findLines(p.Grey); again.upright || math.Abs(again.skew) > 0.25 {
			t.Errorf("%.1f: after it was turned back %+v is found", angle, again)
		}
		side := Prepare(Quarter(page(700, 900, angle), 3))
		if !side.Turned || math.Abs(side.Skew-angle) > 0.25 {
			t.Errorf("%.1f on its side: found %.1f, turned %v", angle, side.Skew, side.Turned)
		}
	}
}

func TestShadowsGoAndInkStays(t *testing.T) {
	g := page(800, 800, 0)
	for y := range 800 {
		for x := range 800 {
			at := y*g.Stride + x
			g.Pix[at] = uint8(float64(g.Pix[at]) * (1 - 0.7*float64(x)/800))
		}
	}
	even := evenLight(g)
	original := page(800, 800, 0)
	for at, v := range even.Pix {
		if isInk := original.Pix[at] == 40; isInk && v > 110 || !isInk && v < 170 {
			t.Fatalf("at %d,%d ink %v became %d", at%800, at/800, isInk, v)
		}
	}
}

func TestNoiseIsMeasuredAndSpecksGo(t *testing.T) {
	g := page(600, 600, 0)
	if n := noise(g); n > 6 {
		t.Errorf("clean letters have noise %.1f", n)
	}
	for at := 0; at < len(g.Pix); at += 37 {
		g.Pix[at] = 255 - g.Pix[at]
	}
	if n := noise(g); n < noisy {
		t.Errorf("with specks the noise is %.1f, want at least %.1f", n, noisy)
	}
	if n := noise(median(g)); n > noisy {
		t.Errorf("after the median it is %.1f", n)
	}
	if noise(image.NewGray(image.Rect(0, 0, 2, 900))) != 0 {
		t.Error("a strip of two pixels has noise")
	}
}

func TestMiddle(t *testing.T) {
	if got := middle([9]uint8{9, 1, 8, 2, 7, 3, 6, 4, 5}); got != 5 {
		t.Errorf("got %d", got)
	}
}

func TestLettersAreBroughtToSize(t *testing.T) {
	for _, c := range []struct {
		letters, side int
		want          float64
	}{
		{0, 500, 1}, {20, 500, 1}, {60, 500, 1}, {15, 500, 2}, {6, 500, 3}, {15, 4200, 1}, {15, 2800, 1.5}, {90, 4000, 1. / 3},
	} {
		if got := growth(c.letters, c.side); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %v", c, got)
		}
	}
	p := Prepare(page(1000, 1300, 0))
	if p.Letters < 14 || p.Letters > 18 || p.Grey.Rect.Dx() < 1700 {
		t.Errorf("letters of 16 pixels are taken for %d, and the page is %v", p.Letters, p.Grey.Rect)
	}
}

func TestAnythingCanBePrepared(t *testing.T) {
	for _, r := range []image.Rectangle{{Max: image.Pt(1, 1)}, {Max: image.Pt(1, 3000)}, {Max: image.Pt(3000, 2)}, {Max: image.Pt(7, 7)}} {
		p := Prepare(image.NewGray(r))
		if p.Grey.Rect.Empty() || !bytes.HasPrefix(PGM(p.Grey), []byte("P5\n")) {
			t.Errorf("%v became %v", r, p.Grey.Rect)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, page(64, 48, 3), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(claim(40, 40, 8, 2, 1, 10))
	f.Add(append([]byte("\xFF\xD8\xFF\xE1\x00\x30Exif\x00\x00"), exifBlock(6)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = orientation(data)
		config, err := header(data)
		if err == nil && config.Width*config.Height > 1<<16 {
			return // for speed alone
		}
		if g, err := Decode(data); err == nil {
			Prepare(g)
		}
	})
}
