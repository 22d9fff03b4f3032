package filter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/script"
)

// The command of these scripts is "complete TEXT", with | at the cursor. The room says what is replaced, which words of
// the language may stand there, and which names are wanted. "insert TEXT" shows the text with the first item in place,
// "insert TEXT NAME" with the name, where TEXT and NAME are parted by " <- ".
func TestCompletion(t *testing.T) {
	script.Run(t, "testdata/complete/*.txt", *rewrite, func() script.Room { return completions })
}

func completions(c script.Command) ([]string, error) {
	text, name, named := strings.Cut(c.Argument, " <- ")
	before, after, ok := strings.Cut(text, "|")
	if !ok {
		return nil, errors.New("mark the cursor with |")
	}
	got := Complete(before+after, len(before))
	switch c.Name {
	case "complete":
		return toldCompletion(before+after, got), nil
	case "insert":
		return inserted(before+after, got, name, named), nil
	}
	return nil, errors.New("no such command")
}

func toldCompletion(text string, c Completion) []string {
	lines := []string{fmt.Sprintf("replace %q", text[c.From:c.To])}
	byKind := map[ItemKind]string{}
	for _, item := range c.Items {
		byKind[item.Kind] += " " + item.Label
	}
	for kind, name := range itemKinds {
		if labels := byKind[ItemKind(kind)]; labels != "" {
			lines = append(lines, name+labels)
		}
	}
	for _, w := range c.Wanted {
		lines = append(lines, "wanted "+wantedText(w))
	}
	return lines
}

func wantedText(w Wanted) string {
	switch w.Names {
	case NamesOfAnnotations:
		return w.Operand.Side.prefix() + "annotation keys"
	case NamesOfValues:
		return "values of " + w.Operand.String() + " " + w.Scope.String()
	}
	return [...]string{NamesOfServices: "services", NamesOfTypes: "types", NamesOfAccounts: "accounts", NamesOfGroups: "groups", NamesOfGroupARNs: "group ARNs"}[w.Names]
}

func (s Side) prefix() string { return sideNames[s] }

func inserted(text string, c Completion, name string, named bool) []string {
	var lines []string
	add := func(item Item) { lines = append(lines, text[:c.From]+item.Insert+"|"+text[c.To:]) }
	if !named && len(c.Items) > 0 {
		add(c.Items[0])
	}
	for _, w := range c.Wanted {
		if item, ok := w.Item(valueOf(name)); named && ok {
			add(item)
		}
	}
	if len(lines) == 0 {
		return []string{"nothing"}
	}
	return lines
}

// valueOf reads a number, true, false, or else a text.
func valueOf(s string) Value {
	if n := numberLength(s); n > 0 && n == len(s) {
		v, _ := parseNumber(token{text: s})
		return Float(v)
	}
	return asBool(Text(s))
}

// Whatever sound expression is typed, each of its tokens was offered at the place where it stands: as an item, or as a
// name that is wanted. Opening brackets are left out, which are never offered, and so is JSON.
func TestEveryTokenOfASoundExpressionIsOffered(t *testing.T) {
	for seed := range uint64(100) {
		r := newRandom(seed)
		e, err := New(r.term(ScopeTrace, 2))
		if err != nil {
			t.Fatal(err)
		}
		text := e.String()
		if strings.Contains(text, "#") {
			continue
		}
		for _, tok := range tokensOf(t, text) {
			if !tok.is("(") && !offered(text, tok) {
				t.Errorf("%s: %s at %d is not offered", text, tok, tok.From)
			}
		}
	}
}

func tokensOf(t *testing.T, text string) []token {
	l := &lexer{text: text}
	var list []token
	for {
		tok, err := l.piece()
		if err != nil {
			t.Fatal(err)
		}
		if tok.kind == endToken {
			return list
		}
		list = append(list, tok)
	}
}

func offered(text string, tok token) bool {
	before := text[:tok.From]
	word := text[tok.From:tok.To]
	switch {
	case tok.kind == textToken || looksNumeric(tok.text):
		c := Complete(before, len(before))
		return slices.ContainsFunc(c.Wanted, func(w Wanted) bool { return w.Names != NamesOfAnnotations })
	case tok.kind == wordToken:
		if o, ok := operandOf(word); ok && o.Keyword == KeywordAnnotation {
			return wantsKey(Complete(before+"a", len(before)+1), o)
		}
		c := Complete(before+word[:1], len(before)+1)
		return has(c, word) || word == "null"
	case tok.is(":"):
		return true // it comes with the field
	}
	return has(Complete(before+" ", len(before)+1), word)
}

// wantsKey says whether the annotation is written so, once its key is known to be one.
func wantsKey(c Completion, o Operand) bool {
	return slices.ContainsFunc(c.Wanted, func(w Wanted) bool {
		w.typed = o.Side.prefix() + "annotation." + o.Key
		item, ok := w.Item(Text(o.Key))
		return ok && item.Insert == o.String()
	})
}

func has(c Completion, label string) bool {
	return slices.ContainsFunc(c.Items, func(item Item) bool { return sameWord(item.Label, label) })
}

// Whatever is typed, and wherever the cursor stands, completing it is quick and puts nothing outside of the text.
func TestCompletingAnyText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1895))
	pieces := []string{"service(", "edge(", `"a"`, `"`, "annotation[", "]", "annotation.k", "{", "}", ")", "(", "fault", " ", "AND", "=", ">", "!", ",", "id(", "name:", "#[", `\`, "é", "rootcause.fault.service", "5"}
	for range 1000 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		cursor := r.IntN(len(text) + 1)
		c := Complete(text, cursor)
		if c.From < 0 || c.From > cursor || c.To < cursor || c.To > len(text) {
			t.Fatalf("%q at %d: replaces %d to %d", text, cursor, c.From, c.To)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	const text = `service("afirgen-main-backend") { error OR fault } AND annotation.model_name = "summariser" AND res`
	for b.Loop() {
		Complete(text, len(text))
	}
}
