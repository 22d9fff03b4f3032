package api

import (
	"github.com/roentgen/roentgen/filter"
)

// parts takes a term apart: the operand of a condition, or the terms within,
// braces left out.
func parts(t filter.Term) (filter.Operand, []filter.Term) {
	switch t := t.(type) {
	case *filter.Has:
		return t.Operand, nil
	case *filter.Compare:
		return t.Operand, nil
	case *filter.Not:
		return filter.Operand{}, []filter.Term{t.Term}
	case *filter.And:
		return filter.Operand{}, t.Terms
	case *filter.Or:
		return filter.Operand{}, t.Terms
	}
	return filter.Operand{}, nil
}

// changedComparisons returns the term with the comparisons for which change
// gives another one; nil where it gives none.
func changedComparisons(t filter.Term, change func(filter.Operand, *filter.Compare) filter.Term) filter.Term {
	switch t := t.(type) {
	case *filter.Has:
		return change(t.Operand, nil)
	case *filter.Compare:
		return change(t.Operand, t)
	case *filter.Not:
		if inner := changedComparisons(t.Term, change); inner != nil {
			return &filter.Not{Term: inner}
		}
	case *filter.And:
		if terms := changedTerms(t.Terms, change); terms != nil {
			return &filter.And{Terms: terms}
		}
	case *filter.Or:
		if terms := changedTerms(t.Terms, change); terms != nil {
			return &filter.Or{Terms: terms}
		}
	case *filter.Service:
		if body := changedBody(t.Body, change); body != nil {
			return &filter.Service{Selector: t.Selector, Body: body}
		}
	case *filter.Edge:
		if body := changedBody(t.Body, change); body != nil {
			return &filter.Edge{Source: t.Source, Destination: t.Destination, Body: body}
		}
	}
	return nil
}

func changedBody(body filter.Term, change func(filter.Operand, *filter.Compare) filter.Term) filter.Term {
	if body == nil {
		return nil
	}
	return changedComparisons(body, change)
}

func changedTerms(terms []filter.Term, change func(filter.Operand, *filter.Compare) filter.Term) []filter.Term {
	var out []filter.Term
	for i, t := range terms {
		if changed := changedComparisons(t, change); changed != nil {
			if out == nil {
				out = append(out, terms...)
			}
			out[i] = changed
		}
	}
	return out
}

// keysOf are the keys of annotations that the expression names.
func keysOf(e *filter.Expr) []string {
	var keys []string
	changedComparisons(e.Root(), func(o filter.Operand, _ *filter.Compare) filter.Term {
		if o.Keyword == filter.KeywordAnnotation {
			keys = append(keys, o.Key)
		}
		return nil
	})
	return keys
}
