package filter

import "github.com/roentgen/roentgen"

// Outside of braces the outcome, the response time and the request are the root segment's; everything else is the
// whole trace's.

// flag answers from the root's own flags: Summary.Throttle is about every segment, which is the API's meaning of
// HasThrottle, not the keyword's. A trace without a root has answered nothing, so it is not ok.
func traceFlag(r *roentgen.Rows, k Keyword) bool {
	switch k {
	case KeywordPartial:
		return r.Summary.Partial
	case KeywordInferred:
		return hasInferred(r)
	}
	root := r.Summary.Root
	return root != nil && hasFlag(roentgen.Flags{Error: root.Error, Throttle: root.Throttle, Fault: root.Fault}, k)
}

func hasInferred(r *roentgen.Rows) bool {
	for i := range r.Nodes {
		if r.Nodes[i].Inferred {
			return true
		}
	}
	return false
}

func traceNumber(r *roentgen.Rows, k Keyword) roentgen.Number {
	switch k {
	case KeywordResponseTime:
		return roentgen.Seconds(r.Summary.ResponseTime())
	case KeywordDuration:
		return roentgen.Seconds(r.Summary.Duration())
	case KeywordHTTPStatus:
		return status(rootHTTP(r))
	}
	return roentgen.Number{}
}

func rootHTTP(r *roentgen.Rows) *roentgen.HTTP {
	if r.Summary.Root == nil {
		return nil
	}
	return r.Summary.Root.HTTP
}

func traceText(r *roentgen.Rows, k Keyword, pass func(string) bool) bool {
	switch k {
	case KeywordUser:
		for i := range r.Summary.Users {
			if passes(r.Summary.Users[i].Name, pass) {
				return true
			}
		}
		return false
	case KeywordAvailabilityZone:
		return anyPasses(r.Summary.Zones, pass)
	case KeywordInstanceID:
		return anyPasses(r.Summary.InstanceIDs, pass)
	case KeywordResourceARN:
		return anyPasses(r.Summary.ResourceARNs, pass)
	}
	return passes(httpText(k, rootHTTP(r)), pass)
}
