package api

import (
	"fmt"
	"strings"

	"github.com/roentgen/roentgen/filter"
)

// intoBraces moves what is said of the root, beside a node or call without
// braces, into braces: service("x") AND responsetime > 5 asks for traces that
// touch x and of which the root was slow.
func intoBraces(t filter.Term) (filter.Term, string) {
	all, ok := t.(*filter.And)
	if !ok {
		return nil, ""
	}
	var moved, rest []filter.Term
	var of filter.Term
	for _, term := range all.Terms {
		switch {
		case ofRoot(term):
			moved = append(moved, term)
		case of == nil && bare(term):
			of = term
			rest = append(rest, nil) // its place
		default:
			rest = append(rest, term)
		}
	}
	if of == nil || len(moved) == 0 {
		return nil, ""
	}
	for i := range rest {
		if rest[i] == nil {
			rest[i] = withBody(of, failures(joined(moved)))
		}
	}
	return joined(rest), fmt.Sprintf("outside of braces, %s speaks of the root segment of the trace; in braces it speaks of %s itself", spokenOf(moved), named(of))
}

// bare says whether the term is a service or an edge that is named and has no
// braces.
func bare(t filter.Term) bool {
	switch t := t.(type) {
	case *filter.Service:
		return t.Body == nil && t.Selector != filter.Selector{}
	case *filter.Edge:
		return t.Body == nil && (t.Source != filter.Selector{} || t.Destination != filter.Selector{})
	}
	return false
}

func withBody(t, body filter.Term) filter.Term {
	if s, ok := t.(*filter.Service); ok {
		return &filter.Service{Selector: s.Selector, Body: body}
	}
	e := t.(*filter.Edge)
	return &filter.Edge{Source: e.Source, Destination: e.Destination, Body: body}
}

// ofRoot says whether every condition in the term looks at the root segment.
// Annotations, users and the like are those of any segment.
func ofRoot(t filter.Term) bool {
	o, terms := parts(t)
	switch o.Keyword {
	case filter.KeywordOK, filter.KeywordError, filter.KeywordFault, filter.KeywordThrottle, filter.KeywordResponseTime,
		filter.KeywordHTTPStatus, filter.KeywordHTTPMethod, filter.KeywordHTTPURL:
		return true
	}
	for _, inner := range terms {
		if !ofRoot(inner) {
			return false
		}
	}
	return len(terms) > 0
}

// joined is one term, or an And of several.
func joined(terms []filter.Term) filter.Term {
	if len(terms) == 1 {
		return terms[0]
	}
	return &filter.And{Terms: terms}
}

// spokenOf names the fields of the terms, for a sentence.
func spokenOf(terms []filter.Term) string {
	var fields []string
	for _, t := range terms {
		o, inner := parts(t)
		if inner != nil {
			fields = append(fields, spokenOf(inner))
		} else {
			fields = append(fields, o.String())
		}
	}
	return strings.Join(fields, ", ")
}

func named(t filter.Term) string {
	switch t := t.(type) {
	case *filter.Service:
		return t.Selector.Name.Text
	case *filter.Edge:
		return "the call"
	}
	return ""
}
