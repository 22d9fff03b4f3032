package structure

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// classifyBytes is classify one byte at a time.
func classifyBytes(text []byte, out []block) (controls, high bool) {
	for i, c := range text[:64*len(out)] {
		b := &out[i/64]
		if i%64 == 0 {
			*b = block{}
		}
		set := func(w *uint64, is bool) {
			if is {
				*w |= 1 << (i % 64)
			}
		}
		set(&b.quotes, c == '"')
		set(&b.backslashes, c == '\\')
		set(&b.brackets, isBracket(c))
		set(&b.delimiters, c <= ' ' || c == ',' || c == ':' || c == '"' || isBracket(c))
		set(&b.digits, c >= '0' && c <= '9')
		set(&b.marks, c == '#' || c == '%' || c == '?' || c == '@' || c == '\\' || c >= 0x80)
		controls = controls || c < ' '
		high = high || c >= 0x80
	}
	return controls, high
}

// sameClasses holds all ways to classify against each other, on text and what is around it in its memory.
func sameClasses(t *testing.T, text []byte) {
	t.Helper()
	n := len(text) / 64
	want, got := make([]block, n), make([]block, n+1)
	controls, high := classifyBytes(text, want)
	for name, classify := range map[string]func([]byte, []block) (bool, bool){"classify": classify, "by table": classifyTable} {
		for i := range got {
			got[i] = block{before: 77}
		}
		c, h := classify(text, got[:n])
		if c != controls || h != high {
			t.Fatalf("%s of %q: controls %t, high %t, want %t and %t", name, text, c, h, controls, high)
		}
		for i := range want {
			got[i].before = 0
			if got[i] != want[i] {
				t.Fatalf("%s of %q: block %d is\n%x, want\n%x", name, text, i, got[i], want[i])
			}
		}
		if got[n] != (block{before: 77}) {
			t.Fatalf("%s wrote behind the end", name)
		}
	}
}

// Every byte at every place of a block, between any others.
func TestEveryByteIsClassified(t *testing.T) {
	text := make([]byte, 128)
	for _, around := range []byte{' ', 'x', '"', '\\', '5', '{', 0xff, 0} {
		for i := range text {
			text[i] = around
		}
		for i := range text {
			for c := range 256 {
				text[i] = byte(c)
				sameClasses(t, text)
			}
			text[i] = around
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text = text[:cap(text)][:64*rnd.IntN(3)]
		for i := range text {
			text[i] = byte(rnd.IntN(256))
		}
		sameClasses(t, text)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5e9,"b\\\"?#%@é"],"c":{"d":` + "\t" + `null}}` + "\x00\x1f\x7f\xff padding up to sixty-four bytes"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for at := range min(32, len(text)+1) { // wherever the text is in memory
			sameClasses(t, append(bytes.Repeat([]byte("x"), at), text...)[at:])
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	text, out := bytes.Repeat([]byte(`{"name":"a","b":1}`), 200)[:2176], make([]block, 34)
	for name, classify := range map[string]func([]byte, []block) (bool, bool){"quick": classify, "by table": classifyTable} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				classify(text, out)
			}
		})
	}
}
