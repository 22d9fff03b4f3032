package filter

import (
	"strings"

	"github.com/roentgen/roentgen"
)

const jsonName = "rootcause.json"

// RootCauseJSON holds, with OpEqual, where the root causes of some kind have the shape of Causes: for each of them
// one that matches, in the same order, others between them or not. With OpNotEqual it holds where that is not so.
type RootCauseJSON struct {
	Span
	Op     Op
	Causes []CausePattern
}

func (r *RootCauseJSON) print(b *strings.Builder) {
	b.WriteString(jsonName + " " + r.Op.String() + " #")
	printPatterns(b, r.Causes)
}

func (r *RootCauseJSON) check(scope Scope) error {
	if scope != ScopeTrace {
		return nested(r.Span, jsonName, scope)
	}
	return checkEquality(r.Span, jsonName, r.Op)
}

// checkEquality refuses operators other than = and !=.
func checkEquality(at Span, name string, op Op) error {
	if op != OpEqual && op != OpNotEqual {
		return wrong(at, "", "%s takes = and != only", name)
	}
	return nil
}

func (r *RootCauseJSON) match(v view) bool {
	for _, list := range [...][]roentgen.CauseRow{v.rows.FaultCauses, v.rows.ErrorCauses, v.rows.ResponseTimeCauses} {
		if subsequence(r.Causes, list, v.rows.Account) {
			return r.Op == OpEqual
		}
	}
	return r.Op == OpNotEqual
}

func (r *RootCauseJSON) needs(n *Needs, _ Scope) {
	n.Causes.add(CauseOfFault)
	n.Causes.add(CauseOfError)
	n.Causes.add(CauseOfResponseTime)
}

func (r *RootCauseJSON) plan(p *planner, not bool) (Term, error) {
	return p.leaf(&RootCauseJSON{r.Span, OpEqual, r.Causes}, not != (r.Op == OpNotEqual))
}

// rootCauseJSON reads rootcause.json = #[…].
func (p *parser) rootCauseJSON() (Term, error) {
	r := &RootCauseJSON{Span: p.tok.Span}
	if err := p.advance(); err != nil {
		return nil, err
	}
	op, err := p.equality(jsonName, "#[…]")
	if err != nil {
		return nil, err
	}
	if !p.tok.is("#") {
		return nil, wrong(p.tok.Span, `write rootcause.json = #[{"Services":[{"Name":"…"}]}]`, "expected # and a JSON list, found %s", p.tok)
	}
	r.Op = op
	if r.Causes, err = p.lexer.causes(); err != nil {
		return nil, err
	}
	r.To = p.pos
	return r, p.advance()
}

// equality reads = or !=.
func (p *parser) equality(name, value string) (Op, error) {
	op, ok := opOf(p.tok)
	if !ok || op != OpEqual && op != OpNotEqual {
		return 0, wrong(p.tok.Span, "write "+name+" = "+value, "%s takes = and != only, found %s", name, p.tok)
	}
	return op, p.advance()
}
