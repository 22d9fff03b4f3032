package kb

import "time"

// Query is what to search for.
type Query struct {
	Text     string    // a complaint, its summary, or words that a clerk types; English, Hindi, romanised Hindi, mixed
	Limit    int       // the most Hits to return; 0 means DefaultLimit
	Occurred time.Time // the day of the occurrence; zero if it is not known
}

// DefaultLimit is the number of hits that a Query without Limit gets.
const DefaultLimit = 10

// Result is what a text discloses. No complete hit means that nothing here was found, not that no offence was done.
type Result struct {
	Hits    []Hit // complete ones first, each kind by falling score
	Special []SpecialHit
	Notices []Notice // to be shown with the result; the first is always VerifySchedule
}

// Suggested returns the hits that an officer should look at first: complete offences that no other of them includes.
func (r Result) Suggested() []Hit {
	var list []Hit
	for _, h := range r.Hits {
		if h.Complete && h.IncludedIn == "" && h.Section.Kind == Offence {
			list = append(list, h)
		}
	}
	return list
}

// Hit is a section that the text speaks for.
type Hit struct {
	Section    *Section // of the Base: not to be changed
	Score      float64  // above 0; comparable within one Result only
	Complete   bool     // each ingredient is met
	IncludedIn string   // the number of a complete hit beside which this one adds nothing; else empty
	Applies    bool     // false: the section was not in force on the day of the occurrence
	Met        []Met
	Missing    []Label // the ingredients that the text doesn't tell
}

// SpecialHit is a special law that the text speaks for.
type SpecialHit struct {
	Act *SpecialAct // of the Base: not to be changed
	Met []Met
}

// Label names an ingredient.
type Label struct{ ID, English, Hindi string }

// Met is an ingredient and where the text tells it.
type Met struct {
	Label    Label
	Needed   bool // false: it only raises the score
	Evidence []Evidence
}

// Evidence is a place that tells an ingredient.
type Evidence struct {
	Phrase string // as the data file has it
	Script Script
	Spans  []Span // one for each part of the phrase; they may overlap
}

// Span is bytes [Start, End) of Query.Text.
type Span struct{ Start, End int }
