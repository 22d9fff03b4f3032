package filter

import (
	"github.com/roentgen/roentgen"

	"slices"
	"strings"
)

// Selector chooses nodes. All that is asked has to be so; the zero Selector chooses every node.
type Selector struct{ Name, Type, Account Want }

// Want asks for an exact text; the empty text asks for absence, which is written null. The zero Want asks nothing.
type Want struct {
	Asked bool
	Text  string
}

func (w Want) met(have string) bool { return !w.Asked || have == w.Text }

// Match says whether the node is chosen. A node answers to its name and to Names; one without an account is in
// account, the owner of the trace.
func (s Selector) Match(n *roentgen.NodeRow, account string) bool {
	return n != nil &&
		(s.Name.met(n.Name) || slices.ContainsFunc(n.Names, s.Name.met)) &&
		s.Type.met(n.Type) &&
		accountMet(s.Account, n.AccountID, account)
}

func accountMet(w Want, have, account string) bool {
	return w.met(have) || have == "" && w.met(account)
}

// any says whether every node is chosen.
func (s Selector) any() bool { return s == Selector{} }

// print writes nothing, "name" or id(…).
func (s Selector) print(b *strings.Builder) {
	switch {
	case s.any():
	case s.Name.Text != "" && s == Selector{Name: s.Name}:
		printText(b, s.Name.Text)
	default:
		s.printID(b)
	}
}

func (s Selector) printID(b *strings.Builder) {
	b.WriteString("id(")
	before := ""
	for i, w := range []Want{s.Name, s.Type, s.Account} {
		if !w.Asked {
			continue
		}
		b.WriteString(before + idFields[i] + ": ")
		before = ", "
		if w.Text == "" {
			b.WriteString("null")
		} else {
			printText(b, w.Text)
		}
	}
	b.WriteByte(')')
}

// idFields are the fields of id(), in the order of Selector.
var idFields = [...]string{"name", "type", "account.id"}

// selector reads a text or id(…), or nothing before a comma or the closing bracket.
func (p *parser) selector() (Selector, error) {
	switch {
	case p.tok.is(")") || p.tok.is(","):
		return Selector{}, nil
	case p.tok.kind == textToken:
		s := Selector{Name: Want{true, p.tok.text}}
		return s, p.advance()
	case p.tok.isWord("id"):
		return p.id()
	}
	return Selector{}, wrong(p.tok.Span, `nodes are named "name" or id(name: "…", type: "…", account.id: "…")`,
		"expected the name of a node, found %s", p.tok)
}

// id reads id(field: "text", …).
func (p *parser) id() (s Selector, err error) {
	if err := p.advance(); err != nil {
		return s, err
	}
	if err := p.expect("(", "id"); err != nil {
		return s, err
	}
	for more := true; more; {
		if err := p.idField(&s); err != nil {
			return s, err
		}
		if more = p.tok.is(","); more {
			if err := p.advance(); err != nil {
				return s, err
			}
		}
	}
	return s, p.expect(")", "the fields of id")
}

func (p *parser) idField(s *Selector) error {
	field := p.tok
	i := slices.Index(idFields[:], fold(field.text))
	if field.kind != wordToken || i < 0 {
		return wrong(field.Span, nearestHint(fold(field.text), idFields[:]), "expected name, type or account.id, found %s", field)
	}
	want := []*Want{&s.Name, &s.Type, &s.Account}[i]
	if want.Asked {
		return wrong(field.Span, "", "%s stands twice in one id", idFields[i])
	}
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.expect(":", idFields[i]); err != nil {
		return err
	}
	return p.want(want)
}

func (p *parser) want(w *Want) error {
	switch {
	case p.tok.kind == textToken:
		*w = Want{true, p.tok.text}
	case p.tok.isWord("null"):
		*w = Want{Asked: true}
	default:
		return wrong(p.tok.Span, "texts stand in double quotes", "expected a text or null, found %s", p.tok)
	}
	return p.advance()
}
