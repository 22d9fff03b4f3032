package filter

import (
	"fmt"
	"strings"

	"github.com/roentgen/roentgen"
)

// Compare compares a field with a value. Of a field with several values, such as user, one has to satisfy it; a field
// without a value satisfies nothing, and a boolean always has one.
type Compare struct {
	Span
	Operand Operand
	Op      Op
	Value   Value
}

func (c *Compare) print(b *strings.Builder) {
	c.Operand.print(b)
	b.WriteString(" " + c.Op.String() + " ")
	printValue(b, c.Value)
}

func (c *Compare) check(s Scope) error {
	if err := c.Operand.check(c.Span, s); err != nil {
		return err
	}
	kind := c.Operand.kind(c.Value)
	switch {
	case c.Op >= opCount:
		return wrong(c.Span, "", "%s is compared by an operator that does not exist", c.Operand)
	case !c.Op.Compares(kind) && c.Operand.Keyword == KeywordAnnotation:
		return wrong(c.Span, operatorsHint(kind), "%s does not compare with a %s", c.Op, kindName(kind))
	case !c.Op.Compares(kind):
		return wrong(c.Span, operatorsHint(kind), "%s is a %s, which %s does not compare", c.Operand, kindName(kind), c.Op)
	case c.Value.Kind != kind:
		return wrong(c.Span, c.valueHint(kind), "%s is a %s and is compared with the %s %s",
			c.Operand, kindName(kind), kindName(c.Value.Kind), shownValue(c.Value))
	}
	return nil
}

func operatorsHint(kind roentgen.ValueKind) string {
	var list []string
	for o := range opCount {
		if o.Compares(kind) {
			list = append(list, o.String())
		}
	}
	return fmt.Sprintf("a %s takes %s", kindName(kind), strings.Join(list, " "))
}

// valueHint shows the comparison with the value in the type that it should have.
func (c *Compare) valueHint(kind roentgen.ValueKind) string {
	text := c.Value.Text()
	switch {
	case kind == roentgen.StringValue:
		return fmt.Sprintf("write %s %s %s", c.Operand, c.Op, quote(text))
	case kind == roentgen.BoolValue:
		return fmt.Sprintf("write %s or !%s", c.Operand, c.Operand)
	case numberLength(text) == len(text) && text != "":
		return fmt.Sprintf("write %s %s %s", c.Operand, c.Op, text)
	}
	return "numbers are written without quotes"
}

func shownValue(v Value) string {
	if v.Kind == roentgen.StringValue {
		return shown(v.String)
	}
	return v.Text()
}

func (c *Compare) match(v view) bool {
	if c.Operand.Keyword == KeywordAnnotation {
		return v.anyAnnotation(c.Operand, func(have Value) bool { return c.Op.Holds(have, c.Value) })
	}
	switch kind, _ := c.Operand.Keyword.Kind(); kind {
	case roentgen.BoolValue:
		return c.Op.Holds(Bool(v.flag(c.Operand.Keyword)), c.Value)
	case roentgen.NumberValue:
		n := v.number(c.Operand.Keyword)
		return n.Known && c.Op.Holds(Float(n.Value), c.Value)
	}
	return v.anyText(c.Operand.Keyword, func(s string) bool { return c.Op.Holds(Text(s), c.Value) })
}

func (c *Compare) needs(n *Needs, s Scope) { n.operand(c.Operand, s) }

// plan turns error = true and error != false into error, the contrary into !error.
func (c *Compare) plan(p *planner, not bool) (Term, error) {
	if kind, fixed := c.Operand.Keyword.Kind(); fixed && kind == roentgen.BoolValue {
		asked := c.Value.Bool == (c.Op == OpEqual)
		return p.leaf(&Has{c.Span, c.Operand}, not == asked)
	}
	return p.leaf(c, not)
}

// comparison reads an operand and, where one follows, operator and value.
func (p *parser) comparison() (Term, error) {
	operand, at, err := p.operand()
	if err != nil {
		return nil, err
	}
	op, ok := opOf(p.tok)
	if !ok {
		return &Has{at, operand}, nil
	}
	written := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	value, end, err := p.value(operand, op, written)
	return &Compare{at.to(end), operand, op, value}, err
}

// value reads the right side of an operator.
func (p *parser) value(o Operand, op Op, written token) (Value, Span, error) {
	t := p.tok
	v, err := p.literal(o, op, written)
	if err != nil {
		return v, t.Span, err
	}
	if kind, fixed := o.Keyword.Kind(); fixed && kind == roentgen.BoolValue {
		v = asBool(v)
	}
	return v, t.Span, p.advance()
}

func (p *parser) literal(o Operand, op Op, written token) (Value, error) {
	t := p.tok
	switch {
	case t.kind == textToken:
		return Text(t.text), nil
	case t.kind != wordToken:
		return Value{}, wrong(t.Span, valueMarkHint(written, t), "%s needs a value behind it, found %s", written, t)
	case t.isWord("true") || t.isWord("false"):
		return Bool(t.isWord("true")), nil
	case looksNumeric(t.text):
		n, err := parseNumber(t)
		return Float(n), err
	}
	return bareWord(t, o, op)
}

func valueMarkHint(written, found token) string {
	if !found.is("=") && !found.is(">") && !found.is("<") {
		return ""
	}
	return "the operators are = != < <= > >=, written as one; found " + written.text + " " + found.text
}

// bareWord takes a text without quotes, which one of AWS's examples has: to the right of = and != on a text, and only
// where it cannot be meant otherwise.
func bareWord(t token, o Operand, op Op) (Value, error) {
	kind, fixed := o.Keyword.Kind()
	word := fold(t.text)
	_, keyword := simpleKeyword(word)
	switch {
	case strings.ContainsAny(t.text, "'`\\“”‘’«»"):
		return Value{}, wrong(t.Span, "texts stand in double quotes", "%s is not a value", t)
	case keyword:
		return Value{}, wrong(t.Span, "a text with this name stands in double quotes", "fields cannot be compared with each other: %s is one", t)
	case !fixed || kind != roentgen.StringValue || op != OpEqual && op != OpNotEqual || reserved(word):
		return Value{}, wrong(t.Span, "texts stand in double quotes", "%s is not a value", t)
	}
	return Text(t.text), nil
}

// reserved are the words that mean something at the place of a value.
func reserved(word string) bool {
	switch word {
	case "and", "or", "not", "null", "contains", "beginswith", "endswith", "annotation", "service", "edge":
		return true
	}
	return false
}
