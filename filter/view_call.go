package filter

import "github.com/roentgen/roentgen"

// flag answers in the braces of edge().
func (c *CallRow) flag(k Keyword, r *Rows) bool {
	if k == KeywordPartial {
		return r.Summary.Partial
	}
	return c.Flags.is(k)
}

// anyText answers about the call's request; a subsegment has no user and no place, so those are the calling segment's.
func (c *CallRow) anyText(k Keyword, pass func(string) bool) bool {
	return passes(httpText(k, c.HTTP), pass) || c.Caller != nil && c.Caller.anyPlace(k, pass)
}

func (c *CallRow) annotations(s Side) []roentgen.Annotation {
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
