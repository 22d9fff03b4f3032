package asrocr

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/pdf"
)

// The letters that word error rates are measured on. Every name, number and place is made up.
const (
	englishLetter = `To the Officer in Charge, Lakeside Police Station.
I am Arjun Deshpande, a clerk of 14 Canal Road. On 3 April at half past seven in the evening I was walking home from the bus stand when two men on a scooter came from behind and snatched my brown leather bag.
The bag held my mobile phone, my identity card and 4500 rupees in cash. When I shouted, the man at the back showed a knife and threatened to hurt me.
They drove away towards the railway crossing. The shopkeeper at the corner saw everything and is ready to give a statement.
I request you to register my complaint and to take action against them.`
	hindiLetter = `सेवा में, थाना प्रभारी, झील किनारा थाना।
मैं अर्जुन देशपांडे, नहर रोड का निवासी हूँ। दिनांक 3 अप्रैल को शाम साढ़े सात बजे मैं बस अड्डे से घर जा रहा था, तभी स्कूटर पर सवार दो लोग पीछे से आए और मेरा चमड़े का थैला छीन लिया।
थैले में मेरा मोबाइल फोन, पहचान पत्र और चार हजार पाँच सौ रुपये नकद थे। जब मैंने शोर मचाया तो पीछे बैठे व्यक्ति ने चाकू दिखाया और मुझे जान से मारने की धमकी दी।
वे रेलवे फाटक की ओर भाग गए। कोने के दुकानदार ने सब कुछ देखा है और वह बयान देने को तैयार है।
आपसे निवेदन है कि मेरी शिकायत दर्ज कर उचित कार्रवाई करें।`
)

// document sets a letter as a PDF of so many pages.
func document(t testing.TB, text string, lang pdf.Language) []byte {
	t.Helper()
	var b bytes.Buffer
	doc := pdf.Document{Items: []pdf.Item{{Prose: pdf.Text{English: text}}}}
	if lang == pdf.Hindi {
		doc.Items[0].Prose = pdf.Text{Hindi: text}
	}
	if err := pdf.FIR(&b, doc, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet draws the letter's first page at so many dots an inch, without the number at its foot and with the margin of a
// letter that was photographed a little too wide.
func sheet(t testing.TB, text string, lang pdf.Language, dpi string) *image.Gray {
	t.Helper()
	cmd := exec.Command("pdftoppm", "-gray", "-r", dpi, "-l", "1", "-")
	cmd.Stdin = bytes.NewReader(document(t, text, lang))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("these tests draw letters with pdftoppm: %v (make test installs poppler-utils)", err)
	}
	page, err := parsePGM(out)
	if err != nil {
		t.Fatal(err)
	}
	content := image.Rect(0, 0, page.Rect.Dx(), page.Rect.Dy()*9/10)
	last := 0
	for y := range content.Dy() {
		if bytes.IndexFunc(page.Pix[y*page.Stride:(y+1)*page.Stride], func(r rune) bool { return r < 128 }) >= 0 {
			last = y
		}
	}
	out2 := image.NewGray(image.Rect(0, 0, content.Dx(), min(content.Dy(), last+content.Dx()/8)))
	draw.Draw(out2, out2.Rect, page, image.Point{}, draw.Src)
	return out2
}

// spoiling is what happens to a letter between the table and the server.
type spoiling struct {
	skew    float64 // degrees to the right
	shadow  float64 // 0 none, to 1: how dark the far corner is
	noise   float64 // deviation in grey levels
	specks  float64 // share of pixels that are black or white
	quality int     // of JPEG; 0 is 90
	quarter int     // turned clockwise, without a note
	exif    uint16  // the note, 1 to 8; 0 for none
}

// spoiled photographs a sheet, the same at every run.
func spoiled(t testing.TB, page *image.Gray, s spoiling) []byte {
	t.Helper()
	w, h := page.Rect.Dx(), page.Rect.Dy()
	photo := image.NewGray(page.Rect)
	chance := rand.New(rand.NewPCG(1895, 11))
	sin, cos := math.Sincos(s.skew * math.Pi / 180)
	for y := range h {
		for x := range w {
			dx, dy := float64(x-w/2), float64(y-h/2)
			v := sampled(page, float64(w/2)+dx*cos+dy*sin, float64(h/2)-dx*sin+dy*cos)
			light := 1 - s.shadow*math.Pow(math.Hypot(float64(x)/float64(w), float64(y)/float64(h))/math.Sqrt2, 1.5)
			if s.shadow > 0 && x > w*6/10 && x+y/3 < w*9/10 { // the hand that holds the telephone
				light *= 1 - s.shadow/2
			}
			v = v*light + chance.NormFloat64()*s.noise
			if c := chance.Float64(); c < s.specks {
				v = 255 * math.Round(chance.Float64())
			}
			photo.Pix[y*photo.Stride+x] = uint8(max(0, min(255, v)))
		}
	}
	return withEXIF(encoded(t, quartered(photo, s.quarter), s.quality), s.exif)
}

func sampled(g *image.Gray, x, y float64) float64 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	if x0 < 0 || y0 < 0 || x0+1 >= g.Rect.Dx() || y0+1 >= g.Rect.Dy() {
		return 235
	}
	fx, fy := x-float64(x0), y-float64(y0)
	p := g.Pix[y0*g.Stride+x0:]
	q := g.Pix[(y0+1)*g.Stride+x0:]
	return (float64(p[0])*(1-fx)+float64(p[1])*fx)*(1-fy) + (float64(q[0])*(1-fx)+float64(q[1])*fx)*fy
}

// quartered turns clockwise, a quarter at a time.
func quartered(g *image.Gray, quarters int) *image.Gray {
	for range quarters {
		out := image.NewGray(image.Rect(0, 0, g.Rect.Dy(), g.Rect.Dx()))
		for y := range g.Rect.Dy() {
			for x := range g.Rect.Dx() {
				out.SetGray(g.Rect.Dy()-1-y, x, g.GrayAt(x, y))
			}
		}
		g = out
	}
	return g
}

func encoded(t testing.TB, g *image.Gray, quality int) []byte {
	t.Helper()
	if quality == 0 {
		quality = 90
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, g, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts the note of how the camera was held behind the JPEG's first marker.
func withEXIF(file []byte, orientation uint16) []byte {
	if orientation == 0 {
		return file
	}
	order := binary.BigEndian
	block := append([]byte("Exif\x00\x00MM\x00\x2A"), 0, 0, 0, 8, 0, 1) // one entry, at 8
	block = order.AppendUint16(order.AppendUint16(block, 0x0112), 3)
	block = order.AppendUint16(order.AppendUint32(block, 1), orientation)
	block = append(block, 0, 0, 0, 0, 0, 0)
	head := order.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(len(block)+2))
	return append(append(head, block...), file[2:]...)
}

// wordErrors is the least number of words to add, drop and change between the two, in a hundred of want's. Signs at a
// word's ends do not count.
func wordErrors(got, want string) float64 {
	a, b := words(got), words(want)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 100 * float64(row[len(b)]) / float64(len(b))
}

func words(s string) []string {
	var out []string
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if w = strings.Trim(w, ".,;:।|'\"!?()"); w != "" {
			out = append(out, w)
		}
	}
	return out
}
