package fir

import (
	"slices"
	"unicode/utf8"
)

// The acts whose rules this package knows. Any other act is named as the knowledge base names it.
const (
	BNS = "BNS" // Bharatiya Nyaya Sanhita, 2023: offences from 1 July 2024
	IPC = "IPC" // Indian Penal Code, 1860: offences before that day
)

// Class says whether the police may investigate an offence without a Magistrate's order (BNSS s.173 and s.174).
type Class string

// The classes.
const (
	Cognizable    Class = "cognizable"
	NonCognizable Class = "non_cognizable"
	Conditional   Class = "conditional" // it depends: on who informs, on the main offence, on a State's amendment
)

// Bail says whether bail is a right.
type Bail string

// The kinds of bail.
const (
	Bailable        Bail = "bailable"
	NonBailable     Bail = "non_bailable"
	BailConditional Bail = "conditional"
)

// Confidence says how sure we are of what a source is said to say.
type Confidence string

// The marks of the knowledge base. Whatever is below High has to be verified with the First Schedule of the BNSS.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Origin says who brought a section in.
type Origin string

// The origins.
const (
	ByModel Origin = "model"
	ByClerk Origin = "clerk"
)

// Span is a range of bytes of the transcript, on the borders of characters.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"` // the first byte after it
}

// Violation is one section that may be violated. As a charge of the form it stands in item 2.
type Violation struct {
	Act        string     `json:"act"`
	Section    string     `json:"section"`               // 303
	SubSection string     `json:"sub_section,omitempty"` // (2)
	Title      Label      `json:"title"`
	Cognizable Class      `json:"cognizable"`
	Bailable   Bail       `json:"bailable,omitempty"` // empty where it is not known
	MaxYears   Term       `json:"max_years"`
	Confidence Confidence `json:"confidence"` // of Cognizable and Bailable
	Evidence   []Span     `json:"evidence_span,omitempty"`
	Source     string     `json:"source"` // where act, punishment and class were read
	Origin     Origin     `json:"origin"`
	Struck     bool       `json:"struck,omitempty"` // the clerk has struck it out; it stays so when it is found again
}

// Checks counts the checks of a search that did not come to an end.
type Checks struct {
	Failed   int `json:"checks_failed"`
	TimedOut int `json:"checks_timed_out"`
}

// Open is the number of sections about which nothing is known.
func (c Checks) Open() int { return c.Failed + c.TimedOut }

// Ref names a section.
type Ref struct {
	Act        string `json:"act"`
	Section    string `json:"section"`
	SubSection string `json:"sub_section,omitempty"`
}

// Ref returns the section that the violation is of.
func (v Violation) Ref() Ref { return Ref{Act: v.Act, Section: v.Section, SubSection: v.SubSection} }

// String returns the section as it is cited: BNS 303(2).
func (r Ref) String() string { return r.Act + " " + r.Section + r.SubSection }

// Verify reports whether the classification has to be held against the First Schedule of the BNSS before it is used.
func (v Violation) Verify() bool { return v.Confidence != High }

// Sections returned by a search, and entered by hand, are at most MaxViolations.
const MaxViolations = 100

// checkViolations normalises violations and refuses those that cannot stand in a form. Spans are of transcript.
func checkViolations(all []Violation, transcript string) ([]Violation, error) {
	if len(all) > MaxViolations {
		return nil, invalid("%d sections are too many: at most %d", len(all), MaxViolations)
	}
	checked := make([]Violation, 0, len(all))
	for i, v := range all {
		v, err := v.tidy(transcript)
		if err != nil {
			return nil, invalid("section %d of %d: %s", i+1, len(all), err)
		}
		if slices.ContainsFunc(checked, func(o Violation) bool { return o.Ref() == v.Ref() }) {
			return nil, invalid("section %d of %d: it stands in the list twice", i+1, len(all))
		}
		checked = append(checked, v)
	}
	return checked, nil
}

func (v Violation) tidy(transcript string) (Violation, error) {
	v = cloneViolation(v)
	for _, f := range []struct {
		name string
		text *string
		must bool
	}{
		{"act", &v.Act, true}, {"section", &v.Section, true}, {"sub_section", &v.SubSection, false},
		{"title", &v.Title.En, true}, {"title", &v.Title.Hi, false}, {"source", &v.Source, false},
	} {
		text, err := short(f.name, *f.text, 300)
		if err != nil {
			return v, err
		}
		if f.must && text == "" {
			return v, invalid("%s is missing", f.name)
		}
		*f.text = text
	}
	return v, v.checkWords(transcript)
}

func (v Violation) checkWords(transcript string) error {
	switch {
	case !slices.Contains([]Class{Cognizable, NonCognizable, Conditional}, v.Cognizable):
		return invalid("cognizable is cognizable, non_cognizable or conditional")
	case !slices.Contains([]Bail{Bailable, NonBailable, BailConditional, ""}, v.Bailable):
		return invalid("bailable is bailable, non_bailable or conditional")
	case !slices.Contains([]Confidence{High, Medium, Low}, v.Confidence):
		return invalid("confidence is high, medium or low")
	case !slices.Contains([]Origin{ByModel, ByClerk}, v.Origin):
		return invalid("origin is model or clerk")
	case !v.MaxYears.valid():
		return invalid("max_years is a number of years above 0, life or death, or null where it is not known")
	}
	for _, e := range v.Evidence {
		if e.Start < 0 || e.End <= e.Start || e.End > len(transcript) || !border(transcript, e.Start) || !border(transcript, e.End) {
			return invalid("an evidence span lies outside of the transcript or cuts a character in two")
		}
	}
	return nil
}

func border(text string, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

// merge lays a new search over the old list: what the clerk added stays, and what the clerk struck out stays struck.
func merge(old, found []Violation) []Violation {
	merged := cloneViolations(found)
	for i := range merged {
		at := indexOf(old, merged[i].Ref())
		merged[i].Struck = at >= 0 && old[at].Struck
	}
	for _, v := range old {
		if (v.Origin == ByClerk || v.Struck) && indexOf(merged, v.Ref()) < 0 {
			merged = append(merged, cloneViolation(v))
		}
	}
	return merged
}

func indexOf(all []Violation, ref Ref) int {
	return slices.IndexFunc(all, func(v Violation) bool { return v.Ref() == ref })
}

// standingCharges are the violations that nobody has struck out.
func standingCharges(all []Violation) []Violation {
	kept := []Violation{}
	for _, v := range all {
		if !v.Struck {
			kept = append(kept, cloneViolation(v))
		}
	}
	return kept
}

func cloneViolation(v Violation) Violation {
	v.Evidence = slices.Clone(v.Evidence)
	return v
}

func cloneViolations(all []Violation) []Violation {
	cloned := copied(all)
	for i := range cloned {
		cloned[i] = cloneViolation(cloned[i])
	}
	return cloned
}
