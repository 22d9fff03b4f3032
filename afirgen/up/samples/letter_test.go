package samples

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

var rewrite = flag.Bool("rewrite", false, "draw letter.jpg anew")

// letterLines are the words of the letter.
var letterLines = []string{
	"To,",
	"The Officer in Charge,",
	"Lakeside Police Station",
	"",
	"Respected Sir,",
	"",
	"I am Arjun Deshpande, a clerk of 14 Canal Road.",
	"On 3 April at 7.30 in the evening I was walking home",
	"from the bus stand when two men on a scooter came",
	"from behind and snatched my brown leather bag.",
	"The bag held my mobile phone, my identity card and",
	"Rs. 4,500 in cash. When I shouted, the man at the back",
	"showed a knife and threatened to hurt me.",
	"They drove away towards the railway crossing.",
	"",
	"I request you to take action.",
	"",
	"Yours faithfully,",
	"Arjun Deshpande",
}

const (
	pageWidth, pageHeight = 1240, 1180
	tilt                  = 1.1 * math.Pi / 180
	quality               = 62
)

func TestTheLetterInTheRepositoryIsTheOneThatIsDrawnHere(t *testing.T) {
	drawn := photograph(writtenPage(t))
	if *rewrite {
		if err := os.WriteFile("letter.jpg", encode(t, drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("letter.jpg")
	if err != nil {
		t.Fatalf("%v; go test -rewrite draws it", err)
	}
	if len(kept) >= 150_000 {
		t.Errorf("letter.jpg has %d bytes, want fewer than 150,000", len(kept))
	}
	got, err := jpeg.Decode(bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	want, err := jpeg.Decode(bytes.NewReader(encode(t, drawn)))
	if err != nil {
		t.Fatal(err)
	}
	// Not the bytes: another release of Go may encode the same picture otherwise.
	if d := difference(t, got, want); d > 2 {
		t.Errorf("letter.jpg differs from what is drawn by %.1f of 255 a pixel; look at it, then go test -rewrite", d)
	}
}

// writtenPage is the letter in black on white.
func writtenPage(t *testing.T) *image.Gray {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 36, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		t.Fatal(err)
	}
	page := image.NewGray(image.Rect(0, 0, pageWidth, pageHeight))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	pen := font.Drawer{Dst: page, Src: image.NewUniform(color.Gray{40}), Face: face}
	for i, line := range letterLines {
		pen.Dot = fixed.P(130, 140+i*52)
		pen.DrawString(line)
	}
	return page
}

// photograph tilts the page, lights it from the upper left and adds the noise of a sensor, the same at every run.
func photograph(page *image.Gray) *image.Gray {
	photo := image.NewGray(page.Bounds())
	draw.Draw(photo, photo.Bounds(), image.White, image.Point{}, draw.Src)
	sin, cos := math.Sincos(tilt)
	cx, cy := float64(pageWidth)/2, float64(pageHeight)/2
	turn := f64.Aff3{cos, -sin, cx - cos*cx + sin*cy, sin, cos, cy - sin*cx - cos*cy}
	xdraw.BiLinear.Transform(photo, turn, page, page.Bounds(), xdraw.Src, nil)
	noise := rand.New(rand.NewPCG(1895, 11))
	for y := range pageHeight {
		for x := range pageWidth {
			light := 0.98 - 0.28*math.Hypot(float64(x)/pageWidth-0.2, float64(y)/pageHeight-0.2)
			v := float64(photo.GrayAt(x, y).Y)*light + noise.NormFloat64()*2.2
			photo.SetGray(x, y, color.Gray{uint8(max(0, min(255, v)))})
		}
	}
	return photo
}

func encode(t *testing.T, photo *image.Gray) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, photo, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// difference is the mean distance of two pictures' pixels, 0 to 255.
func difference(t *testing.T, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("the pictures measure %v and %v", a.Bounds(), b.Bounds())
	}
	sum := 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			ga := color.GrayModel.Convert(a.At(x, y)).(color.Gray)
			gb := color.GrayModel.Convert(b.At(x, y)).(color.Gray)
			sum += math.Abs(float64(ga.Y) - float64(gb.Y))
		}
	}
	return sum / float64(a.Bounds().Dx()*a.Bounds().Dy())
}
