package filter

// flag answers in the braces of service().
func (s *SegmentRow) flag(k Keyword, r *Rows) bool {
	switch k {
	case KeywordPartial:
		return r.Summary.Partial
	case KeywordInferred:
		return s.Node != nil && s.Node.Inferred
	case KeywordRoot:
		return s.Node != nil && s.Node.Root
	}
	return s.Flags.is(k)
}

func (s *SegmentRow) anyText(k Keyword, pass func(string) bool) bool {
	switch k {
	case KeywordName:
		return s.Node != nil && (passes(s.Node.Name, pass) || anyPasses(s.Node.Names, pass))
	case KeywordType:
		return s.Node != nil && passes(s.Node.Type, pass)
	}
	return s.anyPlace(k, pass) || passes(httpText(k, s.HTTP), pass)
}

// anyPlace answers who was served and where the code ran.
func (s *SegmentRow) anyPlace(k Keyword, pass func(string) bool) bool {
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
