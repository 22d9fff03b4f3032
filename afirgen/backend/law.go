package backend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/kb"
)

// violation says a hit of the knowledge base in the words of the form.
func violation(hit kb.Hit) fir.Violation {
	section := hit.Section
	number, sub := splitNumber(section.Number)
	return fir.Violation{
		Act: kb.Act, Section: number, SubSection: sub, Title: fir.Label{En: section.Title, Hi: section.TitleHi},
		Cognizable: class(section.Cognizable), Bailable: bail(section.Bailable), MaxYears: term(section.Longest),
		Confidence: fir.Confidence(section.Confidence), Evidence: evidence(hit), Source: source(section), Origin: fir.ByModel,
	}
}

// splitNumber cuts 303(2) proviso into 303 and (2) proviso.
func splitNumber(number string) (section, sub string) {
	at := strings.IndexAny(number, "( ")
	if at < 0 {
		return number, ""
	}
	return number[:at], strings.TrimSpace(number[at:])
}

// class is conditional for whatever follows another offence, and for a section that is none by itself: an officer looks.
func class(a kb.Answer) fir.Class {
	switch a {
	case kb.Yes:
		return fir.Cognizable
	case kb.No:
		return fir.NonCognizable
	}
	return fir.Conditional
}

func bail(a kb.Answer) fir.Bail {
	switch a {
	case kb.Yes:
		return fir.Bailable
	case kb.No:
		return fir.NonBailable
	case kb.NoAnswer:
		return ""
	}
	return fir.BailConditional
}

// term is the longest imprisonment in years. Where the law names no longest term, the least one speaks only where it
// settles what hangs on the term: seven years or more.
func term(t kb.Term) fir.Term {
	years := fir.Term(t.Months) / 12
	switch {
	case t.Death:
		return fir.TermDeath
	case t.Life:
		return fir.TermLife
	case t.Open && years < 7:
		return fir.TermUnknown
	case t.Hours > 0:
		return fir.Term(t.Hours) / (24 * 365)
	}
	return years
}

// evidence lists the spans of a hit in their order, those inside of another left out.
func evidence(hit kb.Hit) []fir.Span {
	var all []fir.Span
	for _, met := range hit.Met {
		for _, e := range met.Evidence {
			for _, span := range e.Spans {
				all = append(all, fir.Span{Start: span.Start, End: span.End})
			}
		}
	}
	slices.SortFunc(all, func(a, b fir.Span) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
	kept := all[:0]
	for _, span := range all {
		if n := len(kept); n > 0 && span.End <= kept[n-1].End {
			continue
		}
		kept = append(kept, span)
	}
	return kept
}

// source names where the section was read.
func source(section *kb.Section) string {
	var names []string
	for _, s := range section.Sources {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return "knowledge base: " + strings.Join(names, ", ")
}
