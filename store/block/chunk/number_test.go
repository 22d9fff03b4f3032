package chunk

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"
)

func TestNumbersComeBackAsTheyWere(t *testing.T) {
	texts := []string{"0", "-0", "00", "01", "7", "-7", "-", "", "12.", ".5", "0.5", "-0.5", "-0.0", "0.0", "0.50", "1.20", "12.345", "1795981150.254244", "1795981150.250000",
		"999999999999999999", "1000000000000000000", "-999999999999999999", "99999999.9999999999", "1E5", "1.0E9", "1.780165693125E9", "1.780165693125E09", "1.7801656931250E9",
		"10.0E9", "0.1E9", "1.5E-3", "1.5E+3", "1.5E0", "1.5E1", "1.55E1", "1.555E1", "1.5e9", "1 ", "+1", "1_0", "0x1", "1.2.3", "9.99999999999999999E17", "5.0E3"}
	g := newGenerator(1)
	for range 2000 {
		v := g.Int64() >> g.IntN(64)
		texts = append(texts, strconv.FormatInt(v, 10), strconv.FormatFloat(float64(v)/1e3, 'f', -1, 64), strconv.FormatFloat(float64(v)/1e6, 'f', 6, 64), strconv.FormatFloat(float64(v)/1e6, 'E', -1, 64))
	}
	read := 0
	for _, text := range texts {
		for style := range byte(styles) {
			for k := range byte(10) {
				if style == styleInt && k > 0 {
					continue
				}
				v, ok := parseNumber([]byte(text), style, k)
				if !ok {
					continue
				}
				read++
				if got := appendNumber(nil, v, style, k); string(got) != text {
					t.Fatalf("%s in style %d with %d digits is %d and comes out as %s", text, style, k, v, got)
				}
			}
		}
		if style, k, ok := styleOf([]byte(text)); ok {
			if v, ok := parseNumber([]byte(text), style, k); !ok || string(appendNumber(nil, v, style, k)) != text {
				t.Fatalf("%s is not in the style %d, %d that it is said to have", text, style, k)
			}
		}
	}
	if read < 5000 {
		t.Errorf("only %d numbers were understood", read)
	}
}

func TestEightDigitsAtOnce(t *testing.T) {
	g := newGenerator(2)
	for i := range 20000 {
		text := []byte(fmt.Sprintf("%08d", g.IntN(1e8)))
		if i%2 == 0 {
			text[g.IntN(8)] = byte(g.Uint32())
		}
		want, err := strconv.ParseUint(string(text), 10, 64)
		got, ok := eight(binary.LittleEndian.Uint64(text))
		if digitsOnly := err == nil && text[0] != '+'; ok != digitsOnly || ok && got != want {
			t.Fatalf("%q became %d, %t", text, got, ok)
		}
		for _, upper := range []bool{false, true} {
			hex := []byte(fmt.Sprintf("%08x", g.Uint32()))
			if upper {
				hex = []byte(fmt.Sprintf("%08X", g.Uint32()))
			}
			if i%2 == 0 {
				hex[g.IntN(8)] = byte(g.Uint32())
			}
			v, ok := parseHex(hex, 8, upper)
			if again := appendHex(nil, v, 8, upper); ok != isHex(hex, upper) || ok && string(again) != string(hex) {
				t.Fatalf("%q became %x, %t", hex, v, ok)
			}
		}
	}
}

func isHex(t []byte, upper bool) bool {
	for _, c := range t {
		if !('0' <= c && c <= '9' || !upper && 'a' <= c && c <= 'f' || upper && 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

func TestMomentsOfOneTimeAgree(t *testing.T) {
	want := int64(1780165693_125000000)
	for _, text := range []string{"1780165693.125", "1780165693.125000", "1780165693.125000000", "1.780165693125E9", "1780165693125", "1780165693125000"} {
		if at, ok := momentOf([]byte(text)); !ok || at.nanos != want {
			t.Errorf("%s is %d, %t", text, at.nanos, ok)
		}
	}
	for _, text := range []string{"", "1", "1780165693", "1780165693.", "1780165693.1234567890", "17801656931.5", "-1780165693.125", "1.5", `"1780165693.125"`, "1780165693.12x"} {
		if at, ok := momentOf([]byte(text)); ok {
			t.Errorf("%q is a moment, %d", text, at.nanos)
		}
	}
}

func TestBits(t *testing.T) {
	g := newGenerator(3)
	var w bitWriter
	type put struct {
		v     uint64
		width uint
	}
	var puts []put
	for range 5000 {
		width := uint(g.IntN(65))
		v := g.Uint64()
		if width < 64 {
			v &= 1<<width - 1
		}
		puts = append(puts, put{v, width})
		w.put(v, width)
	}
	w.flush()
	r := bitReader{buf: w.buf}
	for i, p := range puts {
		if got := r.get(p.width); got != p.v {
			t.Fatalf("number %d of %d bits came out as %x, not %x", i, p.width, got, p.v)
		}
	}
	if r.short {
		t.Error("reading to the end counts as reading behind it")
	}
	if r.get(9); !r.short {
		t.Error("reading behind the end went unnoticed")
	}
}

func TestWhereValuesEnd(t *testing.T) {
	for text, want := range map[string]int{`"a"`: 3, `"a\"b",`: 6, `"\\",`: 4, `"\\\"",`: 6, `"`: -1, `"\"`: -1, `12,`: 2, `true}`: 4, `null]`: 4, `,`: -1, ``: -1,
		`{"a":"}"},`: 9, `[[1],"]"]x`: 9, `{"a":`: -1, `[`: -1, `{}`: 2} {
		if got := valueEnd([]byte(text), 0); got != want {
			t.Errorf("%s ends at %d, not %d", text, got, want)
		}
	}
}
