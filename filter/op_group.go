package filter

import "strings"

// GroupField says by what a group is named.
type GroupField uint8

// The fields of groups.
const (
	GroupName GroupField = iota // group.name, case-sensitive
	GroupARN                    // group.arn
)

var groupFields = [...]string{GroupName: "group.name", GroupARN: "group.arn"}

// String returns the field in lower case.
func (f GroupField) String() string { return groupFields[f] }

// defaultGroup is the group of all traces, which has no expression.
const defaultGroup = "Default"

// Group holds, with OpEqual, where the current expression of the group does; with OpNotEqual where it does not. A
// group that does not exist has no traces.
type Group struct {
	Span
	Field GroupField
	Op    Op
	Value string
}

func (g *Group) print(b *strings.Builder) {
	b.WriteString(g.Field.String() + " " + g.Op.String() + " ")
	printText(b, g.Value)
}

func (g *Group) check(scope Scope) error {
	switch {
	case g.Field > GroupARN:
		return wrong(g.Span, "", "a group is named by a field that does not exist")
	case scope != ScopeTrace:
		return nested(g.Span, g.Field.String(), scope)
	}
	return checkEquality(g.Span, g.Field.String(), g.Op)
}

// match treats the group as unknown: Matcher has put expressions in the places of those that are known.
func (g *Group) match(view) bool { return g.Op == OpNotEqual }

func (g *Group) needs(n *Needs, _ Scope) { n.Groups = append(n.Groups, g) }

func (g *Group) plan(p *planner, not bool) (Term, error) {
	return p.group(g, not != (g.Op == OpNotEqual))
}

// group reads group.name = "…".
func (p *parser) group(f GroupField) (Term, error) {
	at := p.tok.Span
	if err := p.advance(); err != nil {
		return nil, err
	}
	op, err := p.equality(f.String(), `"…"`)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != textToken {
		return nil, wrong(p.tok.Span, "texts stand in double quotes", "%s is compared with a text, found %s", f, p.tok)
	}
	g := &Group{at.to(p.tok.Span), f, op, p.tok.text}
	return g, p.advance()
}
