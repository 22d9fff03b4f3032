package filter

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// Has is a field by itself. A boolean holds where it is true; everything else holds where it has a value. Of an
// annotation the stored type decides, and a boolean one holds where it is true.
type Has struct {
	Span
	Operand Operand
}

func (h *Has) print(b *strings.Builder) { h.Operand.print(b) }

func (h *Has) check(s Scope) error { return h.Operand.check(h.Span, s) }

func (h *Has) match(v view) bool {
	if h.Operand.Keyword == KeywordAnnotation {
		return v.anyAnnotation(h.Operand, func(have Value) bool { return have.Kind != roentgen.BoolValue || have.Bool })
	}
	switch kind, _ := h.Operand.Keyword.Kind(); kind {
	case roentgen.BoolValue:
		return v.flag(h.Operand.Keyword)
	case roentgen.NumberValue:
		return v.number(h.Operand.Keyword).Known
	}
	return v.anyText(h.Operand.Keyword, func(string) bool { return true })
}

func (h *Has) needs(n *Needs, s Scope) { n.operand(h.Operand, s) }

func (h *Has) plan(p *planner, not bool) (Term, error) { return p.leaf(h, not) }
