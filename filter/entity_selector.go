package filter

import (
	"errors"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// maxSelector is the length of an EntitySelectorExpression in characters, X-Ray's API model.
const maxSelector = 500

// ParseEntitySelector reads the EntitySelectorExpression of GetTimeSeriesServiceStatistics: a single service() or
// edge(), without braces. The Term is a *Service or an *Edge. The error is of kind Invalid, an *Error where the text
// is to blame in one place.
func ParseEntitySelector(s string) (Term, error) {
	if n := utf8.RuneCountInString(s); n == 0 || n > maxSelector {
		return nil, roentgen.Invalidf("the entity selector has %d characters; it needs 1 to %d", n, maxSelector)
	}
	e, err := Parse(s)
	if err != nil {
		return nil, err
	}
	if err := checkEntitySelector(e.Root()); err != nil {
		var at *Error
		if errors.As(err, &at) {
			at.locate(s)
		}
		return nil, err
	}
	return e.Root(), nil
}

func checkEntitySelector(t Term) error {
	const hint = `an entity selector is service("…") or edge("…", "…"), with id(…) for a name if need be`
	var body Term
	switch t := t.(type) {
	case *Service:
		body = t.Body
	case *Edge:
		body = t.Body
	default:
		return wrong(t.span(), hint, "not a single service or edge")
	}
	if body != nil {
		return wrong(body.span(), hint, "conditions in braces cannot be selected by")
	}
	return nil
}
