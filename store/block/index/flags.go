package index

import (
	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// flags are the yes and no of one trace. Their places are part of the format.
type flags uint32

const (
	hasEnd flags = 1 << iota
	// open: an entity has no end, so that the trace has no duration.
	open
	partial
	someInferred // a node is
	// The outcomes of the root, as expressions ask for them outside of braces.
	rootOK
	rootError
	rootThrottle
	rootFault
	limited
	failing
	responded    // the root's response time is known
	respondsSpan // and is as long as the trace
	// longer: an entity lasts longer than the trace seems to, so that the trace's span is no bound.
	longer
	// extra: annotations, users or places stand in segments or calls that the summary does not have, or the summary has
	// so many annotation keys that another setting of graph.Options would cut them.
	extra
	// wild: not everything is indexed; the trace matches whatever is asked.
	wild
	waiting // has a Due
	faultCauses
	errorCauses
	timeCauses
	// What some segment, and some call, is.
	segmentAny
	segmentOK
	segmentError
	segmentThrottle
	segmentFault
	segmentInferred // of an inferred node
	segmentRoot     // of the node that holds the root
	callAny
	callOK
	callError
	callThrottle
	callFault

	flagCount = iota
)

// outcomes returns the four flags of an entity, shifted to where ok is.
func outcomes(f roentgen.Flags, ok flags) flags {
	if f == (roentgen.Flags{}) {
		return ok
	}
	var out flags
	if f.Error {
		out |= ok << 1
	}
	if f.Throttle {
		out |= ok << 2
	}
	if f.Fault {
		out |= ok << 3
	}
	return out
}

// flagOf returns the flag that a boolean keyword asks for in a scope; 0 where there is none.
func flagOf(k filter.Keyword, s filter.Scope) flags {
	if k == filter.KeywordPartial {
		return partial
	}
	if k >= filter.KeywordOK && k <= filter.KeywordFault {
		at := k - filter.KeywordOK
		switch s {
		case filter.ScopeTrace:
			return rootOK << at
		case filter.ScopeService:
			return segmentOK << at
		case filter.ScopeEdge:
			return callOK << at
		}
		return 0
	}
	switch {
	case s == filter.ScopeTrace && k == filter.KeywordInferred:
		return someInferred
	case s == filter.ScopeService && k == filter.KeywordInferred:
		return segmentInferred
	case s == filter.ScopeService && k == filter.KeywordRoot:
		return segmentRoot
	}
	return 0
}
