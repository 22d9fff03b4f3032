package filter

import "github.com/roentgen/roentgen"

// flag answers in the braces of edge().
func callFlag(c *roentgen.CallRow, k Keyword, r *roentgen.Rows) bool {
	if k == KeywordPartial {
		return r.Summary.Partial
	}
	return hasFlag(c.Flags, k)
}

// anyText answers about the call's request; a subsegment has no user and no place, so those are the calling segment's.
func callText(c *roentgen.CallRow, k Keyword, pass func(string) bool) bool {
	return passes(httpText(k, c.HTTP), pass) || c.Caller != nil && placeText(c.Caller, k, pass)
}

func callAnnotations(c *roentgen.CallRow, s Side) []roentgen.Annotation {
	of := c.Caller
	switch s {
	case SideNone:
		return c.Annotations
	case SideDestination:
		of = c.Callee
	}
	if of == nil {
		return nil
	}
	return of.Annotations
}
