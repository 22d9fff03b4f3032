package api

import (
	"slices"

	"github.com/roentgen/roentgen/filter"
)

// errorAlone adds fault to error: a status of 5xx is a fault, and no error.
func errorAlone(t filter.Term) (filter.Term, string) {
	changed := failures(t)
	return changed, "error is a status of 4xx alone; 5xx is fault"
}

// failures puts (error OR fault) in the place of every error by itself, in
// braces too, but not where fault or throttle is spoken of beside it, nor what
// is negated.
func failures(t filter.Term) filter.Term {
	switch t := t.(type) {
	case *filter.And:
		return &filter.And{Terms: beside(t.Terms)}
	case *filter.Or:
		return &filter.Or{Terms: beside(t.Terms)}
	case *filter.Service:
		if t.Body != nil {
			return &filter.Service{Selector: t.Selector, Body: failures(t.Body)}
		}
	case *filter.Edge:
		if t.Body != nil {
			return &filter.Edge{Source: t.Source, Destination: t.Destination, Body: failures(t.Body)}
		}
	case *filter.Has, *filter.Compare:
		if isError(t) {
			return &filter.Or{Terms: []filter.Term{has(filter.KeywordError), has(filter.KeywordFault)}}
		}
	}
	return t
}

func beside(terms []filter.Term) []filter.Term {
	if slices.ContainsFunc(terms, ofFault) {
		return terms
	}
	return each(terms, failures)
}

// ofFault says whether the term speaks of faults or throttles outside of
// braces.
func ofFault(t filter.Term) bool {
	o, inner := parts(t)
	return o.Keyword == filter.KeywordFault || o.Keyword == filter.KeywordThrottle || slices.ContainsFunc(inner, ofFault)
}

// isError says whether the term is error, error = true or error != false.
func isError(t filter.Term) bool {
	if o, _ := parts(t); o.Keyword != filter.KeywordError {
		return false
	}
	c, compared := t.(*filter.Compare)
	return !compared || c.Value.Bool == (c.Op == filter.OpEqual)
}

func has(k filter.Keyword) filter.Term { return &filter.Has{Operand: filter.Operand{Keyword: k}} }
