package fir

// Ruling is an officer's decision about a case whose class does not follow from its sections alone.
type Ruling struct {
	Class   Class   `json:"class,omitempty"` // cognizable or non_cognizable; empty where there is no ruling
	Reason  string  `json:"reason"`
	Officer Officer `json:"officer"`
}

// Case returns the class of the whole case. One cognizable section makes it cognizable (BNSS s.174, confidence high).
// It is Conditional, until an officer rules, if it hangs on a conditional section, or if it were non-cognizable only by
// a classification that is not sure: registration is a duty once a cognizable offence is disclosed (Lalita Kumari, 2014),
// so that doubt alone must not turn a report into an NCR. For the same reason an officer may always rule that a case is
// cognizable, as a State's amendment can make it, but never that a cognizable section is not. Without sections the class
// is empty.
func (d Document) Case() Class {
	class := caseOf(d.Charges)
	switch {
	case class == Conditional && d.Ruling.Class != "":
		return d.Ruling.Class
	case class == NonCognizable && d.Ruling.Class == Cognizable:
		return Cognizable
	}
	return class
}

func caseOf(charges []Violation) Class {
	var class Class
	for _, v := range charges {
		switch {
		case v.Cognizable == Cognizable:
			return Cognizable
		case v.Cognizable == Conditional || v.Confidence != High:
			class = Conditional
		case class == "":
			class = NonCognizable
		}
	}
	return class
}

// Series returns the series of numbers that the report belongs to; empty while its class is not decided.
func (d Document) Series() Series {
	switch class := d.Case(); {
	case class == NonCognizable:
		return SeriesNCR
	case class == Cognizable && d.Zero():
		return SeriesZero
	case class == Cognizable:
		return SeriesFIR
	}
	return ""
}
