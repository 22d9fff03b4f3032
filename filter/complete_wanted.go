package filter

import (
	"slices"
	"strings"

	"github.com/roentgen/roentgen"
)

// Names is what there are names of.
type Names uint8

// What there are names of.
const (
	NamesOfServices Names = iota // of nodes
	NamesOfTypes                 // of nodes
	NamesOfAccounts              // of nodes
	NamesOfAnnotations
	NamesOfValues // of a field or an annotation, Wanted.Operand
	NamesOfGroups
	NamesOfGroupARNs
)

// Wanted says that names of one sort may stand there.
type Wanted struct {
	Names   Names
	Operand Operand // of NamesOfValues: what has them; of NamesOfAnnotations: the Side
	Scope   Scope   // of NamesOfValues: whose field that is
	op      Op
	typed   string
	behind  string // what has to follow, and does not yet
}

// Item says how the name is written there, and with what behind it; false where it does not go on what is typed, or
// where the operator before it does not compare values of its type. Every name is a text, but for NamesOfValues.
func (w Wanted) Item(name Value) (Item, bool) {
	switch w.Names {
	case NamesOfAnnotations:
		return w.annotation(name.String)
	case NamesOfValues:
		return w.value(name)
	}
	kind := ItemService
	switch w.Names {
	case NamesOfTypes, NamesOfAccounts:
		kind = ItemValue
	case NamesOfGroups, NamesOfGroupARNs:
		kind = ItemGroup
	}
	return Item{Insert: quote(name.String) + w.behind, Label: name.String, Kind: kind}, holds(name.String, w.typed)
}

func (w Wanted) annotation(key string) (Item, bool) {
	o := w.Operand
	o.Key = key
	return Item{Insert: o.String(), Label: o.String(), Kind: ItemAnnotation}, key != "" && keyGoesOn(w.Operand.Side, key, w.typed)
}

// keyGoesOn says whether the annotation is among what is typed: the begin of the word annotation, that and a part of
// the key, or the begin of the key or of a part of it.
func keyGoesOn(side Side, key, typed string) bool {
	word := sideNames[side] + keywords[KeywordAnnotation].name
	if len(typed) > len(word) && sameWord(typed[:len(word)], word) {
		part := strings.Trim(typed[len(word):], `.[]"`)
		return holds(key, part)
	}
	if side != SideNone && typed == "" {
		return false // the plain form is enough, until someone asks for a side
	}
	if strings.HasPrefix(word, fold(typed)) {
		return true
	}
	at := strings.Index(fold(key), fold(typed))
	return at == 0 || at > 0 && notWordCharacter(rune(key[at-1])) || at > 0 && key[at-1] == '_'
}

func (w Wanted) value(v Value) (Item, bool) {
	kind, fixed := w.Operand.Keyword.Kind()
	if fixed && v.Kind != kind || !w.op.Compares(v.Kind) {
		return Item{}, false
	}
	var b strings.Builder
	printValue(&b, v)
	return Item{Insert: b.String(), Label: v.Text(), Kind: ItemValue}, holds(v.Text(), w.typed)
}

// holds says whether part stands somewhere in the name.
func holds(name, part string) bool { return strings.Contains(fold(name), fold(part)) }

// wanted says which names may stand at the site.
func (s *site) wanted() []Wanted {
	list := slices.Concat(s.wantedNodes(), s.wantedValues(), s.wantedKeys())
	for i := range list {
		list[i].typed = s.typed
	}
	return list
}

// wantedNodes are the names in service(), edge() and id().
func (s *site) wantedNodes() []Wanted {
	if !s.sound(`"x"`) {
		return nil
	}
	top, last := s.top(), s.last()
	switch {
	case top.call == "id" && last.is(":"):
		field := slices.Index(idFields[:], fold(s.tokens[len(s.tokens)-2].text))
		return []Wanted{{Names: []Names{NamesOfServices, NamesOfTypes, NamesOfAccounts}[max(0, field)]}}
	case top.call == "service" && last.is("("):
		return []Wanted{{Names: NamesOfServices, behind: s.missing(")")}}
	case top.call == "edge" && last.is("("):
		return []Wanted{{Names: NamesOfServices, behind: s.missing(", ")}}
	case top.call == "edge" && last.is(","):
		return []Wanted{{Names: NamesOfServices, behind: s.missing(")")}}
	}
	return nil
}

// missing is the mark, unless it stands behind the cursor.
func (s *site) missing(mark string) string {
	if strings.HasPrefix(strings.TrimSpace(s.text[s.span.To:]), strings.TrimSpace(mark)) {
		return ""
	}
	return mark
}

// wantedValues are what stands to the right of an operator.
func (s *site) wantedValues() []Wanted {
	op, ok := opOf(s.last())
	if !ok || len(s.tokens) < 2 || !slices.ContainsFunc(anyValue, s.sound) {
		return nil
	}
	left := s.tokens[len(s.tokens)-2]
	switch fold(left.text) {
	case groupFields[GroupName]:
		return []Wanted{{Names: NamesOfGroups, op: op}}
	case groupFields[GroupARN]:
		return []Wanted{{Names: NamesOfGroupARNs, op: op}}
	}
	o, ok := operandOf(s.text[left.From:left.To])
	if kind, fixed := o.Keyword.Kind(); !ok || fixed && kind == roentgen.BoolValue {
		return nil
	}
	return []Wanted{{Names: NamesOfValues, Operand: o, Scope: s.scope(), op: op}}
}

// operandOf reads an operand that stands alone.
func operandOf(text string) (Operand, bool) {
	p := &parser{lexer: lexer{text: text}, limits: Limits{}.withDefaults()}
	if err := p.advance(); err != nil || p.tok.kind != wordToken {
		return Operand{}, false
	}
	o, _, err := p.operand()
	return o, err == nil
}

// wantedKeys are the annotations that may begin a condition.
func (s *site) wantedKeys() []Wanted {
	if s.quoted || s.typed == "" && s.conditionEnded() {
		return nil
	}
	var list []Wanted
	for side, name := range sideNames {
		if s.sound(name + "annotation.k = 1") { // alone it could be a text without quotes
			list = append(list, Wanted{Names: NamesOfAnnotations, Operand: Operand{Keyword: KeywordAnnotation, Side: Side(side)}})
		}
	}
	return list
}

// scope is that of the innermost braces.
func (s *site) scope() Scope {
	for _, f := range slices.Backward(s.frames) {
		if f.close != "}" {
			continue
		}
		switch name := fold(s.tokens[f.head].text); name {
		case "service":
			return ScopeService
		case "edge":
			return ScopeEdge
		default:
			var r RootCause
			r.named(name)
			return r.scope()
		}
	}
	return ScopeTrace
}
