package filter

import (
	"slices"
	"strings"
)

// Completion says what may stand at a place of a text.
type Completion struct {
	Span            // bytes that a chosen item takes the place of; empty where nothing is typed yet
	Items  []Item   // words of the language, best first
	Wanted []Wanted // names that only the caller knows
}

// Item is one thing that may stand there.
type Item struct {
	Insert string // what takes the place of Span, with the spaces and brackets that belong to it
	Label  string // what a list shows
	Kind   ItemKind
	Detail string // what it means, for people; may be empty
}

// ItemKind is what an item is.
type ItemKind uint8

// The kinds of item.
const (
	ItemKeyword ItemKind = iota
	ItemOperator
	ItemFunction
	ItemService
	ItemAnnotation
	ItemValue
	ItemGroup
)

var itemKinds = [...]string{
	ItemKeyword: "keyword", ItemOperator: "operator", ItemFunction: "function", ItemService: "service",
	ItemAnnotation: "annotation", ItemValue: "value", ItemGroup: "group",
}

// String returns the kind in lower case.
func (k ItemKind) String() string { return itemKinds[k] }

// Complete says what may stand at the cursor, a byte offset of the text. The text need not be sound or finished: only
// the condition that the cursor stands in counts, and the braces and brackets around it. What is offered can always be
// continued to a sound expression; the parser is asked. A bare "(" is never offered, and where a condition has just
// ended nothing that would begin the next one without AND, until its first letter is typed.
func Complete(text string, cursor int) Completion {
	cursor = max(0, min(cursor, len(text)))
	s, ok := siteOf(text, cursor)
	if !ok {
		return Completion{Span: Span{cursor, cursor}}
	}
	return Completion{s.span, s.items(), s.wanted()}
}

// items are the candidates that may stand there and go on what is typed: first those that begin so, then those of
// which a part behind a dot does.
func (s *site) items() []Item {
	var first, then []Item
	for _, c := range candidates() {
		begins, within := goesOn(c.label, s.typed)
		if !within || s.quoted && c.kind != ItemValue || !c.stands(s) {
			continue
		}
		item := Item{s.fitted(c.insert), c.label, c.kind, c.detail}
		switch {
		case sameWord(item.Insert, s.text[s.span.From:s.span.To]): // it stands there already
		case begins:
			first = append(first, item)
		default:
			then = append(then, item)
		}
	}
	return slices.Concat(first, then)
}

// goesOn says whether the label begins with what is typed, and whether some part of it does.
func goesOn(label, typed string) (begins, within bool) {
	label, typed = fold(label), fold(typed)
	begins = strings.HasPrefix(label, typed)
	return begins, begins || strings.Contains(label, "."+typed)
}

// fitted takes off the end of an insertion what stands behind the cursor already, and puts a space before words that
// would stand directly behind something.
func (s *site) fitted(insert string) string {
	rest := s.text[s.span.To:]
	bare := strings.TrimRight(insert, " ")
	for _, mark := range []string{"(", "{", ")", "}", ",", ":"} {
		if strings.HasSuffix(bare, mark) && len(bare) > 1 && strings.HasPrefix(strings.TrimSpace(rest), mark) {
			insert = strings.TrimRight(strings.TrimSuffix(bare, mark), " ")
		}
	}
	if strings.HasSuffix(insert, " ") && strings.HasPrefix(rest, " ") {
		insert = strings.TrimSuffix(insert, " ")
	}
	if from := s.span.From; from > 0 && !strings.ContainsAny(insert[:1], `,:)"`) && !strings.ContainsAny(s.text[from-1:from], " \t\n({[!,:=<>") {
		insert = " " + insert
	}
	return insert
}
