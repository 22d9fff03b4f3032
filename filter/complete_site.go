package filter

import (
	"slices"
	"strings"
)

// site is the place of the cursor.
type site struct {
	text   string
	span   Span    // the word, text or annotation that the cursor stands in or directly behind; empty: none
	typed  string  // of that, what stands before the cursor; of a text what it means
	quoted bool    // that is a text
	tokens []token // what stands before it; an annotation with its brackets is one word
	frames []frame // what is open there, outermost first; the first is the whole text
	before string  // the text of frames, and of the condition that the cursor stands in
	// closings are what may close all frames: with the comma of an edge where that is missing still, or without.
	closings []string
}

// frame is something open: brackets, braces, or a call of service, edge or id.
type frame struct {
	head  int    // index of the token that it begins with, the name of a call or of what has braces
	begin int    // index of the first token of the last condition in it; of a call: behind its bracket
	close string // what closes it; empty for the whole text
	call  string // service, edge, id; empty: no call
}

// siteOf reads the text up to the cursor; false where nothing can be offered, which is within JSON.
func siteOf(text string, cursor int) (*site, bool) {
	s := &site{text: text, span: Span{cursor, cursor}}
	l := &lexer{text: text}
	for {
		t, err := l.piece()
		switch {
		case t.kind == endToken && err == nil || t.From >= cursor:
			s.settle()
			return s, true
		case t.is("#") && t.To >= cursor:
			return nil, false
		case cursor < t.To || cursor == t.To && (t.kind == wordToken || err != nil):
			s.take(t, cursor, err)
			s.settle()
			return s, true
		}
		s.tokens = append(s.tokens, t)
	}
}

// piece reads a token, or what Complete treats as one: an annotation with its brackets, the JSON behind #, and a text
// that does not end, which reaches to the end.
func (l *lexer) piece() (token, error) {
	l.space()
	from := l.pos
	t, err := l.next()
	if err != nil {
		if l.pos == from {
			l.pos = len(l.text)
		}
		return token{Span{from, l.pos}, textToken, ""}, err
	}
	if t.is("#") {
		_, err = l.causes()
	} else if _, key, ok := annotationWord(t.text); ok && t.kind == wordToken && key == "" {
		err = l.brackets()
	}
	t.To = max(t.To, l.pos)
	if err != nil {
		t.To, l.pos = len(l.text), len(l.text)
	}
	return t, err
}

// brackets moves over [key], or what there is of it.
func (l *lexer) brackets() error {
	if !strings.HasPrefix(l.text[l.pos:], "[") {
		return nil
	}
	l.pos++
	_, err := l.key()
	if err == nil && strings.HasPrefix(l.text[l.pos:], "]") {
		l.pos++
	}
	return err
}

// take makes the token the one that is replaced. Where quotes do not pair, nobody knows which of them ends the text:
// then it ends at the cursor.
func (s *site) take(t token, cursor int, err error) {
	s.span = t.Span
	s.typed = s.text[t.From:cursor]
	if err != nil || t.kind == textToken && !pairs(s.text[t.To:]) {
		s.span.To = cursor
	}
	if t.kind != textToken {
		return
	}
	s.quoted = true
	s.typed = meant(s.typed[min(1, len(s.typed)):])
}

// meant resolves the escapes of a text that may end within one.
func meant(typed string) string {
	whole := strings.TrimRight(typed, `\`)
	if len(typed[len(whole):])%2 > 0 {
		typed = typed[:len(typed)-1]
	}
	if text, err := unquote(typed, 0); err == nil {
		return text
	}
	return typed
}

// pairs says whether every text in s ends.
func pairs(s string) bool {
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return true
		}
		end := closingQuote(s, i+1)
		if end < 0 {
			return false
		}
		s = s[end+1:]
	}
}

// settle finds what is open, and the text that the parser is asked about.
func (s *site) settle() {
	s.frames = []frame{{}}
	for i, t := range s.tokens {
		top := &s.frames[len(s.frames)-1]
		switch {
		case t.is("("):
			s.frames = append(s.frames, s.bracket(i))
		case t.is("{"):
			s.frames = append(s.frames, frame{head: s.owner(i), begin: i + 1, close: "}"})
		case (t.is(")") || t.is("}")) && top.close == t.text:
			s.frames = s.frames[:len(s.frames)-1]
		case top.call == "" && (t.isWord("and") || t.isWord("or")):
			top.begin = i + 1
		}
	}
	s.before = s.open()
	s.closings = s.endings()
}

// bracket is the frame that the opening bracket at i opens.
func (s *site) bracket(i int) frame {
	f := frame{head: i, begin: i + 1, close: ")"}
	if i == 0 {
		return f
	}
	for _, name := range []string{"service", "edge", "id"} {
		if s.tokens[i-1].isWord(name) {
			f.head, f.call = i-1, name
		}
	}
	return f
}

// owner finds the first token of what the braces at i belong to: a word, with brackets behind it or without.
func (s *site) owner(i int) int {
	j, depth := i-1, 0
	for ; j > 0; j-- {
		switch t := s.tokens[j]; {
		case t.is(")"):
			depth++
		case t.is("("):
			depth--
		}
		if depth == 0 && s.tokens[j].kind == wordToken {
			break
		}
	}
	return max(j, 0)
}

// open is the text of what is open. Other conditions are left out: what is wrong with them is of no account here.
func (s *site) open() string {
	var b strings.Builder
	for i, f := range s.frames {
		from := f.begin
		if i > 0 {
			b.WriteString(s.words(f.head, f.begin))
		}
		if i == len(s.frames)-1 {
			b.WriteString(s.words(from, len(s.tokens)))
		} else if f.call != "" { // the arguments before the one that is open
			b.WriteString(s.words(from, s.frames[i+1].head))
		}
	}
	return b.String()
}

// words is the text of the tokens from i up to j, each with a space behind it.
func (s *site) words(i, j int) string {
	var b strings.Builder
	for _, t := range s.tokens[i:max(i, j)] {
		b.WriteString(s.text[t.From:t.To] + " ")
	}
	return b.String()
}

func (s *site) endings() []string {
	list := []string{""}
	for _, f := range slices.Backward(s.frames) {
		if n := len(list); f.call == "edge" {
			list = append(list, list...)
			for i := range n {
				list[n+i] += ", "
			}
		}
		for i := range list {
			list[i] += f.close
		}
	}
	return list
}

// sound says whether what is open, with the continuation, is a sound expression.
func (s *site) sound(continuation string) bool {
	return slices.ContainsFunc(s.closings, func(closing string) bool {
		e, err := Parse(s.before + continuation + closing)
		return err == nil && !e.Empty()
	})
}

// whole says whether the innermost frame can be closed as it is.
func (s *site) whole() bool {
	if s.top().call != "edge" {
		return s.sound("")
	}
	_, err := Parse(s.before + s.closings[0])
	return err == nil
}

// top is the innermost frame.
func (s *site) top() frame { return s.frames[len(s.frames)-1] }

// last is the token before the cursor's.
func (s *site) last() token {
	if len(s.tokens) == 0 {
		return token{}
	}
	return s.tokens[len(s.tokens)-1]
}
