package filter

import "strings"

// parser turns tokens into a tree by recursive descent, one function for each rule of the grammar; those of a single
// operator are in its file. Depth and terms are counted, so that no text can exhaust the stack.
type parser struct {
	lexer
	limits       Limits
	tok          token // the next one
	last         int   // end of the one before
	scope        Scope // for suggestions
	depth, terms int
}

// parse reads a whole text: filter = [ or ] end.
func (l Limits) parse(s string) (Term, error) {
	if err := l.admit(s); err != nil {
		return nil, err
	}
	p := &parser{lexer: lexer{text: s}, limits: l}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == endToken {
		return &Always{Span{0, len(s)}, true}, nil
	}
	t, err := p.or()
	if err == nil && p.tok.kind != endToken {
		err = p.unexpected()
	}
	return t, err
}

// advance moves to the next token.
func (p *parser) advance() error {
	p.last = p.tok.To
	t, err := p.next()
	p.tok = t
	return err
}

// expect moves over a mark that has to follow something.
func (p *parser) expect(mark, behind string) error {
	if !p.tok.is(mark) {
		return wrong(p.tok.Span, "", "expected %q behind %s, found %s", mark, behind, p.tok)
	}
	return p.advance()
}

// unexpected is the error of a token behind a whole condition.
func (p *parser) unexpected() error {
	hint := "conditions are joined by AND, OR, or standing side by side"
	switch p.tok.text {
	case ")", "}":
		hint = "nothing is open that it could close"
	case "=", "<", ">", "!=", "<=", ">=":
		hint = "an operator stands between one keyword and one value"
	case "{":
		hint = "braces stand behind service(), edge() and rootcause"
	}
	return wrong(p.tok.Span, hint, "unexpected %s", p.tok)
}

// or = and { OR and }.
func (p *parser) or() (Term, error) {
	t, err := p.and()
	for err == nil && p.tok.isWord("or") {
		t, err = p.join(t, p.and, or)
	}
	return t, err
}

// and = unary { [ AND ] unary }.
func (p *parser) and() (Term, error) {
	t, err := p.unary()
	for err == nil {
		switch {
		case p.tok.isWord("and"):
			t, err = p.join(t, p.unary, and)
		case p.beginsUnary():
			t, err = p.joinNext(t, p.unary, and)
		default:
			return t, nil
		}
	}
	return t, err
}

// join moves over the operator and reads what it joins.
func (p *parser) join(left Term, read func() (Term, error), by func(a, b Term) Term) (Term, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.joinNext(left, read, by)
}

func (p *parser) joinNext(left Term, read func() (Term, error), by func(a, b Term) Term) (Term, error) {
	if err := p.count(); err != nil {
		return nil, err
	}
	right, err := read()
	if err != nil {
		return nil, err
	}
	return by(left, right), nil
}

// beginsUnary says whether a condition follows, joined by nothing.
func (p *parser) beginsUnary() bool {
	return p.tok.kind == wordToken && !p.tok.isWord("or") || p.tok.is("!") || p.tok.is("(")
}

// unary = { "!" | NOT } primary.
func (p *parser) unary() (Term, error) {
	if !p.tok.is("!") && !p.tok.isWord("not") {
		return p.primary()
	}
	at := p.tok.Span
	t, err := p.inside(p.unary)
	if err != nil {
		return nil, err
	}
	return &Not{at.to(t.span()), t}, p.count()
}

// inside moves over an opening token and reads on, one level deeper.
func (p *parser) inside(read func() (Term, error)) (Term, error) {
	if p.depth++; p.depth > p.limits.MaxDepth {
		return nil, wrong(p.tok.Span, "", "more than %d brackets, braces and negations inside each other", p.limits.MaxDepth)
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	return read()
}

// count bounds the tree.
func (p *parser) count() error {
	if p.terms++; p.terms > p.limits.MaxTerms {
		return wrong(Span{p.last, p.tok.To}, "move parts into a group, and write group.name", "more than %d conditions and operators", p.limits.MaxTerms)
	}
	return nil
}

// primary = "(" or ")" | condition.
func (p *parser) primary() (Term, error) {
	if p.tok.is("(") {
		return p.brackets()
	}
	if p.tok.kind != wordToken {
		return nil, p.noCondition()
	}
	if err := p.count(); err != nil {
		return nil, err
	}
	switch name := fold(p.tok.text); {
	case name == "service":
		return p.service()
	case name == "edge":
		return p.edge()
	case strings.HasPrefix(name, "rootcause."):
		return p.rootCause()
	case name == groupFields[GroupName]:
		return p.group(GroupName)
	case name == groupFields[GroupARN]:
		return p.group(GroupARN)
	}
	return p.comparison()
}

func (p *parser) brackets() (Term, error) {
	t, err := p.inside(p.or)
	if err != nil {
		return nil, err
	}
	if !p.tok.is(")") {
		return nil, wrong(p.tok.Span, "close the bracket with )", "expected %q, AND or OR, found %s", ")", p.tok)
	}
	return t, p.advance()
}

// optionalBody = [ "{" or "}" ].
func (p *parser) optionalBody(s Scope) (Term, error) {
	if !p.tok.is("{") {
		return nil, nil
	}
	return p.body(s)
}

func (p *parser) body(s Scope) (Term, error) {
	outer := p.scope
	p.scope = s
	defer func() { p.scope = outer }()
	t, err := p.inside(p.or)
	if err != nil {
		return nil, err
	}
	if !p.tok.is("}") {
		return nil, wrong(p.tok.Span, "close the braces with }", "expected %q, AND or OR, found %s", "}", p.tok)
	}
	return t, p.advance()
}

// noCondition is the error of a token at the place of a condition that cannot begin one.
func (p *parser) noCondition() error {
	hint := aKeyword
	switch {
	case p.tok.kind == textToken:
		hint = `a condition begins with a keyword; a node is service("…")`
	case p.tok.is(")"):
		hint = "brackets hold at least one condition"
	case p.tok.is("}"):
		hint = "braces hold at least one condition; leave empty ones out"
	}
	return wrong(p.tok.Span, hint, "expected a condition, found %s", p.tok)
}
