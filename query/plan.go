package query

import (
	"context"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// plan is a filter in the two steps in which it is evaluated.
type plan struct {
	early   []*filter.Matcher // what the summary alone decides; each is necessary
	whole   *filter.Matcher   // nil: every trace matches
	nothing bool              // no trace can match
}

// plan makes x ready with the expressions that groups have now.
func (e *Engine) plan(ctx context.Context, x *filter.Expr) (plan, error) {
	if x == nil || x.Empty() {
		return plan{}, nil
	}
	groups, err := e.groups.resolver(ctx, x)
	if err != nil {
		return plan{}, err
	}
	m, err := x.Matcher(groups)
	if err != nil {
		return plan{}, err
	}
	if always, ok := m.Root().(*filter.Always); ok {
		return plan{nothing: !always.Value}, nil
	}
	return plan{early: earlyOf(m), whole: m}, nil
}

// earlyOf returns the conditions that need nothing but the summary.
func earlyOf(m *filter.Matcher) (early []*filter.Matcher) {
	for _, one := range m.Conditions() {
		if needs := one.Needs(); needs.SummaryOnly() {
			early = append(early, one)
		}
	}
	return early
}

// admits is the first step: whether a trace with this summary could match.
func (p *plan) admits(s *roentgen.Summary) bool {
	rows := roentgen.Rows{Summary: s}
	for _, m := range p.early {
		if !m.Match(&rows) {
			return false
		}
	}
	return true
}

// matches is the second step.
func (p *plan) matches(rows *roentgen.Rows, w roentgen.Window) bool {
	if p.whole == nil {
		return true
	}
	if w.Clock == roentgen.ClockEnd {
		rows = within(rows, w)
	}
	return p.whole.Match(rows)
}

// within returns rows with those segments and calls alone that end in the
// window.
func within(rows *roentgen.Rows, w roentgen.Window) *roentgen.Rows {
	out := *rows
	out.Segments, out.Calls = nil, nil
	for _, s := range rows.Segments {
		if s.End != 0 && s.End >= w.From && s.End < w.To {
			out.Segments = append(out.Segments, s)
		}
	}
	for _, c := range rows.Calls {
		if c.End != 0 && c.End >= w.From && c.End < w.To {
			out.Calls = append(out.Calls, c)
		}
	}
	return &out
}
