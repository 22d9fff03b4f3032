package filter

// Check says whether everything in the tree may stand where it stands: keywords in scopes that have them, operators
// at fields of a type that they compare, values of that type, no braces within braces. Trees that Parse returns have
// passed. The error is an *Error without line and column.
func Check(root Term) error { return checkTerm(root, Span{}, ScopeTrace) }

// checkTerm checks a term that is part of something at the span.
func checkTerm(t Term, at Span, s Scope) error {
	if t == nil {
		return wrong(at, "", "a condition is missing %s", s)
	}
	return t.check(s)
}
