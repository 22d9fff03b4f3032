package fir

import (
	"fmt"
	"slices"
	"time"
)

// BNSFrom is the day from which offences go under the BNS; before it they go under the IPC
// (confidence high).
const BNSFrom = "2024-07-01"

// checkWords holds words of closed lists, numbers of rows and values against what is possible.
func (d *Document) checkWords() []Problem {
	var problems []Problem
	word := func(item int, name, value string, allowed ...string) {
		if value != "" && !slices.Contains(allowed, value) {
			problems = append(problems, problem(item, name, Label{
				fmt.Sprintf("it is one of %q", allowed), fmt.Sprintf("यह इनमें से एक हो: %q", allowed)}))
		}
	}
	word(2, "ruling.class", string(d.Ruling.Class), string(Cognizable), string(NonCognizable))
	word(4, "information_type", string(d.Information), string(Written), string(Oral), string(Electronic))
	word(13, "action.kind", d.Taken.Kind, TakenRegistered, TakenDirected, TakenRefused, TakenTransferred)
	word(14, "signature.kind", d.Signature.Kind, "signature", "thumb", "electronic")
	for i, a := range d.Accused {
		word(7, fmt.Sprintf("accused.%d.kind", i), a.Kind, "known", "suspected", "unknown")
	}
	for i, p := range d.Properties {
		if p.Value != nil && (*p.Value < 0 || *p.Value > MaxValue) {
			problems = append(problems, problem(9, fmt.Sprintf("properties.%d.value_rupees", i), Label{
				fmt.Sprintf("a value is between 0 and %d rupees", int64(MaxValue)), fmt.Sprintf("मूल्य 0 और %d रुपये के बीच हो", int64(MaxValue))}))
		}
	}
	for _, rows := range []struct {
		item int
		name string
		n    int
	}{{7, "accused", len(d.Accused)}, {9, "properties", len(d.Properties)}, {12, "contents.translations", len(d.Contents.Translations)}} {
		if rows.n > MaxRows {
			problems = append(problems, problem(rows.item, rows.name, Label{
				fmt.Sprintf("there are %d rows, and %d are possible", rows.n, MaxRows),
				fmt.Sprintf("%d पंक्तियाँ हैं, अधिकतम %d हो सकती हैं", rows.n, MaxRows)}))
		}
	}
	return problems
}

// checkOrder holds the moments of the occurrence against each other.
func (d *Document) checkOrder() []Problem {
	o := d.Occurrence
	to := o.DateTo
	if to == "" {
		to = o.DateFrom
	}
	switch {
	case !isDay(o.DateFrom) || !isDay(to):
		return nil
	case to < o.DateFrom, to == o.DateFrom && o.TimeFrom != "" && o.TimeTo != "" && o.TimeTo < o.TimeFrom:
		return []Problem{problem(3, "occurrence.date_to", Label{"the occurrence ends before it begins", "घटना का अंत आरम्भ से पहले है"})}
	case !o.ReceivedAt.IsZero() && o.DateFrom > o.ReceivedAt.In(India()).Format(time.DateOnly):
		return []Problem{problem(3, "occurrence.date_from", Label{
			"the occurrence begins after the information was received", "घटना का आरम्भ सूचना मिलने के बाद है"})}
	}
	return nil
}

// checkLaw finds sections that cannot be charged for the day of the occurrence. A day that is not known hinders nothing:
// the gate asks for it.
func (d *Document) checkLaw() []Problem {
	var problems []Problem
	from, to := d.Occurrence.DateFrom, d.Occurrence.DateTo
	if to == "" {
		to = from
	}
	for i, v := range d.Charges {
		name := fmt.Sprintf("charges.%d", i)
		switch {
		case v.Act == IPC && isDay(from) && from >= BNSFrom:
			problems = append(problems, problem(2, name, Label{
				"the IPC does not apply to offences from 1 July 2024: name the section of the BNS",
				"1 जुलाई 2024 से हुए अपराधों पर भा.दं.सं. लागू नहीं है: भा.न्या.सं. की धारा लिखें"}))
		case v.Act == BNS && isDay(to) && to < BNSFrom:
			problems = append(problems, problem(2, name, Label{
				"the BNS does not apply to offences before 1 July 2024: name the section of the IPC",
				"1 जुलाई 2024 से पहले के अपराधों पर भा.न्या.सं. लागू नहीं है: भा.दं.सं. की धारा लिखें"}))
		// Enacted, but never brought into force; confidence high.
		case v.Ref() == Ref{BNS, "106", "(2)"}:
			problems = append(problems, problem(2, name, Label{
				"BNS 106(2) is not in force", "भा.न्या.सं. की धारा 106(2) अभी लागू नहीं है"}))
		}
	}
	return problems
}

// problem looks the label of a field up.
func problem(item int, name string, message Label) Problem {
	return Problem{Item: item, Field: name, Label: labelOf(name), Message: message}
}
