package tracing

import (
	"strings"
	"unicode/utf8"
)

// maxSQL bounds, in bytes, how much of a query is looked at.
const maxSQL = 64 << 10

// sanitise takes the values out of a query: string and number literals become
// "?", comments and repeated white space a single space; placeholders and
// names stay. The result has at most 4,096 bytes. Where it cannot be sure
// that a literal has ended, the rest of the query becomes one "?".
func sanitise(query string, d dialect) string {
	if len(query) > maxSQL {
		query = query[:maxSQL] + "'" // an open string: cut in half, it must not be read as code
	}
	z := sanitiser{in: query, d: d}
	z.out.Grow(min(len(query), maxQuery))
	for z.i < len(z.in) && z.out.Len() < maxQuery {
		z.step()
	}
	out := strings.TrimSpace(strings.ToValidUTF8(z.out.String(), "\uFFFD"))
	if len(out) <= maxQuery {
		return out
	}
	n := maxQuery
	for n > 0 && !utf8.RuneStart(out[n]) {
		n--
	}
	return out[:n]
}

type sanitiser struct {
	in  string
	i   int
	d   dialect
	out strings.Builder
	// last is the last byte written, 0 at the start: "t1" is a name, "1t" is not.
	last byte
}

func (z *sanitiser) put(s string) {
	z.out.WriteString(s)
	z.last = s[len(s)-1]
}

func (z *sanitiser) space() {
	if z.last != ' ' && z.last != 0 {
		z.put(" ")
	}
}

func (z *sanitiser) at(s string) bool { return strings.HasPrefix(z.in[z.i:], s) }

// step reads one token.
func (z *sanitiser) step() {
	c := z.in[z.i]
	switch {
	case c == ' ' || '\t' <= c && c <= '\r':
		z.i++
		z.space()
	case z.at("--") || z.d.hash && c == '#':
		z.lineComment()
	case z.at("/*"):
		z.blockComment()
	case c == '\'':
		z.quoted('\'', z.d.backslash)
	case c == '"' && !z.d.ident:
		z.quoted('"', z.d.backslash)
	case c == '"', c == '`' && !z.d.ident:
		z.name(c)
	case c == '[' && z.d.bracket:
		z.name(']')
	case c == '#' && z.d.guess:
		z.giveUp()
	case c == '$' && z.d.dollar && z.dollarQuoted():
	case z.atNumber(c):
		z.number()
	case isWord(c):
		z.word()
	default:
		z.put(z.in[z.i : z.i+1])
		z.i++
	}
}

func (z *sanitiser) lineComment() {
	n := strings.IndexAny(z.in[z.i:], "\r\n")
	if n < 0 {
		z.i = len(z.in)
		return
	}
	z.i += n
	z.space()
}

// blockComment skips a comment. In an unknown dialect a comment inside a
// comment is the end of what can be understood.
func (z *sanitiser) blockComment() {
	depth := 0
	for z.i < len(z.in) {
		switch {
		case z.at("/*"):
			if depth > 0 && z.d.guess {
				z.giveUp()
				return
			}
			if depth == 0 || z.d.nested {
				depth++
			}
			z.i += 2
		case z.at("*/"):
			z.i += 2
			if depth--; depth == 0 {
				z.space()
				return
			}
		default:
			z.i++
		}
	}
}

// giveUp leaves one "?" for the rest.
func (z *sanitiser) giveUp() {
	z.value()
	z.i = len(z.in)
}

// value writes the stand-in for a literal; adjacent literals are one.
func (z *sanitiser) value() {
	if z.last != '?' {
		z.put("?")
	}
}

// quoted skips a string literal; a doubled quote does not end it.
func (z *sanitiser) quoted(q byte, backslash bool) {
	for z.i++; z.i < len(z.in); z.i++ {
		switch c := z.in[z.i]; {
		case c == '\\' && backslash:
			z.i++
		case c == '\\' && z.d.guess && z.i+1 < len(z.in) && z.in[z.i+1] == q:
			z.giveUp()
			return
		case c != q:
		case z.i+1 < len(z.in) && z.in[z.i+1] == q:
			z.i++
		default:
			z.i++
			z.value()
			return
		}
	}
	z.giveUp()
}

// name copies a quoted name.
func (z *sanitiser) name(q byte) {
	end := strings.IndexByte(z.in[z.i+1:], q)
	if end < 0 {
		z.giveUp()
		return
	}
	z.put(z.in[z.i : z.i+end+2])
	z.i += end + 2
}

// dollarQuoted skips $tag$…$tag$ and reports whether there was one.
func (z *sanitiser) dollarQuoted() bool {
	n := 1
	for z.i+n < len(z.in) && isWord(z.in[z.i+n]) {
		n++
	}
	if z.i+n >= len(z.in) || z.in[z.i+n] != '$' || isWord(z.last) {
		return false
	}
	if first := z.in[z.i+1]; '0' <= first && first <= '9' {
		return false // $1$2 are placeholders
	}
	tag := z.in[z.i : z.i+n+1]
	end := strings.Index(z.in[z.i+len(tag):], tag)
	if end < 0 {
		z.giveUp()
		return true
	}
	z.i += end + 2*len(tag)
	z.value()
	return true
}

// atNumber: a digit, or a point and a digit, that does not continue a name or
// a placeholder ($1, :1, @1).
func (z *sanitiser) atNumber(c byte) bool {
	digit := func(i int) bool { return i < len(z.in) && '0' <= z.in[i] && z.in[i] <= '9' }
	starts := digit(z.i) || c == '.' && digit(z.i+1) && !isWord(z.last) && z.last != '"' && z.last != '`' && z.last != ']'
	return starts && !isWord(z.last) && z.last != '$' && z.last != ':' && z.last != '@'
}

// number skips digits and whatever letters, points and exponent signs follow.
func (z *sanitiser) number() {
	for z.i < len(z.in) {
		c := z.in[z.i]
		exponent := (c == '+' || c == '-') && (z.in[z.i-1] == 'e' || z.in[z.i-1] == 'E')
		if !isWord(c) && c != '.' && !exponent {
			break
		}
		z.i++
	}
	z.value()
}

// word copies a name or keyword. A one-letter prefix of a string literal (E, N,
// X, B) belongs to the literal.
func (z *sanitiser) word() {
	n := 1
	for z.i+n < len(z.in) && isWord(z.in[z.i+n]) {
		n++
	}
	w := z.in[z.i : z.i+n]
	z.i += n
	if z.i == len(z.in) || z.in[z.i] != '\'' {
		z.put(w)
		return
	}
	switch strings.ToLower(w) {
	case "e":
		z.quoted('\'', true)
	case "n", "x", "b":
		z.quoted('\'', z.d.backslash)
	case "q", "nq", "r": // q'[…]' of Oracle, r'…' of others: their ends differ
		z.giveUp()
	default:
		z.put(w)
	}
}

// isWord holds for bytes of names; all of UTF-8 beyond ASCII counts.
func isWord(c byte) bool { return legalKeyByte(c) || c >= utf8.RuneSelf }
