package wire

import (
	"math/rand/v2"
	"testing"
)

// Every byte at every place, and random ones, both ways and a byte at a time.
func TestAllThatIsLookedForIsSeen(t *testing.T) {
	check := func(b *[64]byte) {
		var want looks
		for i, c := range b {
			switch {
			case c == '"':
				want.quotes |= 1 << i
			case c == '\\':
				want.backslashes |= 1 << i
			case c < ' ':
				want.controls = true
			case c >= 0x80:
				want.high = true
			}
		}
		if got, slow := seen(look(b)), seen(lookAt(b)); got != want || slow != want {
			t.Fatalf("%q: got %+v, a word at a time %+v, want %+v", *b, got, slow, want)
		}
	}
	var b [64]byte
	for _, around := range []byte{' ', 'x', '"', '\\', 0xff, 0} {
		for i := range b {
			b[i] = around
		}
		for i := range b {
			for c := range 256 {
				b[i] = byte(c)
				check(&b)
			}
			b[i] = around
		}
	}
	rnd := rand.New(rand.NewPCG(17, 18))
	for range 20000 {
		near := rnd.IntN(2) == 0
		for i := range b {
			b[i] = byte(rnd.IntN(256))
			if near {
				b[i] = "\"\\#]![ \x1f\x7fa"[rnd.IntN(10)]
			}
		}
		check(&b)
	}
}

// looks is what was seen.
type looks struct {
	quotes, backslashes uint64
	controls, high      bool
}

func seen(quotes, backslashes, controls, high uint64) looks {
	return looks{quotes, backslashes, controls != 0, high != 0}
}

func BenchmarkLook(b *testing.B) {
	text := make([]byte, 2176)
	for name, look := range map[string]func(*[64]byte) (_, _, _, _ uint64){"quick": look, "a word at a time": lookAt} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for at := 0; at < len(text); at += 64 {
					look((*[64]byte)(text[at:]))
				}
			}
		})
	}
}
