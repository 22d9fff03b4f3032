package filter

import "github.com/roentgen/roentgen"

// Outside of braces the outcome, the response time and the request are the root segment's; everything else is the
// whole trace's.

// flag answers from the root's own flags: Summary.Throttle is about every segment, which is the API's meaning of
// HasThrottle, not the keyword's. A trace without a root has answered nothing, so it is not ok.
func (r *Rows) flag(k Keyword) bool {
	switch k {
	case KeywordPartial:
		return r.Summary.Partial
	case KeywordInferred:
		return r.inferred()
	}
	root := r.Summary.Root
	return root != nil && Flags{root.Error, root.Throttle, root.Fault}.is(k)
}

func (r *Rows) inferred() bool {
	for i := range r.Nodes {
		if r.Nodes[i].Inferred {
			return true
		}
	}
	return false
}

func (r *Rows) number(k Keyword) Number {
	switch k {
	case KeywordResponseTime:
		return Seconds(r.Summary.ResponseTime())
	case KeywordDuration:
		return Seconds(r.Summary.Duration())
	case KeywordHTTPStatus:
		return status(r.http())
	}
	return Number{}
}

func (r *Rows) http() *roentgen.HTTP {
	if r.Summary.Root == nil {
		return nil
	}
	return r.Summary.Root.HTTP
}

func (r *Rows) anyText(k Keyword, pass func(string) bool) bool {
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
	return passes(httpText(k, r.http()), pass)
}
