package pdf

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// readText reads the pages' text as the standard has it: what stands beside a span counts, otherwise what the codes
// stand for. Rules and what is the same on every page are left out. Without spans the codes alone are read, as simpler
// readers do.
func (p *parsed) readText(spans bool) string {
	p.t.Helper()
	codes := p.toUnicode()
	var b strings.Builder
	for _, c := range p.contents() {
		open := []string{}
		for _, op := range strings.Split(c, "\n") {
			switch inside := strings.Join(open, ""); {
			case strings.HasSuffix(op, " BDC"), strings.HasSuffix(op, " BMC"):
				kind := op[:2]
				if text, ok := actualText(p.t, op); ok && spans && !strings.Contains(inside, "/A") {
					b.WriteString(text)
				}
				open = append(open, kind)
			case op == "EMC":
				open = open[:len(open)-1]
			case strings.HasSuffix(op, "] TJ") && !strings.Contains(inside, "/A") && (!spans || !strings.HasSuffix(inside, "/S")):
				for _, code := range shown(p.t, op) {
					b.WriteString(codes[code])
				}
			}
		}
	}
	return b.String()
}

// actualText returns the text beside a span.
func actualText(t testing.TB, op string) (string, bool) {
	t.Helper()
	_, rest, ok := strings.Cut(op, "/ActualText <FEFF")
	if !ok {
		return "", false
	}
	digits, _, _ := strings.Cut(rest, ">")
	return fromUTF16(t, digits), true
}

func fromUTF16(t testing.TB, digits string) string {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	var units []uint16
	for i := 0; i < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// shown lists the codes that an instruction draws.
func shown(t testing.TB, op string) []int {
	t.Helper()
	var codes []int
	for _, m := range regexp.MustCompile(`<([0-9A-F]*)>`).FindAllStringSubmatch(op, -1) {
		for i := 0; i < len(m[1]); i += 4 {
			n, err := strconv.ParseInt(m[1][i:i+4], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, int(n))
		}
	}
	return codes
}

// toUnicode reads the table of what codes stand for.
func (p *parsed) toUnicode() map[int]string {
	p.t.Helper()
	table := string(p.streams[p.follow(p.only("/Subtype /Type0"), "/ToUnicode")])
	codes := map[int]string{}
	for _, m := range regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]+)>$`).FindAllStringSubmatch(table, -1) {
		code, err := strconv.ParseInt(m[1], 16, 32)
		if err != nil {
			p.t.Fatal(err)
		}
		codes[int(code)] = fromUTF16(p.t, m[2])
	}
	return codes
}

// boxes counts how often the pages draw code 0, the glyph for what the font lacks.
func (p *parsed) boxes() int {
	p.t.Helper()
	n := 0
	for _, c := range p.contents() {
		for _, op := range strings.Split(c, "\n") {
			if !strings.HasSuffix(op, "] TJ") {
				continue
			}
			for _, code := range shown(p.t, op) {
				if code == 0 {
					n++
				}
			}
		}
	}
	return n
}

// TestAReaderWithoutSpansReadsTheSame reads the Hindi narrative by its codes alone, and by its spans: both are what
// went in.
func TestAReaderWithoutSpansReadsTheSame(t *testing.T) {
	text := strings.Join(hindi(), "\n")
	p := parse(t, renderSample(t, once(text), Hindi))
	want := strings.ReplaceAll(text, "\n", "")
	if got := p.readText(true); got != want {
		t.Errorf("with spans:\n%s\nwant\n%s", got, want)
	}
	if got := p.readText(false); got != want {
		t.Errorf("without spans:\n%s\nwant\n%s", got, want)
	}
	if spans := strings.Count(strings.Join(p.contents(), ""), "/ActualText"); spans < 100 {
		t.Errorf("only %d spans were written", spans)
	}
}
