package filter

// Scope is a place in an expression, by what the conditions there speak of. A keyword may stand in some scopes only.
type Scope uint8

// The scopes.
const (
	ScopeTrace          Scope = iota // outside of braces: the trace and its root segment
	ScopeService                     // service() { }: one segment
	ScopeEdge                        // edge() { }: one call
	ScopeCauseService                // rootcause.*.service { }: a service of a root cause
	ScopeCauseEntity                 // rootcause.*.entity { }: a segment or subsegment of one
	ScopeTimeEntity                  // rootcause.responsetime.entity { }: the same, and how much of the time it took
	ScopeCauseException              // rootcause.*.exception { }: an exception of one
)

var scopeNames = [...]string{
	ScopeTrace:          "outside of braces",
	ScopeService:        "in the braces of service()",
	ScopeEdge:           "in the braces of edge()",
	ScopeCauseService:   "in the braces of a root cause's service",
	ScopeCauseEntity:    "in the braces of a fault's or error's entity",
	ScopeTimeEntity:     "in the braces of rootcause.responsetime.entity",
	ScopeCauseException: "in the braces of a root cause's exception",
}

// String says where the scope is, so that it can end a sentence.
func (s Scope) String() string { return scopeNames[s] }

// scopes is a set of Scope.
type scopes uint8

func in(list ...Scope) scopes {
	var set scopes
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

func (set scopes) has(s Scope) bool { return set&(1<<s) != 0 }
