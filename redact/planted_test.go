package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// planter makes documents with personal data at known places, and the same documents as they have to become.
type planter struct {
	*rand.Rand
	doc, want bytes.Buffer
	counts    Counts
	planted   []string // texts that must not be left
}

// both writes text that has to stay.
func (p *planter) both(format string, args ...any) {
	fmt.Fprintf(&p.doc, format, args...)
	fmt.Fprintf(&p.want, format, args...)
}

func (p *planter) pick(texts ...string) string { return texts[p.IntN(len(texts))] }

func (p *planter) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + p.IntN(10))
	}
	return string(b)
}

func (p *planter) hex(n int) string { return fmt.Sprintf("%0*x", n, p.Uint64()>>(64-4*n)) }

// Verhoeff's tables as they are printed everywhere; the scanner computes them.
var verhoeffD = [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
var verhoeffP = [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}

func verhoeff(number string) int {
	c := 0
	for i := range number {
		d := number[len(number)-1-i] - '0'
		c = int(verhoeffD[c][verhoeffP[i%8][d]-'0'] - '0')
	}
	return c
}

func (p *planter) aadhaar() string {
	for {
		if n := fmt.Sprint(2+p.IntN(8)) + p.digits(11); verhoeff(n) == 0 {
			return n
		}
	}
}

// person returns something of a person and the kind it is.
func (p *planter) person() (string, kind) {
	switch p.IntN(4) {
	case 0:
		n := fmt.Sprint(6+p.IntN(4)) + p.digits(9)
		return p.pick("", "+91", "+91 ", "+91-", "0", "(+91) ") + p.pick(n, n[:5]+" "+n[5:], n[:5]+"-"+n[5:], n[:3]+"-"+n[3:6]+"-"+n[6:]), kindPhone
	case 1:
		// 91 and a number from 6 on with a right check digit is both.
		n := p.aadhaar()
		for strings.HasPrefix(n, "91") {
			n = p.aadhaar()
		}
		return p.pick(n, n[:4]+" "+n[4:8]+" "+n[8:], n[:4]+"-"+n[4:8]+"-"+n[8:]), kindAadhaar
	case 2:
		return p.pick("asha.k", "r+fir", "o'neil", "x_1") + p.digits(2) + "@" + p.pick("example.com", "police.gov.in", "a-b.co"), kindEmail
	default:
		return p.pick("ABCPE", "XYZHK") + p.digits(4) + p.pick("F", "Z"), kindPAN
	}
}

// escaped writes some of the characters as escapes.
func (p *planter) escaped(text string) string {
	if p.IntN(3) > 0 {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		if p.IntN(3) == 0 {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func (p *planter) plant() {
	text, k := p.person()
	p.planted = append(p.planted, text)
	p.doc.WriteString(p.escaped(text))
	p.want.WriteString(k.text())
	p.count(k)
}

func (p *planter) count(k kind) {
	s := scan{c: p.counts}
	s.count(k)
	p.counts = s.c
}

// free writes a string with people in it or without.
func (p *planter) free() {
	p.both(`"`)
	for range p.IntN(4) {
		p.both("%s", p.pick("plain", "two words ", `\"said\" `, `\n`, "अब ", "10.0.4.21 ", "v1.2.3 ", p.hex(8)+"-"+p.hex(4)+" ", "2026-11-29T10:20:30Z ", "50% of 12 ", `\/`, "😀"))
		if p.IntN(2) == 0 {
			p.both("%s", p.pick(" ", ", ", ": ", "<", `\t`, "("))
			p.plant()
			p.both("%s", p.pick(" ", ", ", ">", `\n`, ")", ";"))
		}
	}
	p.both(`"`)
}

func (p *planter) value(depth int) {
	switch p.IntN(7) {
	case 0:
		p.both("%s", p.pick("1", "-2.5e7", "true", "null", "1790000000.123456", "1"+p.digits(3)+".5", "1790000000123"))
	case 1:
		if p.IntN(2) == 0 {
			n := fmt.Sprint(6+p.IntN(4)) + p.digits(9)
			p.planted = append(p.planted, n)
			p.doc.WriteString(n)
			p.want.WriteString(`"[redacted:phone]"`)
			p.counts.Phones++
			return
		}
		p.both("17")
	case 2, 3:
		if depth < 4 {
			p.object(depth + 1)
			return
		}
		p.both("[]")
	case 4:
		p.both("[")
		for i := range p.IntN(3) {
			if i > 0 {
				p.both(", ")
			}
			p.value(depth + 1)
		}
		p.both("]")
	default:
		p.free()
	}
}

func (p *planter) object(depth int) {
	p.both("{")
	for i := range p.IntN(5) {
		if i > 0 {
			p.both(",")
		}
		if p.IntN(8) == 0 {
			secret := p.pick("hunter", `{"x":[1,"}"]}`, "12") + p.hex(8)
			text, _ := json.Marshal(secret)
			p.planted = append(p.planted, secret)
			p.both(`"%s":`, p.pick("password", "Authorization", "api_key", "x.y.token"))
			fmt.Fprintf(&p.doc, p.pick(`%s`, `[1,%s]`, `{"a":{"b":%s}}`), text)
			p.want.WriteString(`"[redacted:key]"`)
			p.counts.Keys++
			continue
		}
		p.both(`"%s":`, p.pick("a", "note", "token_kinds", "url.scheme", "user_text", `q\"x`, p.hex(3)))
		p.value(depth)
	}
	p.both("}")
}

func (p *planter) entity(depth int) {
	p.both(`{"name":"fir_db@mysql.example.com","id":"%s","start_time":9876543210.%s,"trace_id":"1-%s-987654321098%s"`, p.digits(16), p.digits(6), p.hex(8), p.hex(12))
	if p.IntN(2) == 0 {
		p.both(`,"annotations":`)
		p.object(1)
	}
	if p.IntN(2) == 0 {
		p.both(`,"metadata":`)
		p.object(0)
	}
	if p.IntN(2) == 0 {
		p.both(`,"cause":{"exceptions":[{"id":"%s","message":`, p.digits(16))
		p.free()
		p.both(`,"stack":[{"path":"a@b.com/x.go","line":9876543210,"label":"f"}]}]}`)
	}
	if p.IntN(2) == 0 {
		p.both(`,"aws":{"account_id":"%s","request_id":"%s","key":`, p.digits(12), p.digits(10))
		p.free()
		p.both(`}`)
	}
	if depth < 3 {
		p.both(`,"subsegments":[`)
		for i := range p.IntN(3) {
			if i > 0 {
				p.both(",")
			}
			p.entity(depth + 1)
		}
		p.both(`]`)
	}
	p.both(`}`)
}

func TestAllThatIsPlantedGoesAndAllElseStays(t *testing.T) {
	r := newDefault(t)
	var total Counts
	for seed := range uint64(1200) {
		p := &planter{Rand: rand.New(rand.NewPCG(7, seed))}
		p.entity(0)
		if !json.Valid(p.doc.Bytes()) || !json.Valid(p.want.Bytes()) {
			t.Fatalf("the test itself makes no JSON: %s", p.doc.Bytes())
		}
		out, c := r.Document(nil, p.doc.Bytes())
		if string(out) != p.want.String() || c != p.counts {
			t.Fatalf("seed %d: %+v, want %+v\n got %s\nwant %s\nfrom %s", seed, c, p.counts, out, p.want.Bytes(), p.doc.Bytes())
		}
		for _, text := range p.planted {
			if len(text) >= 10 && bytes.Contains(out, []byte(text)) {
				t.Fatalf("seed %d: %s is left in %s", seed, text, out)
			}
		}
		total.Phones += c.Phones
		total.Aadhaars += c.Aadhaars
		total.Keys += c.Keys
		total.Emails += c.Emails
		total.PANs += c.PANs
	}
	if total.Phones < 300 || total.Aadhaars < 300 || total.Keys < 300 || total.Emails < 300 || total.PANs < 300 {
		t.Errorf("hardly anything was planted: %+v", total)
	}
}

func FuzzDocument(f *testing.F) {
	for _, c := range documentCases {
		f.Add([]byte(c.doc))
	}
	for _, doc := range loadDocuments(f)[:3] {
		f.Add(doc)
	}
	r := newDefault(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		before := bytes.Clone(doc)
		out, c := r.Document(nil, doc)
		if !bytes.Equal(doc, before) {
			t.Fatalf("the document itself was changed: %q", doc)
		}
		if !json.Valid(before) {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q, which is no JSON", doc, out)
		}
		if (c == Counts{}) != bytes.Equal(out, doc) {
			t.Fatalf("%+v, and %q became %q", c, doc, out)
		}
		if again, c := r.Document(nil, out); c != (Counts{}) || !bytes.Equal(again, out) {
			t.Fatalf("%q became %q\nand that %q, %+v", doc, out, again, c)
		}
	})
}

func FuzzValue(f *testing.F) {
	for _, text := range []string{"9876543210", "a@b.com", "http://u:p@h/?a=b#c", "ABCDE1234F", "2345 6789 0124", "९८७६५४३२१०"} {
		f.Add(text)
	}
	r := newDefault(f)
	f.Fuzz(func(t *testing.T, text string) {
		out, c := r.Value(text)
		if (c == Counts{}) != (out == text) {
			t.Fatalf("%+v, and %q became %q", c, text, out)
		}
		if again, c := r.Value(out); again != out {
			t.Fatalf("%q became %q\nand that %q, %+v", text, out, again, c)
		}
	})
}
