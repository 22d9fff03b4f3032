package wire

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Random texts reach what mutated bytes rarely do: duplicates at every depth,
// large objects, white space everywhere, keys that are equal in two spellings.
func TestRandomTextsKeepTheirMeaning(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		g := generator{rnd: rnd}
		g.value(0)
		checkText(t, []byte(g.String()))
	}
}

// One byte changed, dropped or doubled: both decoders still agree.
func TestDamagedTextsAreJudgedAlike(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		g := generator{rnd: rnd}
		g.value(0)
		for range 20 {
			b := []byte(g.String())
			i := rnd.IntN(len(b))
			switch rnd.IntN(3) {
			case 0:
				b[i] = byte(rnd.IntN(256))
			case 1:
				b = append(b[:i], b[i+1:]...)
			default:
				b = append(b[:i+1], b[i:]...)
			}
			checkText(t, b)
		}
	}
}

// generator writes a random JSON text.
type generator struct {
	strings.Builder
	rnd *rand.Rand
}

func (g *generator) pick(of ...string) string { return of[g.rnd.IntN(len(of))] }

func (g *generator) space() { g.WriteString(g.pick("", "", "", " ", "\n\t", "\r\n  ")) }

func (g *generator) value(depth int) {
	g.space()
	kind := g.rnd.IntN(8)
	if depth == 0 {
		kind = g.rnd.IntN(3)
	}
	if depth > 6 {
		kind = 3 + g.rnd.IntN(5)
	}
	switch kind {
	case 0, 1:
		g.list('{', '}', depth, true)
	case 2:
		g.list('[', ']', depth, false)
	case 3:
		g.WriteString(g.pick("true", "false", "null"))
	case 4, 5:
		g.WriteString(g.pick("0", "-0", "1E400", "-1.5e-3", "9007199254740993", "0.10", "1e+2", "12345678901234567890123"))
	default:
		g.text()
	}
	g.space()
}

func (g *generator) list(open, end byte, depth int, keys bool) {
	g.WriteByte(open)
	n := g.rnd.IntN(5)
	if g.rnd.IntN(12) == 0 {
		n = 40
	}
	for i := range n {
		if i > 0 {
			g.WriteByte(',')
		}
		g.space()
		if keys {
			g.key()
			g.space()
			g.WriteByte(':')
		}
		g.value(depth + 1 + n/20)
	}
	g.space()
	g.WriteByte(end)
}

func (g *generator) key() {
	if g.rnd.IntN(2) == 0 {
		g.WriteString(g.pick(`"a"`, `"\u0061"`, `"A"`, `""`, `"\ud800"`, `"\udfff"`, `"é"`, `"\u00e9"`, `"a\/b"`, `"a/b"`))
		return
	}
	fmt.Fprintf(g, `"key%d"`, g.rnd.IntN(200))
}

func (g *generator) text() {
	g.WriteByte('"')
	for range g.rnd.IntN(6) {
		g.WriteString(g.pick("plain text", "x", `\"`, `\\`, `\n`, `\u0000`, `\ud83d\ude80`, `\ud800`, "é", "भाषा", "\u2028", "\x7f", "\xff", "\xe2\x82", "longer than eight bytes "))
	}
	g.WriteByte('"')
}
