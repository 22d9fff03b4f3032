package filter

import (
	"strings"
	"unicode"

	"github.com/roentgen/roentgen"
)

// Side is the end of a call whose annotations are meant, in the braces of edge().
type Side uint8

// The sides.
const (
	SideNone        Side = iota // the entity itself; of a call: the calling subsegment
	SideSource                  // source.annotation: the segment that calls
	SideDestination             // destination.annotation: the segment that is called
)

var sideNames = [...]string{SideNone: "", SideSource: "source.", SideDestination: "destination."}

// Operand is what a condition looks at.
type Operand struct {
	Keyword Keyword
	Key     string // of KeywordAnnotation: the annotation's key, in its own case
	Side    Side   // of KeywordAnnotation
}

// String returns the operand as it is written.
func (o Operand) String() string {
	var b strings.Builder
	o.print(&b)
	return b.String()
}

func (o Operand) print(b *strings.Builder) {
	b.WriteString(sideNames[o.Side])
	b.WriteString(o.Keyword.String())
	if o.Keyword == KeywordAnnotation {
		printKey(b, o.Key)
	}
}

// printKey writes .key, [key] or ["key"], the shortest that is legal.
func printKey(b *strings.Builder, key string) {
	switch {
	case !strings.ContainsFunc(key, notPlain):
		b.WriteString("." + key)
	case !strings.ContainsFunc(key, notBare):
		b.WriteString("[" + key + "]")
	default:
		b.WriteByte('[')
		printText(b, key)
		b.WriteByte(']')
	}
}

// notPlain finds what keeps a key from standing behind the dot: X-Ray's keys have letters, digits and underscores.
func notPlain(r rune) bool { return r > unicode.MaxASCII || notWordCharacter(r) }

func notWordCharacter(r rune) bool {
	return r != '_' && !('0' <= r && r <= '9') && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z')
}

// notBare finds what the printer puts into quotes, in brackets.
func notBare(r rune) bool {
	return r == ']' || r == '"' || r == ' ' || !unicode.IsPrint(r)
}

func (o Operand) check(at Span, s Scope) error {
	switch {
	case o.Keyword == KeywordNone || o.Keyword >= keywordCount:
		return wrong(at, "", "a condition without a keyword")
	case o.Keyword == KeywordAnnotation && o.Key == "":
		return wrong(at, "write annotation.key", "an annotation without a key")
	case o.Side != SideNone && (o.Keyword != KeywordAnnotation || s != ScopeEdge):
		return wrong(at, "source. and destination. stand before annotation in the braces of edge()", "%s has no meaning %s", o, s)
	case !keywords[o.Keyword].scopes.has(s):
		return wrong(at, placeHint(o.Keyword), "%s has no meaning %s", o, s)
	}
	return nil
}

// placeHint says where the keyword has a meaning.
func placeHint(k Keyword) string {
	switch {
	case k == KeywordAccountID:
		return `write service(id(account.id: "…"))`
	case k == KeywordAnnotation:
		return "root causes have no annotations: join two conditions with AND"
	}
	var list []string
	for s := ScopeTrace; s <= ScopeCauseException; s++ {
		if keywords[k].scopes.has(s) {
			list = append(list, s.String())
		}
	}
	return "it stands " + strings.Join(list, "; ")
}

// kind is the type of the field that is compared with v; an annotation takes v's.
func (o Operand) kind(v Value) roentgen.ValueKind {
	if kind, fixed := o.Keyword.Kind(); fixed {
		return kind
	}
	return v.Kind
}

// operand reads the rest of a keyword or annotation, whose first word is the current token.
func (p *parser) operand() (Operand, Span, error) {
	at := p.tok.Span
	if side, key, ok := annotationWord(p.tok.text); ok {
		o, end, err := p.annotation(side, key)
		return o, at.to(end), err
	}
	k, ok := simpleKeyword(fold(p.tok.text))
	if !ok {
		return Operand{}, at, p.unknown()
	}
	return Operand{Keyword: k}, at, p.advance()
}

// annotationWord takes apart [source.|destination.]annotation[.key]; key has its dot still.
func annotationWord(word string) (side Side, key string, ok bool) {
	for s := SideDestination; ; s-- {
		prefix := sideNames[s] + "annotation"
		if len(word) >= len(prefix) && fold(word[:len(prefix)]) == prefix {
			key = word[len(prefix):]
			return s, key, key == "" || key[0] == '.'
		}
		if s == SideNone {
			return 0, "", false
		}
	}
}

// annotation reads the key, of which the current word may hold the form behind a dot.
func (p *parser) annotation(side Side, dotKey string) (Operand, Span, error) {
	word := p.tok
	if err := p.advance(); err != nil {
		return Operand{}, word.Span, err
	}
	o := Operand{Keyword: KeywordAnnotation, Side: side}
	if dotKey == "" && p.tok.is("[") {
		key, end, err := p.bracketKey()
		o.Key = key
		return o, end, err
	}
	o.Key = strings.TrimPrefix(dotKey, ".")
	switch {
	case o.Key == "":
		return o, word.Span, wrong(word.Span, "write annotation.key or annotation[key]", "%s without a key", word)
	case strings.ContainsFunc(o.Key, notPlain):
		hint := "keys with dots and other signs stand in brackets: annotation[" + o.Key + "]"
		return o, word.Span, wrong(word.Span, hint, "%s is no key that can follow a dot", shown(o.Key))
	}
	return o, word.Span, nil
}

// bracketKey reads [key] or ["key"]; the current token is the opening bracket.
func (p *parser) bracketKey() (key string, end Span, err error) {
	open := p.tok.Span
	if key, err = p.lexer.key(); err != nil {
		return "", open, err
	}
	if err := p.advance(); err != nil {
		return "", open, err
	}
	end = p.tok.Span
	if key == "" {
		return "", end, wrong(open.to(end), "write annotation[key]", "brackets without a key")
	}
	if !p.tok.is("]") {
		return "", end, wrong(p.tok.Span, `write annotation["a key"] where a key has white space or brackets`, "expected %q behind the key, found %s", "]", p.tok)
	}
	return key, end, p.advance()
}

// key reads what stands in brackets, up to the closing one: a text in quotes, or anything without white space.
func (l *lexer) key() (string, error) {
	l.space()
	if strings.HasPrefix(l.text[l.pos:], `"`) {
		t, err := l.quoted()
		return t.text, err
	}
	rest := l.text[l.pos:]
	n := strings.IndexFunc(rest, func(r rune) bool { return r == ']' || unicode.IsSpace(r) })
	if n < 0 {
		n = len(rest)
	}
	return l.take(wordToken, n).text, nil
}
