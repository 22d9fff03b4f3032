package filter

import "github.com/roentgen/roentgen"

// flag answers in the braces of service().
func segmentFlag(s *roentgen.SegmentRow, k Keyword, r *roentgen.Rows) bool {
	switch k {
	case KeywordPartial:
		return r.Summary.Partial
	case KeywordInferred:
		return s.Node != nil && s.Node.Inferred
	case KeywordRoot:
		return s.Node != nil && s.Node.Root
	}
	return hasFlag(s.Flags, k)
}

func segmentText(s *roentgen.SegmentRow, k Keyword, pass func(string) bool) bool {
	switch k {
	case KeywordName:
		return s.Node != nil && (passes(s.Node.Name, pass) || anyPasses(s.Node.Names, pass))
	case KeywordType:
		return s.Node != nil && passes(s.Node.Type, pass)
	}
	return placeText(s, k, pass) || passes(httpText(k, s.HTTP), pass)
}

// anyPlace answers who was served and where the code ran.
func placeText(s *roentgen.SegmentRow, k Keyword, pass func(string) bool) bool {
	switch k {
	case KeywordUser:
		return passes(s.User, pass)
	case KeywordAvailabilityZone:
		return passes(s.Zone, pass)
	case KeywordInstanceID:
		return passes(s.InstanceID, pass)
	case KeywordResourceARN:
		return anyPasses(s.ResourceARNs, pass)
	}
	return false
}
