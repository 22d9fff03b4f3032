package filter

import "github.com/roentgen/roentgen"

// view is the place of a trace at which a condition is decided. It is handed on by value, so that going into braces
// allocates nothing and has nothing to undo.
type view struct {
	rows    *roentgen.Rows
	scope   Scope
	segment *roentgen.SegmentRow // of ScopeService
	call    *roentgen.CallRow    // of ScopeEdge
	at      place                // of the scopes of root causes
}

// place is an element of a root cause: one of the three pointers, and where it stands in its list.
type place struct {
	service   *roentgen.CauseServiceRow
	entity    *roentgen.CauseEntityRow
	exception *roentgen.CauseExceptionRow
	index, of int
}

func (v view) in(s Scope) view {
	v.scope = s
	return v
}

func (v view) atSegment(s *roentgen.SegmentRow) view {
	return view{rows: v.rows, scope: ScopeService, segment: s}
}

func (v view) atCall(c *roentgen.CallRow) view {
	return view{rows: v.rows, scope: ScopeEdge, call: c}
}

// flag is the value of a boolean keyword. Booleans are never absent: what is not known to be so is not so.
func (v view) flag(k Keyword) bool {
	switch v.scope {
	case ScopeTrace:
		return traceFlag(v.rows, k)
	case ScopeService:
		return segmentFlag(v.segment, k, v.rows)
	case ScopeEdge:
		return callFlag(v.call, k, v.rows)
	}
	return v.at.flag(k)
}

// number is the value of a number keyword.
func (v view) number(k Keyword) roentgen.Number {
	switch v.scope {
	case ScopeTrace:
		return traceNumber(v.rows, k)
	case ScopeService:
		return entityNumber(k, v.segment.Duration, v.segment.HTTP)
	case ScopeEdge:
		return entityNumber(k, v.call.Duration, v.call.HTTP)
	}
	return v.at.number(k)
}

// anyText says whether one of the values of a text keyword passes. The empty text is no value.
func (v view) anyText(k Keyword, pass func(string) bool) bool {
	switch v.scope {
	case ScopeTrace:
		return traceText(v.rows, k, pass)
	case ScopeService:
		return segmentText(v.segment, k, pass)
	case ScopeEdge:
		return callText(v.call, k, pass)
	}
	return passes(v.at.text(k, v.rows.Account), pass)
}

// anyAnnotation says whether one of the values of the annotation passes.
func (v view) anyAnnotation(o Operand, pass func(Value) bool) bool {
	switch v.scope {
	case ScopeTrace:
		for i := range v.rows.Summary.Annotations {
			if a := &v.rows.Summary.Annotations[i]; a.Key == o.Key && pass(a.Value) {
				return true
			}
		}
		return false
	case ScopeService:
		return anyOf(v.segment.Annotations, o.Key, pass)
	case ScopeEdge:
		return anyOf(callAnnotations(v.call, o.Side), o.Key, pass)
	}
	return false
}

func anyOf(list []roentgen.Annotation, key string, pass func(Value) bool) bool {
	for i := range list {
		if a := &list[i]; a.Key == key && pass(a.Value) {
			return true
		}
	}
	return false
}

func passes(s string, pass func(string) bool) bool { return s != "" && pass(s) }

func anyPasses(list []string, pass func(string) bool) bool {
	for _, s := range list {
		if passes(s, pass) {
			return true
		}
	}
	return false
}

// is answers the four outcomes.
func hasFlag(f roentgen.Flags, k Keyword) bool {
	switch k {
	case KeywordOK:
		return f == roentgen.Flags{}
	case KeywordError:
		return f.Error
	case KeywordThrottle:
		return f.Throttle
	case KeywordFault:
		return f.Fault
	}
	return false
}

// entityNumber answers the numbers that segments and calls have. Inside braces responsetime and duration are one.
func entityNumber(k Keyword, seconds roentgen.Number, http *roentgen.HTTP) roentgen.Number {
	switch k {
	case KeywordResponseTime, KeywordDuration:
		return seconds
	case KeywordHTTPStatus:
		return status(http)
	}
	return roentgen.Number{}
}

func status(http *roentgen.HTTP) roentgen.Number {
	if http == nil || http.Status == 0 {
		return roentgen.Number{}
	}
	return roentgen.Known(float64(http.Status))
}

// httpText answers the texts of a request; empty where there is none.
func httpText(k Keyword, http *roentgen.HTTP) string {
	if http == nil {
		return ""
	}
	switch k {
	case KeywordHTTPURL:
		return http.URL
	case KeywordHTTPMethod:
		return http.Method
	case KeywordHTTPUserAgent:
		return http.UserAgent
	case KeywordHTTPClientIP:
		return http.ClientIP
	}
	return ""
}
