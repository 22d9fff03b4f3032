package structure

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// plainIndex is what an index of text has to say, found a byte at a time.
type plainIndex struct {
	quotes                 []uint32
	high, odd, open, stray bool
	brackets               []int
}

func plainly(text []byte) (p plainIndex) {
	slashed := uint32(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		within := len(p.quotes)%2 == 1
		p.high = p.high || c >= 0x80
		switch {
		case c == '"':
			p.quotes = append(p.quotes, uint32(i)|slashed)
			slashed = 0
		case c == '\\' && within:
			slashed = Escaped
			if i++; i < len(text) {
				p.high = p.high || text[i] >= 0x80
				p.odd = p.odd || text[i] < ' '
			}
		case c == '\\', c < ' ' && within:
			p.odd = true
		case c < ' ' && c != '\n' && c != '\t' && c != '\r':
			p.stray = true
		case isBracket(c) && !within:
			p.brackets = append(p.brackets, i)
		}
	}
	p.open = len(p.quotes)%2 == 1
	return p
}

func sameIndex(t *testing.T, x *Index, text []byte) {
	t.Helper()
	x.Make(text)
	want := plainly(text)
	if x.Open != want.open {
		t.Fatalf("%q: open %t", text, x.Open)
	}
	if x.Open {
		return
	}
	end := uint32(len(text))
	if !slices.Equal(x.Quotes, append(slices.Clone(want.quotes), end, end, end, end)) {
		t.Fatalf("%q: quotes %v, want %v", text, x.Quotes, want.quotes)
	}
	if x.High != want.high || x.Odd != want.odd || x.Stray != want.stray {
		t.Fatalf("%q: high %t, odd %t, stray %t, want %+v", text, x.High, x.Odd, x.Stray, want)
	}
	for n, from := range want.brackets {
		sameMatch(t, x, text, want.brackets[n:], from)
	}
	for i := range len(text) + 1 {
		if got, want := x.Delimiter(i), next(text, i, isDelimiter); got != want {
			t.Fatalf("%q: the delimiter behind %d is at %d, want %d", text, i, got, want)
		}
		if got, want := x.Mark(i), next(text, i, isMark); got != want {
			t.Fatalf("%q: the mark behind %d is at %d, want %d", text, i, got, want)
		}
		if got, want := x.Digit(i), next(text, i, isDigit); got != want {
			t.Fatalf("%q: the digit behind %d is at %d, want %d", text, i, got, want)
		}
		want := i
		for want < len(text) && !(want+4 <= len(text) && isDigit(text[want]) && isDigit(text[want+1]) && isDigit(text[want+2]) && isDigit(text[want+3])) {
			want++
		}
		if got := x.Digits(i); got != want {
			t.Fatalf("%q: the digits behind %d are at %d, want %d", text, i, got, want)
		}
		if got := x.From(i); got != len(before(x.Quotes, i)) {
			t.Fatalf("%q: the first quote from %d on is %d of %v", text, i, got, x.Quotes)
		}
	}
}

func before(quotes []uint32, i int) []uint32 {
	n := 0
	for n < len(quotes)-ends && int(quotes[n]&^Escaped) < i {
		n++
	}
	return quotes[:n]
}

// sameMatch wants the bracket that closes the first of brackets.
func sameMatch(t *testing.T, x *Index, text []byte, brackets []int, from int) {
	t.Helper()
	end, quote, ok := x.Match(text, from)
	depth := 0
	for _, i := range brackets {
		if depth--; text[i] == '{' || text[i] == '[' {
			depth += 2
		}
		if depth == 0 {
			if !ok || end != i+1 || quote != len(before(x.Quotes, i)) {
				t.Fatalf("%q: what begins at %d ends at %d, quote %d, %t, want %d", text, from, end, quote, ok, i+1)
			}
			return
		}
	}
	if ok {
		t.Fatalf("%q: what begins at %d ends at %d, want nowhere", text, from, end)
	}
}

func next(text []byte, i int, is func(byte) bool) int {
	for i < len(text) && !is(text[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c-'0' < 10 }
func isMark(c byte) bool {
	return c == '#' || c == '%' || c == '?' || c == '@' || c == '\\' || c >= 0x80
}
func isDelimiter(c byte) bool {
	return c <= ' ' || c == '"' || c == ',' || c == ':' || isBracket(c)
}

// Texts of pieces, so that strings, escapes and brackets begin and end at every place of a block.
func TestAnIndexSaysWhatIsThere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	pieces := []string{`"`, `"`, `"`, `"`, `\"`, `\\`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, `12345`, `7`, `a`, `?`, `é`, "\n", "\x01", `a text that fills a good part of a block`, `\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"`}
	var x Index
	states := map[kindOfText]int{}
	for range 20000 {
		var text []byte
		some := pieces[:4+rnd.IntN(len(pieces)-3)]
		for range rnd.IntN(40) {
			text = append(text, some[rnd.IntN(len(some))]...)
		}
		sameIndex(t, &x, text)
		states[kindOfText{x.High, x.Odd, x.Open, x.Stray}]++
	}
	if len(states) < 12 {
		t.Errorf("only %d of 16 kinds of texts came up: %v", len(states), states)
	}
	for _, n := range []int{1 << 12, 1 << 17} { // beyond the room that there is at first
		sameLong(t, &x, bytes.Repeat([]byte(`""`), n))
		sameLong(t, &x, bytes.Repeat([]byte(`"\\",`), n))
	}
}

type kindOfText struct{ high, odd, open, stray bool }

func sameLong(t *testing.T, x *Index, text []byte) {
	t.Helper()
	x.Make(text)
	end := uint32(len(text))
	if !slices.Equal(x.Quotes, append(plainly(text).quotes, end, end, end, end)) {
		t.Fatalf("%d times %q: wrong", len(text), text[:8])
	}
}

// The same quotes come out where there are no instructions for many bytes at a time.
func TestStringsAreListedAlikeEverywhere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		blocks := make([]block, rnd.IntN(5))
		for i := range blocks {
			blocks[i] = block{quotes: rnd.Uint64() & rnd.Uint64(), brackets: rnd.Uint64()}
			if rnd.IntN(9) == 0 {
				blocks[i].backslashes = 1
			}
		}
		start := state{count: rnd.IntN(9), inside: -(rnd.Uint64() & 1), at: 64 * rnd.Uint64N(9)}
		size := start.count + 64*len(blocks)
		a, b, s, u, q, v := slices.Clone(blocks), slices.Clone(blocks), start, start, make([]uint32, size), make([]uint32, size)
		if n, m := plainStrings(a, q, &s), stringsPlain(b, v, &u); n != m || s != u || !slices.Equal(a, b) || !slices.Equal(q[:s.count], v[:s.count]) {
			t.Fatalf("%d blocks: %d, %+v, %v, want %d, %+v, %v", len(blocks), n, s, q[:s.count], m, u, v[:s.count])
		}
	}
}

func TestMakingAnIndexAgainAllocatesNothing(t *testing.T) {
	text := bytes.Repeat([]byte(`{"a":"b\n","c":[1,2,{"d":"e"}]},`), 70)
	var x Index
	if n := testing.AllocsPerRun(100, func() { x.Make(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if x.Memory() < len(text) {
		t.Errorf("says that it holds %d bytes", x.Memory())
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5e9,"b\\\"?#%@é"],"c":{"d":null}}`))
	f.Add(bytes.Repeat([]byte(`"\`), 40))
	f.Add(append(bytes.Repeat([]byte(`"`), 64), `\"{"a`...))
	var x Index
	f.Fuzz(func(t *testing.T, text []byte) { sameIndex(t, &x, text) })
}

func BenchmarkMake(b *testing.B) {
	text := bytes.Repeat([]byte(`{"name":"mysql","start_time":1795989781.980935,"error":false},`), 35)
	var x Index
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		x.Make(text)
	}
}
