package fir

import "slices"

// Correction is what a clerk changes by hand. Each field that is set replaces its item whole; nil leaves it as it is.
// Its JSON keys are those of Document.
type Correction struct {
	Transcript *string `json:"transcript,omitempty"`
	Summary    *string `json:"summary,omitempty"`
	Narrative  *string `json:"narrative,omitempty"`

	Add     []Violation `json:"add_charges,omitempty"`     // also in place of one of the same section; their Origin becomes ByClerk
	Strike  []Ref       `json:"strike_charges,omitempty"`  // a section that is struck out stays so when it is found again
	Restore []Ref       `json:"restore_charges,omitempty"` // takes a strike back

	Station      *Station     `json:"station,omitempty"`
	Ruling       *Ruling      `json:"ruling,omitempty"`
	Occurrence   *Occurrence  `json:"occurrence,omitempty"`
	Information  *Information `json:"information_type,omitempty"`
	Place        *Place       `json:"place,omitempty"`
	Complainant  *Complainant `json:"complainant,omitempty"`
	Accused      *[]Accused   `json:"accused,omitempty"`
	Delay        *string      `json:"delay_reasons,omitempty"`
	Properties   *[]Property  `json:"properties,omitempty"`
	Inquest      *string      `json:"inquest,omitempty"`
	Translations *[]Passage   `json:"translations,omitempty"`
	Taken        *Taken       `json:"action,omitempty"`
	CopyGiven    *bool        `json:"copy_given,omitempty"`
	Despatch     *Despatch    `json:"despatch,omitempty"`
}

// The names under which corrections are allowed, refused and remembered.
const (
	onTranscript = "transcript"
	onSummary    = "summary"
	onNarrative  = "narrative"
	onCharges    = "charges"
	onStation    = "station"
	onRuling     = "ruling"
	onTaken      = "action"
	onCopyGiven  = "copy_given"
	onDespatch   = "despatch"
	onDetails    = "details" // items 3 to 11 and translations
)

// names lists what the correction changes, and under which name that is allowed.
func (c Correction) names() (fields, allowed []string) {
	for _, f := range []struct {
		set            bool
		field, allowed string
	}{
		{c.Transcript != nil, onTranscript, onTranscript}, {c.Summary != nil, onSummary, onSummary}, {c.Narrative != nil, onNarrative, onNarrative},
		{len(c.Add)+len(c.Strike)+len(c.Restore) > 0, onCharges, onCharges},
		{c.Station != nil, onStation, onStation}, {c.Ruling != nil, onRuling, onRuling}, {c.Taken != nil, onTaken, onTaken},
		{c.CopyGiven != nil, onCopyGiven, onCopyGiven}, {c.Despatch != nil, onDespatch, onDespatch},
		{c.Occurrence != nil, "occurrence", onDetails}, {c.Information != nil, "information_type", onDetails},
		{c.Place != nil, "place", onDetails}, {c.Complainant != nil, "complainant", onDetails}, {c.Accused != nil, "accused", onDetails},
		{c.Delay != nil, "delay_reasons", onDetails}, {c.Properties != nil, "properties", onDetails}, {c.Inquest != nil, "inquest", onDetails},
		{c.Translations != nil, "translations", onDetails},
	} {
		if f.set {
			fields, allowed = append(fields, f.field), append(allowed, f.allowed)
		}
	}
	return fields, allowed
}

// into lays the items of the form over a document, which the caller owns, and tidies it. Texts and charges stand
// elsewhere in sessions and reports, and are theirs to change.
func (c Correction) into(d *Document) error {
	replace(&d.Header.Station, c.Station)
	replace(&d.Ruling, c.Ruling)
	replace(&d.Occurrence, c.Occurrence)
	replace(&d.Information, c.Information)
	replace(&d.Place, c.Place)
	replace(&d.Complainant, c.Complainant)
	replace(&d.Accused, c.Accused)
	replace(&d.Delay, c.Delay)
	replace(&d.Properties, c.Properties)
	replace(&d.Inquest, c.Inquest)
	replace(&d.Contents.Translations, c.Translations)
	replace(&d.Taken, c.Taken)
	replace(&d.ReadOver.CopyGiven, c.CopyGiven)
	replace(&d.Despatch, c.Despatch)
	*d = d.clone() // the slices are the caller's
	return d.tidy()
}

func replace[T any](to, with *T) {
	if with != nil {
		*to = *with
	}
}

// charges returns the list with the corrections made. Strikes are marks, not gaps.
func (c Correction) charges(list []Violation, transcript string) ([]Violation, error) {
	list = cloneViolations(list)
	added := cloneViolations(c.Add)
	for i := range added {
		added[i].Origin, added[i].Struck = ByClerk, false
	}
	added, err := checkViolations(added, transcript)
	if err != nil {
		return nil, err
	}
	for _, v := range added {
		list = append(slices.DeleteFunc(list, func(o Violation) bool { return o.Ref() == v.Ref() }), v)
	}
	if len(list) > MaxViolations {
		return nil, invalid("%d sections are too many: at most %d", len(list), MaxViolations)
	}
	if err := mark(list, c.Strike, true); err != nil {
		return nil, err
	}
	return list, mark(list, c.Restore, false)
}

func mark(list []Violation, refs []Ref, struck bool) error {
	for i, ref := range refs {
		at := indexOf(list, ref)
		if at < 0 {
			return invalid("section %d of %d to strike out or restore does not stand in the list", i+1, len(refs))
		}
		list[at].Struck = struck
	}
	return nil
}
