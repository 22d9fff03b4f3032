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
	rest := fold(strings.TrimLeft(s.text[s.span.To:], " "))
	for _, c := range candidates() {
		begins, within := goesOn(c.label, s.typed)
		follows := c.kind == ItemOperator && strings.HasPrefix(rest, fold(c.label))
		if !within || follows || s.quoted && c.kind != ItemValue || !c.stands(s) {
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

// fitted makes an insertion fit between what stands before and behind the cursor.
func (s *site) fitted(insert string) string {
	insert = untilNext(insert, s.text[s.span.To:])
	if s.touches() && !strings.ContainsAny(insert[:1], `,:) `) {
		insert = " " + insert
	}
	return insert
}

// untilNext takes off the end of an insertion what follows already: a space, or the mark that it ends with.
func untilNext(insert, rest string) string {
	word := strings.TrimRight(insert, " ")
	next := strings.TrimLeft(rest, " ")
	if mark := word[len(word)-1:]; len(word) > 1 && strings.Contains("({:=", mark) && strings.HasPrefix(next, mark) {
		return strings.TrimRight(word[:len(word)-1], " ")
	}
	if strings.HasPrefix(rest, " ") {
		return word
	}
	return insert
}

// touches says whether something stands directly before the cursor that a word needs a space behind.
func (s *site) touches() bool {
	before := s.text[:s.span.From]
	return before != "" && !strings.ContainsAny(before[len(before)-1:], " \t\n({[!,:=<>")
}
