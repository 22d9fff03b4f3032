package kb

import (
	"fmt"
	"strconv"
	"strings"
)

// Answer is what the law says to "is it cognizable?" or "is it bailable?".
type Answer string

// The answers. What Conditional depends on stands in the section's Notes.
const (
	Yes         Answer = "yes"
	No          Answer = "no"
	Conditional Answer = "conditional"
	AsOffence   Answer = "as offence" // as the offence that the section is joined to
	NoAnswer    Answer = "none"       // the section is no offence by itself
)

// Confidence says how sure the classification is.
type Confidence string

// High: long settled and not contradicted by anything read. Medium: carried over from the old schedule or from one
// secondary source. Low: sources differ.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Term is the longest imprisonment of a section. Exactly one of the fields speaks; all zero means that the section has no
// imprisonment of its own.
type Term struct {
	Months    int  // 36 for three years
	Hours     int  // below a month: 24
	Life      bool // imprisonment for life
	Death     bool
	AsOffence bool // follows the offence that the section is joined to
	Open      bool // Months is the least; the source names no longest term
}

// Years returns the term in whole years and true, or false when the term has no number: life, death, as the offence, open.
// Terms below a year are 0 years.
func (t Term) Years() (int, bool) {
	if t.Life || t.Death || t.AsOffence || t.Open {
		return 0, false
	}
	return t.Months / 12, true
}

// parseTerm reads "7 years", "6 months", "24 hours", "at least 7 years", "life", "death", "as offence", "none".
func parseTerm(s string) (Term, error) {
	switch s {
	case "life":
		return Term{Life: true}, nil
	case "death":
		return Term{Death: true}, nil
	case "as offence":
		return Term{AsOffence: true}, nil
	case "none":
		return Term{}, nil
	}
	rest, open := strings.CutPrefix(s, "at least ")
	count, unit, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > 99 {
		return Term{}, fmt.Errorf("%q is no term: write 7 years, 6 months, 24 hours, at least 7 years, life, death, as offence or none", s)
	}
	switch strings.TrimSuffix(unit, "s") {
	case "year":
		return Term{Months: 12 * n, Open: open}, nil
	case "month":
		return Term{Months: n, Open: open}, nil
	case "hour":
		return Term{Hours: n, Open: open}, nil
	}
	return Term{}, fmt.Errorf("the unit of the term %q is unknown: write years, months or hours", s)
}
